import hashlib
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai.testing.engine.corpus import DOCUMENTS
from xai.testing.engine.model import LanguageModel, SampledToken, SampleOptions, default_model
from xai.testing.engine.tokenizer import EOS, IMAGE, MARKER, PAD

MODEL = default_model()
TOKENIZER = MODEL.tokenizer
GREEDY = {"temperature": 0.0}

# Text near to what the model knows, so that its contexts are found as well as missed.
_WORDS = st.sampled_from(" ".join(DOCUMENTS).split(" "))
PROMPTS = st.one_of(st.text(max_size=30), st.lists(_WORDS, max_size=8).map(" ".join))
OPTIONS = st.fixed_dictionaries(
    {
        "temperature": st.floats(0, 3),
        "nucleus_p": st.floats(0, 1),
        "rng_seed": st.integers(0, 2**64 - 1),
        "max_len": st.integers(0, 30),
    }
)


def _sample(prompt: str, **options: object) -> list[SampledToken]:
    chosen = SampleOptions(**options)  # type: ignore[arg-type]  # the tests pick the right types
    return list(MODEL.sample(TOKENIZER.tokenize(prompt), chosen))


def _text(prompt: str, **options: object) -> str:
    return TOKENIZER.detokenize(token.token_id for token in _sample(prompt, **options))


def _ids(prompt: str, **options: object) -> list[int]:
    return [token.token_id for token in _sample(prompt, **options)]


# The tokenizer.


@given(st.text(st.characters(), max_size=200))
def test_tokenizer_any_text_comes_back(text: str) -> None:
    """Every string, lone surrogates included, survives being tokenized."""
    assert TOKENIZER.detokenize(TOKENIZER.tokenize(text)) == text


@given(st.text(st.sampled_from(" \u2581<0x41>|eos[PAD]\n\tDoes"), max_size=60))
def test_tokenizer_text_that_looks_like_tokens_comes_back(text: str) -> None:
    """A text that spells markers, bytes or special tokens is still only text."""
    ids = TOKENIZER.tokenize(text)
    assert TOKENIZER.detokenize(ids) == text
    assert not {PAD, EOS, IMAGE} & set(ids)


@given(PROMPTS, PROMPTS)
def test_tokenizer_decoder_gives_the_same_text_token_by_token(first: str, second: str) -> None:
    """Decoding one token at a time gives the text that decoding all of them gives."""
    text = first + "🙂é" + second
    decoder = TOKENIZER.decoder()
    pieces = [decoder.push(token_id) for token_id in TOKENIZER.tokenize(text)]
    assert "".join(pieces) + decoder.finish() == text


def test_tokenizer_known_words_are_single_tokens_with_markers() -> None:
    """A word of the vocabulary is one token, and a leading space is its marker."""
    strings = [TOKENIZER.strings[token_id] for token_id in TOKENIZER.tokenize("Does it work?")]
    assert strings == ["Does", MARKER + "it", MARKER + "work", "?"]


def test_tokenizer_unknown_characters_become_bytes() -> None:
    """What the vocabulary has no piece for becomes its UTF-8 bytes."""
    strings = [TOKENIZER.strings[token_id] for token_id in TOKENIZER.tokenize("é")]
    assert strings == ["<0xC3>", "<0xA9>"]


def test_tokenizer_vocabulary_never_changes_unnoticed() -> None:
    """Token IDs are the same on every machine and Python, so the vocabulary has a fixed hash."""
    digest = hashlib.sha256("\0".join(TOKENIZER.strings).encode()).hexdigest()
    assert (len(TOKENIZER), digest[:16]) == (1443, "c1afae22791723dc")
    assert len(set(TOKENIZER.strings)) == len(TOKENIZER)


# Probabilities.


@given(PROMPTS)
def test_distribution_sums_to_one(prompt: str) -> None:
    """After any prompt the probabilities of the whole vocabulary add up to 1."""
    probs = MODEL.distribution(TOKENIZER.tokenize(prompt), SampleOptions())
    assert len(probs) == len(TOKENIZER)
    assert all(prob >= 0 for prob in probs)
    assert math.isclose(math.fsum(probs), 1, rel_tol=1e-9)


