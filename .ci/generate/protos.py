"""Produce ``xai/proto`` from ``proto``: betterproto's output, finished mechanically.

Usage: ``python .ci/generate/protos.py OUT_DIR``

betterproto writes one module for each package, with messages, clients and servers in it. Here it
becomes four for each .proto file (``X``, ``X_aio``, ``X_sync`` and ``X_server``), with the base
classes of ``xai.proto.base`` and a table of the methods, so that a program loads what it uses.
What cannot be finished this way is an error that names the place in the .proto file.
"""

import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from proto_modules import ClassText, Module, banner, docstring, routes
from proto_sources import (
    FOLDER,
    PACKAGE,
    GenerateError,
    Service,
    Source,
    check_names,
    compile_protos,
)

ROOT = Path(__file__).resolve().parents[2]

STUB_MODULES = {
    "aio": ("asynchronous", "async def", "await ", "Async"),
    "sync": ("blocking", "def", "", ""),
}

PACKAGE_MODULE = '''
from typing import TYPE_CHECKING

if TYPE_CHECKING:
{imports}
else:

    def __getattr__(name):
        """Load a message or an enum when it is first used (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
        from importlib import import_module

        value = getattr(import_module(f"{{__name__}}.{{home}}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the messages and enums, loaded or not."""
    return sorted({{*globals(), *__all__}})


_HOMES = {homes}

__all__ = {names}
'''

STUB_METHOD = """
    {keyword} {name}(
        self,
        {argument}: {request},
        *,
        timeout: float | Timeouts | NotGiven | None = NOT_GIVEN,
        metadata: Metadata = (),
    ) -> {reply}:
{doc}
        pairs, metadata = conceal(metadata), ()
        return {call}({constant}, {argument}, timeout=timeout, metadata=pairs)
"""

SERVER_METHOD = """
    {keyword} {name}(self, {argument}: {request}) -> {reply}:
{doc}
        raise self._unimplemented({constant})
"""


