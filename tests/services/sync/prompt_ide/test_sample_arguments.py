# Do not edit: produced by "nox -s generate" from
# tests/services/aio/prompt_ide/test_sample_arguments.py
import pytest

from tests.services.sync.helpers import texts
from tests.support import SECRET_KEY
from xai import Client
from xai.testing import LocalServer


def test_all_but_the_prompt_go_by_name() -> None:
    """The prompt alone may be given by position, and unknown names are refused."""
    client = Client(SECRET_KEY)
    with pytest.raises(TypeError, match="positional"):
        client.sampler.sample("a", ["b"])  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(TypeError, match="top_k"):
        client.sampler.sample("a", top_k=1)  # type: ignore[call-arg]  # the point of the test


def test_refused_call_leaves_the_client_usable(server: LocalServer, client: Client) -> None:
    """After a refused argument the next call works; nothing was sent before."""
    with pytest.raises(ValueError, match="max_len"):
        client.sampler.sample("a", max_len=-1)
    assert server.connections == 0
    assert texts(client.sampler.sample("Does it work?", max_len=1, temperature=0.0))