@given(PROMPTS, st.sets(st.integers(0, len(TOKENIZER) - 1), min_size=1, max_size=20))
def test_distribution_over_allowed_tokens_sums_to_one(prompt: str, allowed: set[int]) -> None:
    """With allowed tokens the probability is spread over those alone."""
    options = SampleOptions(allowed_tokens=sorted(allowed))
    probs = MODEL.distribution(TOKENIZER.tokenize(prompt), options)
    assert math.isclose(math.fsum(probs), 1, rel_tol=1e-9)
    assert {token_id for token_id, prob in enumerate(probs) if prob} <= allowed


@given(PROMPTS)
def test_distribution_gives_every_token_but_two_a_chance(prompt: str) -> None:
    """Only padding and the image placeholder are impossible: smoothing covers all others."""
    probs = MODEL.distribution(TOKENIZER.tokenize(prompt), SampleOptions())
    assert [token_id for token_id, prob in enumerate(probs) if prob == 0] == [PAD, IMAGE]


@given(PROMPTS, OPTIONS)
def test_sample_reports_the_models_own_probabilities(
    prompt: str, options: dict[str, object]
) -> None:
    """`prob` and `top_k` say what the distribution says, whatever narrows the choice."""
    probs = MODEL.distribution(TOKENIZER.tokenize(prompt), SampleOptions())
    ranked = sorted(range(len(probs)), key=lambda token_id: (-probs[token_id], token_id))
    for token in _sample(prompt, **{**options, "max_len": 1}):
        assert token.prob == probs[token.token_id]
        assert token.top_k == [(token_id, probs[token_id]) for token_id in ranked[:8]]


def test_prediction_longer_match_is_surer() -> None:
    """The more of the context occurred before, the likelier is what followed there."""
    follower = TOKENIZER.find(MARKER + "steps")
    assert follower is not None
    contexts = ["twelve", "and twelve", "hundred and twelve", "the one hundred and twelve"]
    probs = [
        MODEL.distribution(TOKENIZER.tokenize("x " + context), SampleOptions())[follower]
        for context in contexts
    ]
    assert probs == sorted(probs)
    assert probs[-1] > 0.8


def test_prediction_learns_from_the_prompt() -> None:
    """What the prompt says twice is continued the third time, though the built-in text lacks it."""
    prompt = "zebra crossing quagga. zebra crossing quagga. zebra crossing"
    assert _text(prompt, **GREEDY, stop_strings=["."]) == " quagga."


# Continuing.


def test_does_it_work_is_continued() -> None:
    """The built-in text holds the exchange, and the most likely continuation is its answer."""
    assert _text("Does it work?", **GREEDY, stop_strings=["."]) == " Yes, it does."
    assert _text("Does it work?", **GREEDY, stop_strings=["\n"]) == " Yes, it does.\n"


def test_does_it_work_follows_from_the_text_alone() -> None:
    """A model that has read something else answers something else."""
    other = LanguageModel(["Does it work? Perhaps it does.\n"])
    tokens = other.sample(other.tokenizer.tokenize("Does it work?"), SampleOptions(temperature=0.0))
    assert other.tokenizer.detokenize(t.token_id for t in tokens) == " Perhaps it does.\n"


def test_sample_ends_with_the_document() -> None:
    """Where a document of the built-in text ends, the output ends too and says so."""
    generation = MODEL.sample(
        TOKENIZER.tokenize("Then I wish you a"), SampleOptions(temperature=0.0)
    )
    ids = [token.token_id for token in generation]
    assert TOKENIZER.detokenize(ids) == " good day.\n"
    assert generation.finish_reason == "stop"


@given(PROMPTS, OPTIONS)
def test_sample_never_exceeds_max_len(prompt: str, options: dict[str, object]) -> None:
    """There are at most `max_len` tokens; 0 gives none."""
    assert len(_sample(prompt, **options)) <= options["max_len"]  # type: ignore[operator]  # an int


def test_sample_cut_off_says_length() -> None:
    """An output that `max_len` ended has another reason than one that came to its end."""
    generation = MODEL.sample([], SampleOptions(max_len=3))
    assert len(list(generation)) == 3
    assert generation.finish_reason == "length"


# Settings.