class Finisher:
    """Turns the modules of packages into those of files.

    Args:
        sources: All .proto files.
        raw: The folder betterproto wrote to.
    """

    def __init__(self, sources: Sequence[Source], raw: Path) -> None:
        self._sources = sources
        self._raw = raw
        #: Module and class of each message and enum, by its full name in the .proto file.
        self._places = {
            full: (source.module, name) for source in sources for full, name in source.types.items()
        }
        #: The module of a class, by its package and its name.
        self._homes = {
            (source.package, name): source.module
            for source in sources
            for name in source.types.values()
        }
        if len(self._homes) < len(self._places):
            raise GenerateError("two messages of one package have the same name in Python")
        if len({source.module for source in sources}) < len(sources):
            raise GenerateError("two .proto files would become the same module")

    def modules(self) -> Iterator[Module]:
        """Yield every module of the result."""
        for source in self._sources:
            check_names(source)
        made = {source.module: self._empty(source, "") for source in self._sources}
        services = {source.module: source.services(self._places) for source in self._sources}
        for package in sorted({source.package for source in self._sources}):
            found = self._fill(package, made)
            expected = {
                f"{service.name}Stub": {rpc.name: rpc.path for rpc in service.rpcs}
                for source in self._sources
                if source.package == package
                for service in services[source.module]
            }
            if found != expected:
                raise GenerateError(f"{package}: betterproto has other services than expected")
            yield self._package_module(package)
        for source in self._sources:
            offered = services[source.module]
            self._add_table(made[source.module], offered)
            yield made[source.module]
            if offered:
                yield self._stub_module(source, offered, "aio")
                yield self._stub_module(source, offered, "sync")
                yield self._server_module(source, offered)

    @staticmethod
    def _empty(source: Source, kind: str) -> Module:
        name = source.module + (f"_{kind}" if kind else "")
        if not kind:
            return Module(name, source.file.name, source.doc)
        what = STUB_MODULES[kind][0] if kind in STUB_MODULES else "server's side of the"
        return Module(name, source.file.name, f"The {what} services of {source.file.name}.")

    def _fill(self, package: str, made: dict[str, Module]) -> dict[str, dict[str, str]]:
        """Distribute betterproto's classes of a package over its modules; return its services."""
        path = self._raw.joinpath(*package.split(".")[2:], "__init__.py")
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        mine = [source for source in self._sources if source.package == package]
        classes = ClassText(text, tree, package, mine)
        expected = {name for home, name in self._homes if home == package}
        stubs: dict[str, dict[str, str]] = {}
        for node in tree.body:
            if not isinstance(node, ast.ClassDef):
                continue
            if (package, node.name) in self._homes:
                expected.remove(node.name)
                module = made[self._homes[package, node.name]]
                module.define(node.name)
                module.body.append(classes.finished(node, module, self._homes))
            elif ast.unparse(node.bases[0]) == "betterproto.ServiceStub":
                stubs[node.name] = dict(routes(node))
        if expected:
            raise GenerateError(f"betterproto left out {sorted(expected)}")
        return stubs

    @staticmethod
    def _add_table(module: Module, services: Iterable[Service]) -> None:
        for rpc in (rpc for service in services for rpc in service.rpcs):
            module.use("typing", "Final")
            module.define(rpc.constant)
            module.body.append(
                f'{rpc.constant}: Final = base.Method("{rpc.path}",'
                f" {module.use(*rpc.request)}, {module.use(*rpc.reply)},"
                f" client_streaming={rpc.upload},"
                f" server_streaming={rpc.streaming}, idempotent={rpc.idempotent})"
            )
        if module.body:
            module.use(PACKAGE, "base")

    def _stub_module(self, source: Source, services: Iterable[Service], kind: str) -> Module:
        module = self._empty(source, kind)
        _, define, wait, prefix = STUB_MODULES[kind]
        for name in ("NOT_GIVEN", "Metadata", "NotGiven", "Timeouts"):
            module.use("xai.options", name)
        module.use("xai._secrets", "conceal")
        base = module.use(f"{PACKAGE}.base", f"{prefix}ServiceStub")
        for service in services:
            name = f"{prefix}{service.name}Stub"
            module.define(name)
            doc = docstring(service.doc, name, "    ")
            module.body.append(f"class {name}({base}):\n{doc}\n")
            for rpc in service.rpcs:
                request = module.use(*rpc.request)
                if rpc.upload:
                    many = module.use("collections.abc", f"{prefix}Iterable")
                    request = f"{many}[{request}]"
                reply = module.use(*rpc.reply)
                stream = module.use("xai._streams", f"{prefix}Stream") if rpc.streaming else ""
                text = STUB_METHOD.format(
                    keyword="def" if stream else define,
                    name=rpc.name,
                    argument="requests" if rpc.upload else "request",
                    request=request,
                    reply=f"{stream}[{reply}]" if stream else reply,
                    doc=docstring(rpc.doc, rpc.path, "        "),
                    call="self._stream"
                    if stream
                    else f"{wait}self.{'_upload' if rpc.upload else '_unary'}",
                    constant=module.use(source.module, rpc.constant),
                )
                module.body.append(text)
        return module

    def _server_module(self, source: Source, services: Iterable[Service]) -> Module:
        module = self._empty(source, "server")
        base = module.use(f"{PACKAGE}.server_base", "ServiceBase")
        handler = module.use(f"{PACKAGE}.server_base", "Handler")
        for service in services:
            name = f"{service.name}Base"
            module.define(name)
            module.body.append(f"class {name}({base}):\n{docstring(service.doc, name, '    ')}\n")
            table = []
            for rpc in service.rpcs:
                reply = module.use(*rpc.reply)
                constant = module.use(source.module, rpc.constant)
                request = module.use(*rpc.request)
                if rpc.streaming:
                    reply = f"{module.use('collections.abc', 'AsyncIterator')}[{reply}]"
                if rpc.upload:
                    request = f"{module.use('collections.abc', 'AsyncIterator')}[{request}]"
                text = SERVER_METHOD.format(
                    keyword="def" if rpc.streaming else "async def",
                    name=rpc.name,
                    argument="requests" if rpc.upload else "request",
                    request=request,
                    reply=reply,
                    doc=docstring(rpc.doc, rpc.path, "        "),
                    constant=constant,
                )
                module.body.append(text)
                kind = "upload" if rpc.upload else "stream" if rpc.streaming else "unary"
                table.append(f"{constant}.path: self._{kind}_handler({constant}, self.{rpc.name}),")
            module.body.append(
                f"    def __mapping__(self) -> dict[str, {handler}]:\n"
                '        """Return what answers each path, as grpclib asks for it."""\n'
                f"        return {{{' '.join(table)}}}\n"
            )
        return module

    def _package_module(self, package: str) -> Module:
        homes = {
            name: home.rpartition(".")[2]
            for (of, name), home in sorted(self._homes.items())
            if of == package
        }
        short = package.removeprefix(f"{PACKAGE}.")
        module = Module(
            f"{package}.__init__",
            f"the package {short}",
            f"The messages and enums of the package {short}, each loaded when it is first used.",
        )
        imports = [f"    from {package}.{home} import {name}" for name, home in homes.items()]
        text = PACKAGE_MODULE.format(imports="\n".join(imports), homes=homes, names=[*homes])
        module.body.append(text)
        return module


def write(modules: Iterable[Module], folder: Path) -> None:
    """Write modules below a folder that stands for the repository, and format them."""
    packages: set[Path] = set()
    for module in modules:
        path = folder.joinpath(*module.name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(module.text(), encoding="utf-8", newline="\n")
        packages |= set(path.relative_to(folder / FOLDER).parents) - {Path()}
    for package in sorted(packages):
        path = folder / FOLDER / package / "__init__.py"
        if not path.exists():
            name = ".".join(package.parts)
            text = f'{banner(f"the package {name}")}\n"""The packages below {name}."""\n'
            path.write_text(text, encoding="utf-8", newline="\n")
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet", str(folder)]
    # No folder is left out: a temporary one may lie in one that ruff or git skips, such as .nox.
    options = [*options, "--config", "exclude = []", "--no-respect-gitignore"]
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--select", "I,F401", "--fix-only", *options], check=True)
    subprocess.run([*ruff, "format", *options], check=True)


def generate(out: Path, root: Path = ROOT) -> None:
    """Write the generated part of ``xai/proto`` below a folder that stands for the repository.

    Args:
        out: Where ``xai/proto`` is written; files that are there stay, unless they are replaced.
        root: The repository with the .proto files.

    Raises:
        GenerateError: The .proto files are wrong, or hold what is not supported.
    """
    # Always in a folder elsewhere first: ruff has exceptions for the generated files in theirs.
    with tempfile.TemporaryDirectory() as temporary:
        raw, result = Path(temporary, "raw"), Path(temporary, "result")
        raw.mkdir()
        result.mkdir()
        sources = compile_protos(root / "proto", raw)
        write(Finisher(sources, raw).modules(), result)
        shutil.copytree(result, out, dirs_exist_ok=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        generate(Path(sys.argv[1]))
    except GenerateError as error:
        sys.exit(f"{error}")
