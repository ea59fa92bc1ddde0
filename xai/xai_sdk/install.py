"""Lets programs written for the PromptIDE package ``xai_sdk`` run on this one."""

import sys
from types import ModuleType

_SERVICES = ("chat", "compat", "embedder", "files", "grok", "sampler")


def install_as_xai_sdk() -> None:
    """Make ``import xai_sdk`` give this library, in the shape of PromptIDE's package.

    The module has ``Client`` (asynchronous services, blocking ``compat``), ``does_it_work`` and
    one module a service. A second call does nothing.

    Raises:
        RuntimeError: Another package of that name is imported already.

    Example:
        >>> import xai
        >>> xai.install_as_xai_sdk()
        >>> import xai_sdk
    """
    found = sys.modules.get("xai_sdk")
    if found is not None:
        if getattr(found, "__file__", None) == __file__:
            return
        raise RuntimeError("another package called xai_sdk is imported already")
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


install_as_xai_sdk.__module__ = "xai"