@given(PROMPTS, OPTIONS)
def test_sample_same_seed_gives_same_tokens(prompt: str, options: dict[str, object]) -> None:
    """Equal requests with equal seeds give equal outputs, the global generator untouched."""
    before = random.getstate()
    assert _sample(prompt, **options) == _sample(prompt, **options)
    assert random.getstate() == before


def test_sample_seeds_matter() -> None:
    """Different seeds give different outputs when the temperature leaves a choice."""
    outputs = {_text("The", temperature=1.0, nucleus_p=1.0, rng_seed=n) for n in range(20)}
    assert len(outputs) > 10


@given(PROMPTS, st.integers(0, 100))
def test_sample_without_temperature_ignores_the_seed(prompt: str, seed: int) -> None:
    """With temperature 0 the likeliest token is taken, whatever the seed."""
    ids = _ids(prompt, temperature=0.0, max_len=10, rng_seed=seed)
    assert ids == _ids(prompt, temperature=0.0, max_len=10)
    assert ids == _ids(prompt, temperature=1.0, nucleus_p=0.0, max_len=10, rng_seed=seed)


def test_sample_temperature_flattens_the_choice() -> None:
    """Drawn often enough, a higher temperature brings more different tokens."""

    def kinds(temperature: float) -> int:
        options = {"temperature": temperature, "nucleus_p": 1.0, "max_len": 1}
        return len({tuple(_ids("The", **options, rng_seed=seed)) for seed in range(100)})

    assert kinds(0.05) <= kinds(0.7) < kinds(3.0)


@pytest.mark.parametrize("prompt", ["The", "zz", "a good"])
def test_sample_frequencies_match_the_probabilities(prompt: str) -> None:
    """At temperature 1 without a nucleus, tokens come as often as their probability says."""
    probs = MODEL.distribution(TOKENIZER.tokenize(prompt), SampleOptions())
    best = max(range(len(probs)), key=probs.__getitem__)
    draws = 1500
    options = {"temperature": 1.0, "nucleus_p": 1.0, "max_len": 1}
    hits = sum(_ids(prompt, **options, rng_seed=seed) == [best] for seed in range(draws))
    # Four standard deviations; the seeds are fixed, so the outcome is too.
    allowance = 4 * math.sqrt(draws * probs[best] * (1 - probs[best])) + 1
    assert abs(hits - draws * probs[best]) < allowance


@given(st.floats(0.05, 0.99), st.integers(0, 200))
def test_sample_stays_inside_the_nucleus(nucleus_p: float, seed: int) -> None:
    """Only the likeliest tokens that reach `nucleus_p` together are ever drawn."""
    probs = MODEL.distribution(TOKENIZER.tokenize("The"), SampleOptions())
    mass, nucleus = 0.0, []
    for token_id in sorted(range(len(probs)), key=lambda t: (-probs[t], t)):
        nucleus.append(token_id)
        mass += probs[token_id]
        if mass >= nucleus_p + 1e-9:
            break
    options = {"temperature": 1.0, "nucleus_p": nucleus_p, "max_len": 1, "rng_seed": seed}
    assert set(_ids("The", **options)) <= set(nucleus)


@given(
    PROMPTS,
    OPTIONS,
    st.lists(st.integers(0, len(TOKENIZER) - 1), min_size=1, max_size=5),
    st.data(),
)
def test_sample_draws_allowed_tokens_only(
    prompt: str, options: dict[str, object], allowed: list[int], data: st.DataObject
) -> None:
    """Tokens that are not allowed never appear, whether named by ID or written out."""
    named = [data.draw(st.sampled_from([t, TOKENIZER.strings[t]])) for t in allowed]
    assert set(_ids(prompt, **options, allowed_tokens=named)) <= set(allowed)


@given(PROMPTS, OPTIONS)
def test_sample_never_draws_disallowed_tokens(prompt: str, options: dict[str, object]) -> None:
    """What the model would say first is not said once it is disallowed."""
    first = _ids(prompt, temperature=0.0, max_len=3)
    tokens = _ids(prompt, **options, disallowed_tokens=first) if first else []
    assert not set(first) & set(tokens)


