"""Arguments of the embedder that are refused before anything is sent, and how lists are split."""

import pickle
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xai import v1
from xai.proto.xai_api import embed as pb
from xai.v1.embedder import EmbeddingInput, check_inputs, make_input, make_request, read_reply
from xai.v1.splitting import split_by_size


@pytest.mark.parametrize(
    ("inputs", "error", "text"),
    [
        ([], ValueError, "inputs must not be empty"),
        (5, TypeError, "inputs must be a str, an image, or a sequence of these, not int"),
        ({"a"}, TypeError, "inputs must be a str, an image, or a sequence of these, not set"),
        (["a", 5], TypeError, r"inputs\[1\] must be a str, or an image"),
        (["a", ["b"]], TypeError, r"inputs\[1\] must be a str, or an image"),
        (None, TypeError, "inputs must be a str, an image, or a sequence of these, not NoneType"),
    ],
)
def test_bad_inputs_are_refused(inputs: object, error: type[Exception], text: str) -> None:
    """The argument is named, with the place of the item."""
    with pytest.raises(error, match=f"^{text}"):
        check_inputs(inputs)  # type: ignore[arg-type]  # the point of the test


def test_part_that_is_no_image_is_refused() -> None:
    """A file is no image, and neither is nothing."""
    for part in (v1.file("f-1"), type(v1.text("a"))()):
        with pytest.raises(ValueError, match=r"^inputs\[3\] must be a text or an image, not"):
            make_input(3, part)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"model": ""}, ValueError, "model must not be empty"),
        ({"model": None}, TypeError, "model must be a str"),
        ({"encoding_format": "int8"}, ValueError, "encoding_format must be one of 'float', 'base"),
        ({"encoding_format": 1}, TypeError, "encoding_format must be one of 'float', 'base64'"),
        ({"user": ""}, ValueError, "user must not be empty"),
        ({"user": 1}, TypeError, "user must be a str"),
    ],
)
def test_bad_settings_are_refused(
    arguments: dict[str, object], error: type[Exception], text: str
) -> None:
    """The argument is named."""
    with pytest.raises(error, match=f"^{text}"):
        make_request(**{"model": "m", **arguments})  # type: ignore[arg-type]  # the point of the test


def test_single_inputs_are_lists_of_one() -> None:
    """A text is one input, not one for each letter, and bytes are an image."""
    singles: list[EmbeddingInput] = ["text", b"\x89PNG\r\n\x1a\n", v1.image("https://x.ai/a.png")]
    for single in singles:
        assert check_inputs(single) == [single]


def test_missing_numpy_is_an_error_that_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else works without it."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    vectors = [pb.FeatureVector(float_array=[1.0, 2.0])]
    reply = pb.EmbedResponse(embeddings=[pb.Embedding(embeddings=vectors)])
    found = read_reply(reply, 0, 1)
    assert found.to_list() == [[1.0, 2.0]]
    for convert in (found.to_numpy, found[0].to_numpy):
        with pytest.raises(ImportError, match=r"pip install \"xai-client\[numpy\]\""):
            convert()


def test_results_are_values() -> None:
    """They can be compared, pickled, and not be changed."""
    vectors = [pb.FeatureVector(float_array=[1.0, 2.0])]
    reply = pb.EmbedResponse(embeddings=[pb.Embedding(embeddings=vectors)], id="e-1")
    found = read_reply(reply, 0, 1)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  # made right here
    assert "2.0" not in repr(found)
    with pytest.raises(AttributeError):
        found.model = "other"  # type: ignore[misc]  # the point of the test


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(1, 10), st.integers(56, 200))
def test_runs_cover_the_list_and_fit(sizes: list[int], max_count: int, max_bytes: int) -> None:
    """Every item is in one run, in order, and every run fits into a request."""
    runs = split_by_size("items", sizes, max_count=max_count, max_bytes=max_bytes)
    assert [place for start, end in runs for place in range(start, end)] == list(range(len(sizes)))
    for start, end in runs:
        assert 1 <= end - start <= max_count
        assert sum(size + 6 for size in sizes[start:end]) <= max_bytes


def test_item_that_fits_into_no_request_is_named() -> None:
    """The error has its place, its size and what there is room for."""
    text = r"^items\[1\] has 95 bytes, .* leaves room for 94$"
    with pytest.raises(ValueError, match=text):
        split_by_size("items", [1, 95], max_count=10, max_bytes=100)
