# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_embedder_local.py
import math

import pytest

import xai
from xai import Client


def likeness(one: list[float], other: list[float]) -> float:
    """Return the cosine of the angle between two vectors of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_texts_alike_are_near(client: Client) -> None:
    """Vectors have length 1; the same text has the same one, a similar text a near one."""
    texts = ["The keeper lights the lamp.", "The keeper lit the lamps.", "Prices fell in May."]
    found = client.embedder.embed([*texts, texts[0]])
    for values, shape in found:
        assert shape == [len(values)]
        assert math.isclose(likeness(values, values), 1.0, rel_tol=1e-5)
    assert found[0] == found[3]
    near = likeness(found[0].values, found[1].values)
    assert near > likeness(found[0].values, found[2].values)
    assert client.embedder.embed(texts) == found[:3]


def test_many_texts_come_in_order(client: Client) -> None:
    """1,000 texts have 1,000 vectors of 1,024 numbers, each that of its text."""
    texts = [f"text number {number}" for number in range(1000)]
    found = client.embedder.embed(texts, "embedder-local-1024")
    assert len(found) == 1000
    assert {len(item.values) for item in found} == {1024}
    assert client.embedder.embed([texts[777]], "embedder-local-1024")[0] == found[777]


def test_unknown_model_is_refused(client: Client) -> None:
    """A name that no model has is an error of the library."""
    with pytest.raises(xai.APIError):
        client.embedder.embed(["a"], "no such model")
