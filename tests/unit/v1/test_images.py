"""Requests for images: what is sent for each argument, and what is refused."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import xai
from xai import v1
from xai.proto.xai_api import image as pb
from xai.v1.images import image_request

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def request(**options: Any) -> pb.GenerateImageRequest:  # noqa: ANN401  # also wrong ones
    """Return a request with some options."""
    return image_request("A tree", "m", 1, **options)


def test_what_is_not_given_is_not_sent() -> None:
    """None is the same as nothing, and the format is sent always."""
    bare = request()
    assert bare == pb.GenerateImageRequest(
        prompt="A tree", model="m", n=1, format=pb.ImageFormat.IMG_FORMAT_URL
    )
    assert request(**dict.fromkeys(v1.ImageOptions.__annotations__)) == bare
    for field in ("aspect_ratio", "resolution", "quality", "storage_options", "image"):
        assert not bare.is_set(field)


def test_every_name_has_its_number() -> None:
    """Each string of a literal is a member of the enum, and every member has a string."""
    for option, enum in (
        ("aspect_ratio", pb.ImageAspectRatio),
        ("resolution", pb.ImageResolution),
        ("quality", pb.ImageQuality),
    ):
        alias = getattr(v1, "Image" + "".join(part.title() for part in option.split("_")))
        sent = [getattr(request(**{option: name}), option) for name in alias.__args__]
        assert sorted(sent) == [number for number in enum if number]
    tall = request(aspect_ratio="9:19.5").aspect_ratio
    assert tall is pb.ImageAspectRatio.IMG_ASPECT_RATIO_9_19_5
    assert request(image_format="base64").format == pb.ImageFormat.IMG_FORMAT_BASE64
    assert request(quality=pb.ImageQuality.IMG_QUALITY_HIGH).quality == 3


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"aspect_ratio": "5:4"}, ValueError, "aspect_ratio must be one of 'auto', '1:1', .*'5:4'"),
        ({"resolution": 1}, TypeError, "resolution must be one of '1k', '2k'"),
        ({"quality": "best"}, ValueError, "quality must be one of 'low', 'medium', 'high'"),
        ({"image_format": "png"}, ValueError, "image_format must be one of 'url', 'base64'"),
        ({"user": 5}, TypeError, "user must be a str"),
        ({"image_url": "a", "image_file_id": "b"}, ValueError, "image_url and image_file_id"),
        ({"image_url": "a", "image_urls": []}, ValueError, "can't be given together"),
        ({"images": [PNG], "image_file_ids": ["a"]}, ValueError, "image_file_ids and images"),
        ({"image_url": ""}, ValueError, "image_url must not be empty"),
        ({"image_urls": "https://a"}, TypeError, "image_urls must be a sequence of str"),
        ({"image_urls": ["https://a", ""]}, ValueError, r"image_urls\[1\] must not be empty"),
        ({"images": ["a.png"]}, ValueError, r"images\[0\] .*pathlib\.Path.* FileId"),
        ({"images": [b""]}, ValueError, r"images\[0\] must not be empty"),
        ({"images": [b"GIF89a"]}, ValueError, r"images\[0\] must be a PNG, JPEG or WebP"),
        ({"images": [PNG * 600_000]}, ValueError, r"images\[0\] must have at most 10485760 bytes"),
        ({"images": [3]}, TypeError, r"images\[0\] must be a URL, a FileId, .* not int"),
        ({"size": "1k"}, TypeError, "there is no argument size"),
        ({"user": "\ud800"}, ValueError, "user must be text that can be sent"),
        ({"storage_options": "a"}, TypeError, "storage_options must be a mapping with filename"),
        ({"storage_options": {}}, ValueError, "must have the key 'filename'"),
        ({"storage_options": {"filename": 'a"b'}}, ValueError, "none of"),
        ({"storage_options": {"filename": "a" * 256}}, ValueError, "255 characters"),
        ({"storage_options": {"filename": "a", "ttl": 1}}, ValueError, "unknown key 'ttl'"),
        (
            {"storage_options": {"filename": "a", "expires_after": 60}},
            ValueError,
            r"\['expires_after'\] must be from 3600 to 2592000 seconds",
        ),
        (
            {"storage_options": {"filename": "a", "expires_after": "3600"}},
            TypeError,
            "int of seconds or a timedelta, not str",
        ),
        (
            {"storage_options": {"filename": "a", "public_url": 1}},
            TypeError,
            r"\['public_url'\] must be a bool",
        ),
        (
            {
                "storage_options": {
                    "filename": "a",
                    "public_url": {"expires_after": timedelta(seconds=1.5)},
                }
            },
            ValueError,
            "whole seconds",
        ),
    ],
)
def test_argument_that_is_not_valid_is_named(
    options: dict[str, Any], error: type[Exception], said: str
) -> None:
    """The error says which argument it is, and what was expected."""
    with pytest.raises(error, match=said):
        request(**options)


@pytest.mark.parametrize(
    ("prompt", "model", "n", "error", "said"),
    [
        ("", "m", 1, ValueError, "prompt must not be empty"),
        (b"x", "m", 1, TypeError, "prompt must be a str"),
        ("x", None, 1, TypeError, "model must be a str"),
        ("x", "m", 0, ValueError, "n must be from 1 to 10"),
        ("x", "m", 11, ValueError, "n must be from 1 to 10"),
        ("x", "m", True, TypeError, "n must be an int"),
    ],
)
def test_prompt_model_and_number_are_checked(
    prompt: Any,  # noqa: ANN401  # also wrong ones
    model: Any,  # noqa: ANN401
    n: Any,  # noqa: ANN401
    error: type[Exception],
    said: str,
) -> None:
    """What every request needs is checked as well."""
    with pytest.raises(error, match=said):
        image_request(prompt, model, n)


def test_storage_options_become_their_message() -> None:
    """Times are seconds, a public URL may be plain or have a time, and a message is taken."""
    options: dict[str, Any] = {"filename": "a.png", "expires_after": timedelta(hours=1)}
    sent = request(storage_options=options).storage_options
    assert sent == pb.StorageOptions(filename="a.png", expires_after=3600)
    assert sent is not None
    assert not sent.is_set("public_url")
    for public, seconds in ((True, None), ({}, None), ({"expires_after": 5}, 5)):
        sent = request(storage_options={**options, "public_url": public}).storage_options
        assert sent is not None
        assert sent.public_url == pb.PublicUrlOptions(expires_after=seconds)
    sent = request(storage_options={**options, "public_url": False}).storage_options
    assert sent is not None
    assert sent.public_url is None
    message = pb.StorageOptions(filename="anything")
    assert request(storage_options=message).storage_options is message


def test_prepared_request_has_an_id_only_when_one_is_given(tmp_path: Path) -> None:
    """Nothing is sent, a path is read, and an ID that is not given is not set."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    prepare = xai.Client("the key of nobody").v1.image.prepare
    bare = prepare("A tree", "m")
    assert bare.batch_request_id is None
    assert bare.image_request.n == 1
    named = prepare("A tree", "m", batch_request_id="r-1", images=[path], quality="high")
    assert named.batch_request_id == "r-1"
    assert named.image_request.images[0].image_url.startswith("data:image/png;base64,iVBOR")
    with pytest.raises(ValueError, match="batch_request_id must not be empty"):
        prepare("A tree", "m", batch_request_id="")


def test_file_id_is_checked() -> None:
    """An ID is a str that is not empty."""
    with pytest.raises(TypeError, match="file_id must be a str"):
        v1.FileId(5)  # type: ignore[arg-type]  # what the test is about
    with pytest.raises(ValueError, match="file_id must not be empty"):
        v1.FileId("")
