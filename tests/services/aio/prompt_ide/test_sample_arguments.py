import pytest

from tests.services.aio.helpers import texts
from tests.support import SECRET_KEY
from xai import AsyncClient
from xai.testing import LocalServer


def test_all_but_the_prompt_go_by_name() -> None:
    """The prompt alone may be given by position, and unknown names are refused."""
    client = AsyncClient(SECRET_KEY)
    with pytest.raises(TypeError, match="positional"):
        client.sampler.sample("a", ["b"])  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(TypeError, match="top_k"):
        client.sampler.sample("a", top_k=1)  # type: ignore[call-arg]  # the point of the test


async def test_refused_call_leaves_the_client_usable(
    server: LocalServer, client: AsyncClient
) -> None:
    """After a refused argument the next call works; nothing was sent before."""
    with pytest.raises(ValueError, match="max_len"):
        client.sampler.sample("a", max_len=-1)
    assert server.connections == 0
    assert await texts(client.sampler.sample("Does it work?", max_len=1, temperature=0.0))
