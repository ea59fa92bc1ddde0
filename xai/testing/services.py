"""All services of the local server, over one model and one library."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from grpclib.const import Handler

from xai.testing.engine.dialogue import Backend
from xai.testing.engine.library import Library, default_library
from xai.testing.engine.model import default_model
from xai.testing.http_files import HttpFiles
from xai.testing.prompt_ide.chat import LocalStatelessChat
from xai.testing.prompt_ide.compat import LocalCompatChat
from xai.testing.prompt_ide.embedder import LocalEmbedder
from xai.testing.prompt_ide.files import LocalFiles
from xai.testing.prompt_ide.grok import LocalChat
from xai.testing.prompt_ide.sampler import LocalSampler
from xai.testing.prompt_ide.search import LocalSearch
from xai.testing.v1.answers import AnswerPlan
from xai.testing.v1.auth import LocalAuth
from xai.testing.v1.batch import LocalBatches, chat_processor, image_processor, video_processor
from xai.testing.v1.chat import LocalV1Chat
from xai.testing.v1.collection_state import CollectionStore
from xai.testing.v1.collections import LocalCollections
from xai.testing.v1.document_files import DocumentFiles
from xai.testing.v1.documents import LocalDocuments
from xai.testing.v1.embedder import LocalV1Embedder
from xai.testing.v1.file_store import FileStore
from xai.testing.v1.files import LocalV1Files
from xai.testing.v1.image import LocalImages
from xai.testing.v1.indexing import Indexer
from xai.testing.v1.media_source import MediaFiles
from xai.testing.v1.models import LocalModels, Names, fingerprint
from xai.testing.v1.sampler import LocalV1Sampler
from xai.testing.v1.server_tools import ServerTools
from xai.testing.v1.tokenize import LocalTokenize
from xai.testing.v1.video import LocalVideos


class Service(Protocol):
    """What the server needs to know of a service."""

    acls: Mapping[str, str]

    def __mapping__(self) -> Mapping[str, Handler]:
        """Return what answers each path."""
        ...


def make_services(
    models: Sequence[str],
    more_models: Sequence[str],
    token_limit: int,
    token_delay: float,
    http: HttpFiles,
    *,
    answers: AnswerPlan,
) -> tuple[Service, ...]:
    """Return every service, those of the PromptIDE API and those of v1.

    Args:
        models: The names of the models; the first is the default.
        more_models: Names that every service knows, and that only v1 lists.
        token_limit: How many tokens a key may spend; 0 is no limit.
        token_delay: Seconds between two tokens.
        http: Serves the files that URLs in responses lead to.
        answers: What the model of v1's chat says when a test has told it so.
    """
    model, library = default_model(), default_library()
    names = tuple(dict.fromkeys([*models, *more_models]))
    backend = Backend(model, names, token_limit, token_delay)
    return (
        LocalSampler(
            model,
            model_names=names,
            listed_names=models,
            token_limit=token_limit,
            token_delay=token_delay,
        ),
        LocalStatelessChat(backend, library),
        LocalChat(backend, library),
        LocalFiles(),
        LocalEmbedder(names),
        LocalCompatChat(backend),
        LocalSearch(backend, library),
        *_v1_services(backend, http, library, answers),
    )


def _v1_services(
    backend: Backend, http: HttpFiles, library: Library, answers: AnswerPlan
) -> tuple[Service, ...]:
    files = FileStore(http)
    tokenizer = backend.model.tokenizer
    collections = CollectionStore()
    indexer = Indexer(tokenizer, http.faults, http.released)
    names = Names(backend.model_names)
    system_fingerprint = fingerprint(tokenizer)
    media = MediaFiles(http, files)
    tools = ServerTools(collections, library, tokenizer)
    chat = LocalV1Chat(backend, names, system_fingerprint, files, tools, answers=answers)
    images = LocalImages(backend, media)
    videos = LocalVideos(backend, media)
    processors = {
        "completion_request": chat_processor(chat.get_completion),
        "image_request": image_processor(images.generate_image),
        "video_request": video_processor(videos.generate_video, videos.get_deferred_video),
        "video_extension_request": video_processor(videos.extend_video, videos.get_deferred_video),
    }
    return (
        LocalAuth(),
        LocalModels(names, system_fingerprint),
        chat,
        LocalBatches(processors, files.read),
        LocalTokenize(names, tokenizer),
        LocalV1Files(files),
        LocalCollections(collections, DocumentFiles(files), indexer, library),
        LocalDocuments(collections),
        LocalV1Embedder(names.names, system_fingerprint, files.read),
        LocalV1Sampler(backend, names, system_fingerprint),
        videos,
        images,
    )