def test_sample_disallowed_strings_need_not_exist() -> None:
    """Strings that are no token are ignored, because callers send every form of a word."""
    banned = ["Yes", MARKER + "Yes", "nosuchtokenatall"]
    assert "Yes" not in _text("Does it work?", **GREEDY, disallowed_tokens=banned, max_len=5)


def test_sample_stop_token_is_not_part_of_the_output() -> None:
    """A stop token ends the output and is left out."""
    assert _text("Does it work?", **GREEDY, stop_tokens=[".", MARKER + "."]) == " Yes, it does"


def test_sample_stop_string_spans_tokens_and_is_part_of_the_output() -> None:
    """A stop string is found across the borders of tokens and stays."""
    assert _text("Does it work?", **GREEDY, stop_strings=["s, it d"]) == " Yes, it does"


def test_sample_stop_string_spans_bytes() -> None:
    """A stop string of several bytes a character is found when its last byte arrives."""
    prompt = "été café. été café. été"
    assert _text(prompt, **GREEDY, stop_strings=["fé"]) == " café"


@given(PROMPTS, OPTIONS, st.text("aeiot .", min_size=1, max_size=3))
def test_sample_stops_at_the_first_stop_string(
    prompt: str, options: dict[str, object], stop: str
) -> None:
    """A stop string can occur only in what the last token completed."""
    ids = _ids(prompt, **options, stop_strings=[stop])
    assert stop not in TOKENIZER.detokenize(ids[:-1])


def test_sample_ignores_empty_stop_strings() -> None:
    """An empty stop string doesn't end the output before it began."""
    assert _text("Does it work?", **GREEDY, stop_strings=["", "."]) == " Yes, it does."


@given(PROMPTS, OPTIONS)
@settings(max_examples=50)
def test_attention_covers_all_earlier_positions(prompt: str, options: dict[str, object]) -> None:
    """Attention has one weight for each earlier position and adds up to 1."""
    size = len(TOKENIZER.tokenize(prompt))
    for token in _sample(prompt, **options, return_attention=True):
        assert len(token.attention) == size
        assert size == 0 or math.isclose(math.fsum(token.attention), 1)
        size += 1
    assert all(not token.attention for token in _sample(prompt, **options))


def test_attention_looks_at_the_token_that_is_copied() -> None:
    """When the prompt itself decided, the copied token gets the largest weight."""
    prompt = TOKENIZER.tokenize("zebra crossing quagga. zebra crossing")
    options = SampleOptions(temperature=0.0, return_attention=True, max_len=1)
    (token,) = MODEL.sample(prompt, options)
    assert prompt[max(range(len(prompt)), key=token.attention.__getitem__)] == token.token_id


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"max_len": -1}, "max_len"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": math.nan}, "temperature"),
        ({"temperature": math.inf}, "temperature"),
        ({"nucleus_p": 1.1}, "nucleus_p"),
        ({"nucleus_p": -0.1}, "nucleus_p"),
        ({"nucleus_p": math.nan}, "nucleus_p"),
        ({"allowed_tokens": ["a"], "disallowed_tokens": ["b"]}, "together"),
        ({"allowed_tokens": ["nosuchtokenatall"]}, "none of the tokens"),
        ({"disallowed_tokens": [10**6]}, "1000000"),
    ],
)
def test_sample_bad_settings_are_refused(options: dict[str, object], text: str) -> None:
    """Settings that mean nothing raise an error that names them, before anything is drawn."""
    with pytest.raises(ValueError, match=text):
        _sample("x", **options)


def test_sample_bad_prompt_is_refused() -> None:
    """A token ID that doesn't exist is named."""
    with pytest.raises(ValueError, match="99999"):
        MODEL.sample([99999], SampleOptions())


@pytest.mark.parametrize("temperature", [1e-300, 1e-9, 1e9])
def test_sample_survives_extreme_temperatures(temperature: float) -> None:
    """Temperatures far from common ones neither overflow nor run dry."""
    assert len(_ids("Does it", temperature=temperature, nucleus_p=0.9, max_len=2)) == 2


def test_sample_repetitive_prompt_stays_cheap() -> None:
    """A long prompt of one token is looked up in bounded time: it ends at all."""
    assert len(_sample("a " * 20_000, max_len=20, disallowed_tokens=[EOS])) == 20
