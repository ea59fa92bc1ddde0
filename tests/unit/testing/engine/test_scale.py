"""Large inputs take the engine a time that grows with their size, not with its square.

The limit is that of every test: what is not linear in 400,000 characters takes minutes or hours.
"""

import random
from collections.abc import Callable

import pytest

from xai.proto.base import which_one_of
from xai.testing.engine.dialogue import Cutter, Prompt
from xai.testing.engine.embedder import embed_text
from xai.testing.engine.library import default_library, sentences, terms
from xai.testing.engine.model import MAX_STOP_CHARACTERS, SampleOptions, default_model
from xai.testing.v1.encryption import OpaqueCodec
from xai.testing.v1.prompt_facts import PromptEntities

SIZE = 400_000

_RANDOM = random.Random(0)  # noqa: S311  # it has to be repeatable
WORDS = " ".join("".join(_RANDOM.choices("abcdefghij", k=6)) for _ in range(SIZE // 7))
NAMES = " ".join(
    "".join(_RANDOM.choices("abcdefghij", k=6)).title() + " x" for _ in range(SIZE // 9)
)

#: Texts of one kind of character each, at which careless searching starts anew everywhere.
TEXTS = {
    "one word": "a" * SIZE,
    "words": WORDS,
    "names": NAMES,
    "spaces": " " * SIZE,
    "line ends": "\n" * SIZE,
    "digits": "1" * SIZE,
    "decimals": "1." * (SIZE // 2),
    "hyphens": "-" * SIZE,
    "dots": "." * SIZE,
    "dotted names": "a." * (SIZE // 2),
    "apostrophes": "a'" * (SIZE // 2),
    "open quotation marks": "\u201c" * SIZE,
    "straight quotation marks": '"' * SIZE,
    "single quotation marks": "' a" * (SIZE // 3),
    "addresses": "a@a." * (SIZE // 4),
    "links": "http://" + "." * SIZE,
    "dates": "2025-01-01T" * (SIZE // 11),
    "hexadecimal": "a1b2c3d4-" * (SIZE // 9),
    "combining marks": "a" + "\u0316\u0301" * (SIZE // 2),
    "Chinese": "".join(chr(_RANDOM.randrange(0x4E00, 0x9FFF)) for _ in range(SIZE)),
}

WORK: dict[str, Callable[[str], object]] = {
    "sentences": sentences,
    "terms": terms,
    "key words": lambda text: default_library().key_words(text, 8),
    "complete": lambda text: default_library().complete(text + "!"),
    "find": lambda text: default_library().find_pages(text),
    "entities": PromptEntities,
    "encrypt": lambda text: OpaqueCodec().encode(text),
}


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("text", TEXTS)
def test_large_text_is_processed_in_linear_time(work: str, text: str) -> None:
    """Each function of the engine gets through each kind of text."""
    WORK[work](TEXTS[text])


@pytest.mark.parametrize("text", ["one word", "words", "spaces", "Chinese"])
def test_large_text_is_tokenized_in_linear_time(text: str) -> None:
    """The tokenizer gets through each kind of text, and back."""
    tokenizer = default_model().tokenizer
    assert tokenizer.detokenize(tokenizer.tokenize(TEXTS[text])) == TEXTS[text]


@pytest.mark.parametrize("text", ["one word", "combining marks"])
def test_large_text_is_embedded_in_linear_time(text: str) -> None:
    """The embedder gets through words without end, and characters without end."""
    embed_text(TEXTS[text])


def test_prompt_of_many_parts_is_joined_once() -> None:
    """Half a million short messages make one prompt."""
    prompt = Prompt()
    for _ in range(SIZE):
        prompt.add_text("a")
        prompt.add_text("\n")
    assert str(prompt) == "a\n" * SIZE
    assert len(prompt.inputs()) == 1


def test_prompt_between_images_is_joined() -> None:
    """Texts next to each other are one part, and images stay between them."""
    prompt = Prompt()
    for text in ("a", "b", ""):
        prompt.add_text(text)
    prompt.add_image("x")
    prompt.add_image("y")
    prompt.add_text("c")
    parts = [which_one_of(part, "payload") for part in prompt.inputs()]
    assert parts == [
        ("text", "ab"),
        ("image_base64", "x"),
        ("image_base64", "y"),
        ("text", "c"),
    ]


@pytest.mark.parametrize(
    "stops",
    [["a" * MAX_STOP_CHARACTERS], [f"{number}!" for number in range(2_000)], ["ab"] * 5_000],
)
def test_stop_strings_of_the_largest_size_and_number(stops: list[str]) -> None:
    """A long stop string and many short ones are looked for in reasonable time."""
    cutter: Cutter[int] = Cutter(stops)
    passed = "".join(text for n in range(500) for text, _ in cutter.push("xaaaa", n))
    assert passed + "".join(text for text, _ in cutter.flush()) == "xaaaa" * 500
    assert not cutter.cut


def test_stop_strings_of_the_model_have_a_limit() -> None:
    """The same holds for those of the model, which are part of the output; more are refused."""
    model = default_model()
    stops = ["a" * 5_000, *(f"{number}!" for number in range(1_000))]
    options = SampleOptions(max_len=500, stop_strings=stops, disallowed_tokens=["<|eos|>"])
    prompt = model.tokenizer.tokenize("The sea is")
    assert sum(1 for _ in model.sample(prompt, options)) == 500
    with pytest.raises(ValueError, match="stop_strings"):
        SampleOptions(stop_strings=["a" * (MAX_STOP_CHARACTERS + 1)])


def test_long_output_costs_the_same_per_token() -> None:
    """Many thousand tokens are drawn, and only the end of them is looked at each time."""
    model = default_model()
    options = SampleOptions(max_len=10_000, temperature=0, disallowed_tokens=["<|eos|>"])
    assert sum(1 for _ in model.sample(model.tokenizer.tokenize("The sea"), options)) == 10_000


def test_many_generations_share_a_prompt() -> None:
    """A prompt is indexed once, however many outputs it gets."""
    model = default_model()
    prompt = model.index(model.tokenizer.tokenize(WORDS))
    generations = [model.sample(prompt, SampleOptions(rng_seed=seed)) for seed in range(1_000)]
    assert len({id(generation.prompt) for generation in generations}) == 1


def test_many_mentions_are_looked_up_in_a_large_message() -> None:
    """An enum of thousands of members is compared with a long message."""
    entities = PromptEntities(WORDS)
    assert not any(entities.mentions(str(number)) for number in range(5_000))
