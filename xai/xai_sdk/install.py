"""Lets programs written for a package ``xai_sdk`` run on this one."""

import sys
from types import ModuleType

from xai._validation import given

_SERVICES = ("chat", "compat", "embedder", "files", "grok", "sampler")
_SHAPES = ("prompt-ide", "1")


def install_as_xai_sdk(shape: str | None = "prompt-ide") -> None:
    """Make ``import xai_sdk`` give this library, in the shape of a package of that name.

    A second call for the same shape does nothing.

    Args:
        shape: ``"prompt-ide"`` for PromptIDE's package: ``Client`` (asynchronous services,
            blocking ``compat``), ``does_it_work`` and one module a service. ``"1"`` for xai-sdk
            1.x: ``Client``, ``AsyncClient`` and the modules of that package, each loaded when it
            is first used; `xai.xai_sdk` lists where it differs.

    Raises:
        RuntimeError: Another package of that name, or the other shape, is imported already.
        TypeError: The shape is not a str.
        ValueError: There is no such shape.

    Example:
        >>> import xai
        >>> xai.install_as_xai_sdk("1")
        >>> import xai_sdk
    """
    shape = given(shape, "prompt-ide")
    if not isinstance(shape, str):
        raise TypeError(f"shape must be a str, not {type(shape).__name__}")
    if shape not in _SHAPES:
        raise ValueError(f"shape must be one of {', '.join(map(repr, _SHAPES))}, not {shape!r}")
    marker = f"xai-client {shape}"
    found = sys.modules.get("xai_sdk")
    if found is not None:
        made_for = getattr(found, "__provided_by__", None)
        if made_for == marker:
            return
        if made_for is not None:
            raise RuntimeError(f"xai_sdk is installed already, in another shape than {shape!r}")
        raise RuntimeError(
            "another package called xai_sdk is imported already: call install_as_xai_sdk before "
            "anything imports it"
        )
    if shape == "1":
        from xai.xai_sdk.finder import install_finder

        install_finder()
        return
    from xai.xai_sdk.finder import is_installed

    if is_installed():
        raise RuntimeError(f"xai_sdk is installed already, in another shape than {shape!r}")
    _install_prompt_ide().__dict__["__provided_by__"] = marker


def _install_prompt_ide() -> ModuleType:
    from importlib import import_module

    from xai.sync.prompt_ide.does_it_work import does_it_work
    from xai.xai_sdk.prompt_ide import Client

    # Never a package on disk of that name: it would shadow the real one in every project.
    module = ModuleType("xai_sdk", "The PromptIDE package, provided by xai-client.")
    module.__file__ = __file__
    module.__path__ = []
    services = {name: import_module(f"xai.aio.prompt_ide.{name}") for name in _SERVICES}
    module.__dict__.update(services, Client=Client, does_it_work=does_it_work)
    sys.modules["xai_sdk"] = module
    for name, service in services.items():
        sys.modules[f"xai_sdk.{name}"] = service
    return module


install_as_xai_sdk.__module__ = "xai"
