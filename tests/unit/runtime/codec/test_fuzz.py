import os
import random
import time
from collections.abc import Iterator
from typing import TypeAlias

import betterproto
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.runtime.codec.codec_corpus import CORPUS
from tests.unit.runtime.codec.codec_support import (
    accepted,
    classes,
    deterministic,
    google,
    google_messages,
    unknown_fields,
)
from tests.unit.runtime.codec.kitchen_sink import (
    Choice,
    Nothing,
    Numbers,
    Optionals,
    Repeated,
    Scalars,
    Unpacked,
)
from xai.runtime.codec import api as codec

#: How long to go on with new seeds; a quick look with one seed when it is not set.
SECONDS = float(os.environ.get("XAI_FUZZ_SECONDS", "0"))
ROUNDS = 5_000

#: In others upb takes the entries of maps that have unknown fields for unknown as a whole, or there
#: are times, which are rounded.
EXACT = (Choice, Nothing, Numbers, Optionals, Repeated, Scalars, Unpacked)

Sample: TypeAlias = tuple[type[betterproto.Message], bytes]


def corpus() -> list[Sample]:
    """Return what to start from."""
    lines = [line.split() for line in CORPUS.splitlines()]
    return [(classes()[name][0], bytes.fromhex(text)) for name, text in lines]


def check(cls: type[betterproto.Message], data: bytes) -> bool:
    """Assert that bytes are refused when Google refuses them, and read as Google reads them.

    Returns:
        Whether they were read.
    """
    theirs = accepted(cls, data)
    refusal = None
    try:
        message = codec.decode(cls, data)
    except codec.DecodeError as error:
        refusal = error
    if refusal is not None:
        # upb lets the number 0 pass where it knows no field, and times may be of any year.
        excused = "the number 0" in str(refusal) or isinstance(refusal.__cause__, OverflowError)
        assert theirs is None or excused, (cls, data.hex(), refusal)
        return False
    assert theirs is not None, (cls, data.hex())
    written = codec.encode(message)
    assert codec.encode(codec.decode(cls, written)) == written, (cls, data.hex())
    again = google(cls).FromString(written)
    if cls in EXACT:
        # By the texts as well: floats that are NaN lose which of the many they are.
        same = deterministic(again) == deterministic(theirs) or str(again) == str(theirs)
        assert same, (cls, data.hex())
    return True


def mutated(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Return bytes with a few changes, some of them parts of other bytes."""
    result = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(result) + 1)
        to = rng.randrange(len(result) + 1)
        what = rng.randrange(7)
        if what == 0:
            result[at : at + 1] = rng.randbytes(1)
        elif what == 1:
            result[at:at] = bytes([rng.choice([0, 1, 2, 127, 128, 255])])
        elif what == 2:
            result[at:at] = bytes([rng.randrange(1, 32) << 3 | rng.randrange(8)])
        elif what == 3:
            del result[min(at, to) : max(at, to)]
        elif what == 4:
            result[at:at] = other[: rng.randrange(len(other) + 1)]
        elif what == 5:
            result += other
        elif result:
            result[at % len(result)] ^= 1 << rng.randrange(8)
    return bytes(result)


def fuzz(seed: int) -> Iterator[bool]:
    """Check mutations of the corpus, and of those that were read; yield whether each was read."""
    rng = random.Random(seed)  # noqa: S311  # nothing is secret here
    samples = corpus()
    while True:
        cls, data = rng.choice(samples)
        data = mutated(rng, data, rng.choice(samples)[1])[:2000]
        read = check(cls, data)
        if read and len(samples) < 3000:
            samples.append((cls, data))
        yield read


@pytest.mark.timeout(SECONDS + 240)
def test_mutations_of_the_corpus_are_read_as_by_google_or_refused() -> None:
    """Whatever the bytes, Google's reader finds the same or refuses them as well.

    ``XAI_FUZZ_SECONDS=600 pytest tests/unit/runtime/codec/test_fuzz.py`` goes on for so long.
    """
    end = time.monotonic() + SECONDS
    seed = 0 if not SECONDS else time.time_ns()
    while True:
        run = fuzz(seed)
        read = sum(next(run) for _ in range(ROUNDS))
        assert ROUNDS / 20 < read < ROUNDS * 19 / 20, (
            f"the mutations are too wild or too tame: {read}"
        )
        if time.monotonic() >= end:
            return
        seed += 1


def test_bytes_may_end_anywhere() -> None:
    """Each message of the corpus, cut off after each byte, is read as by Google or refused."""
    for cls, data in corpus():
        for end in range(len(data) + 1):
            check(cls, data[:end])


@settings(max_examples=300)
@given(data=st.data(), noise=st.binary(max_size=60))
def test_random_bytes_are_read_as_by_google_or_refused(data: st.DataObject, noise: bytes) -> None:
    """Noise, alone or between two messages, never raises anything but the one error."""
    cls, theirs = classes()[data.draw(st.sampled_from(sorted(classes())))]
    before = deterministic(data.draw(google_messages(theirs)))
    after = data.draw(unknown_fields(theirs, depth=1))
    for mixed in (noise, before + noise, before + noise + after):
        check(cls, mixed)
