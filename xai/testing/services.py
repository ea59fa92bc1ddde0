"""All services of the local server, over one model and one library."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from grpclib.const import Handler

from xai.testing.engine.dialogue import Backend
from xai.testing.engine.library import default_library
from xai.testing.engine.model import default_model
from xai.testing.prompt_ide.chat import LocalStatelessChat
from xai.testing.prompt_ide.compat import LocalCompatChat
from xai.testing.prompt_ide.embedder import LocalEmbedder
from xai.testing.prompt_ide.files import LocalFiles
from xai.testing.prompt_ide.grok import LocalChat
from xai.testing.prompt_ide.sampler import LocalSampler
from xai.testing.prompt_ide.search import LocalSearch
from xai.testing.v1.auth import LocalAuth
from xai.testing.v1.chat import LocalV1Chat
from xai.testing.v1.models import LocalModels, Names, fingerprint
from xai.testing.v1.tokenize import LocalTokenize


class Service(Protocol):
    """What the server needs to know of a service."""

    acls: Mapping[str, str]

    def __mapping__(self) -> Mapping[str, Handler]:
        """Return what answers each path."""
        ...


def make_services(
    models: Sequence[str], token_limit: int, token_delay: float
) -> tuple[Service, ...]:
    """Return every service, the documented ones and those of today's API.

    Args:
        models: The names of the models; the first is the default.
        token_limit: How many tokens a key may spend; 0 is no limit.
        token_delay: Seconds between two tokens.
    """
    model, library = default_model(), default_library()
    backend = Backend(model, tuple(models), token_limit, token_delay)
    return (
        LocalSampler(model, model_names=models, token_limit=token_limit, token_delay=token_delay),
        LocalStatelessChat(backend, library),
        LocalChat(backend, library),
        LocalFiles(),
        LocalEmbedder(models),
        LocalCompatChat(backend),
        LocalSearch(backend, library),
        *_todays_services(backend),
    )


def _todays_services(backend: Backend) -> tuple[Service, ...]:
    tokenizer = backend.model.tokenizer
    names = Names(backend.model_names)
    set_up = fingerprint(tokenizer)
    return (
        LocalAuth(),
        LocalModels(names, set_up),
        LocalV1Chat(backend, names, set_up),
        LocalTokenize(names, tokenizer),
    )
