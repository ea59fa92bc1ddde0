import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xai
from tests.support import run_child
from xai import Client
from xai.testing import LocalServer
from xai.testing.engine.embedder import DEFAULT_SIZE, embed_text

KEEPER = "The keeper lights the lamp of the lighthouse every evening."


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of a local server."""
    with LocalServer() as server, server.client() as client:
        yield client


def nearness(one: str, other: str) -> float:
    """Return the cosine of the angle between two texts."""
    return math.fsum(a * b for a, b in zip(embed_text(one), embed_text(other), strict=True))


def test_embeddings_come_in_the_order_of_the_texts(client: Client) -> None:
    """Each text has its vector, the same that it has alone, up to what a float holds."""
    texts = ["one", KEEPER, "", "one"]
    found = client.embedder.embed(texts)
    assert [item.shape for item in found] == [[DEFAULT_SIZE]] * 4
    for text, item in zip(texts, found, strict=True):
        assert item.values == pytest.approx(embed_text(text), abs=1e-6)
    assert found[0] == found[3]


def test_no_texts_have_no_embeddings(client: Client) -> None:
    """An empty request has an empty answer."""
    assert client.embedder.embed([]) == []


@pytest.mark.parametrize(
    ("model_name", "size"),
    [
        ("", 256),
        ("embedder-local", 256),
        ("grok-local", 256),
        ("embedder-local-1024", 1024),
        ("grok-local-8", 8),
    ],
)
def test_model_name_decides_about_the_length(client: Client, model_name: str, size: int) -> None:
    """A number at the end of the model's name is the length of its vectors."""
    (values, shape) = client.embedder.embed([KEEPER], model_name)[0]
    assert (len(values), shape) == (size, [size])
    assert math.fsum(value * value for value in values) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "model_name", ["other", "other-256", "embedder-local-7", "embedder-local-5000", "-256", "256"]
)
def test_unknown_model_is_not_found(client: Client, model_name: str) -> None:
    """Models that the server does not have are NOT_FOUND."""
    with pytest.raises(xai.NotFoundError, match=model_name):
        client.embedder.embed([KEEPER], model_name)


def test_thousand_texts_arrive_whole(client: Client) -> None:
    """A reply of four megabytes has every text in its place."""
    texts = [f"text {number}" for number in range(1000)]
    found = client.embedder.embed(texts, "embedder-local-1024")
    assert len(found) == 1000
    for number in (0, 500, 999):
        assert found[number].values == pytest.approx(embed_text(texts[number], 1024), abs=1e-6)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(8, 300))
def test_vectors_have_the_length_one_or_nothing_to_say(text: str, size: int) -> None:
    """Every text has a finite vector of the size asked for, of length 1 or 0."""
    values = embed_text(text, size)
    length = math.sqrt(math.fsum(value * value for value in values))
    assert len(values) == size
    assert length == pytest.approx(1) or not any(values)


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_text_without_a_word_is_zero(text: str) -> None:
    """What says nothing is near to nothing: its vector is 0, not a number that is none."""
    assert not any(embed_text(text))


@pytest.mark.parametrize(
    ("near", "far"),
    [
        ("The keepers light the lamps of lighthouses every evening.", "Bake a loaf of bread."),
        ("Every evening the keeper lights the lamp.", "Every hundred years the river rises."),
        ("the KEEPER of the lighthouse", "the baker of the village"),
        ("The keeper lihgts the lamp of the lighthuose evry evening.", "Two plus two is four."),
    ],
)
def test_similar_texts_are_nearer_than_others(near: str, far: str) -> None:
    """Inflections, order, letter case and typing mistakes matter less than the words do."""
    assert nearness(KEEPER, near) > nearness(KEEPER, far) + 0.2


def test_letter_case_and_space_do_not_matter() -> None:
    """Texts that differ only there are the same text."""
    assert nearness("A  stone\nBridge", "a stone bridge") == pytest.approx(1)


def test_embedding_is_the_same_in_every_process() -> None:
    """The hash has no seed of the process: other interpreters find the same vector."""
    script = (
        f"from xai.testing.engine.embedder import embed_text\nprint(embed_text({KEEPER!r})[:20])"
    )
    outputs = {run_child(script, env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2")}
    assert outputs == {f"{embed_text(KEEPER)[:20]}\n"}


def test_embedder_needs_its_acl() -> None:
    """Only embedder:write embeds."""
    with LocalServer(api_keys={"no": ["chat:write"], "yes": ["embedder:write"]}) as server:
        with server.client() as client, pytest.raises(xai.PermissionDeniedError):
            client.embedder.embed(["x"])
        with server.client(api_key="yes") as client:
            assert len(client.embedder.embed(["x"])) == 1
