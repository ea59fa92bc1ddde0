import inspect
import re
from collections.abc import Iterator

import pytest

from xai.aio.v1.auth import AsyncAuth
from xai.aio.v1.batch import AsyncBatches
from xai.aio.v1.chat.chat import AsyncChat
from xai.aio.v1.chat.deferred import AsyncDeferred
from xai.aio.v1.chat.service import AsyncChats
from xai.aio.v1.embedder import AsyncEmbedder
from xai.aio.v1.image import AsyncImages
from xai.aio.v1.models import AsyncModels
from xai.aio.v1.sampler import AsyncSampler
from xai.aio.v1.tokenize import AsyncTokenize
from xai.aio.v1.video import AsyncVideos
from xai.aio.v1.video_job import AsyncVideoJob
from xai.proto.base import Method
from xai.proto.xai_api import auth, batch, chat, embed, image, models, sample, tokenize, video

#: The modules of the services.
MODULES = (auth, batch, chat, embed, image, models, sample, tokenize, video)
CLASSES = (
    *(AsyncAuth, AsyncBatches, AsyncChat, AsyncChats, AsyncDeferred, AsyncEmbedder),
    *(AsyncImages, AsyncModels, AsyncSampler, AsyncTokenize),
    *(AsyncVideoJob, AsyncVideos),
)
#: What sends nothing before the first iteration, and its siblings.
STREAMS = {"stream", "stream_batch", "stream_parse", "run_stream"}
#: What waits in a time that began before is for the module itself; a file is only written.
CALL_NOBODY = {"wait_within", "write_input"}
PATHS = {
    value.path for module in MODULES for value in vars(module).values() if isinstance(value, Method)
}


def calling() -> Iterator[object]:
    """Return the public methods that make calls."""
    for cls in CLASSES:
        for name, method in inspect.getmembers(cls, inspect.isfunction):
            waits = inspect.iscoroutinefunction(method) or name in STREAMS
            if waits and not name.startswith("_") and name not in CALL_NOBODY:
                yield pytest.param(method, id=f"{cls.__name__}.{name}")


@pytest.mark.parametrize("method", list(calling()))
def test_methods_say_which_calls_they_make(method: object) -> None:
    """The documentation names paths that exist, and the errors of a call that fails."""
    text = inspect.getdoc(method) or ""
    _, found, paths = text.partition("RPC: ")
    assert found
    named = re.findall(r"``(/[^`]+)``", paths)
    assert named
    assert set(named) <= PATHS
    assert "Error: " in text
