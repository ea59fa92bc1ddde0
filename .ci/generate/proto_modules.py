"""The modules of the result: their text, and the classes cut out of betterproto's."""

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from proto_sources import TOOLS, WELL_KNOWN, GenerateError, Source, comment


@dataclass
class Module:
    """A module of the result while it is put together."""

    name: str
    source: str
    doc: str
    imports: dict[str, str] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    body: list[str] = field(default_factory=list)

    def use(self, home: str, name: str) -> str:
        """Import a name, unless it is defined here, and return it."""
        if home == self.name:
            return name
        if name in self.defined or self.imports.setdefault(name, home) != home:
            raise GenerateError(f"{self.name}: two things are called {name}")
        return name

    def define(self, name: str) -> None:
        """Take note of a name that is defined here."""
        if name in self.defined or name in self.imports:
            raise GenerateError(f"{self.name}: two things are called {name}")
        self.defined.add(name)

    def text(self) -> str:
        """Return the source, not formatted yet."""
        lines = [banner(self.source), docstring(self.doc, self.source), ""]
        for name, home in sorted(self.imports.items()):
            lines.append(f"from {home} import {name}" if home else f"import {name}")
        return "\n".join([*lines, "", *self.body])


def docstring(text: str, where: str, indent: str = "") -> str:
    """Return a docstring, indented."""
    text = comment(text, where)
    if "\n" in text or text.endswith('"'):
        text += "\n"
    return textwrap.indent(f'"""{text}"""', indent)


def banner(source: str) -> str:
    """Return the first line of a module."""
    return f"# Generated from {source} ({TOOLS}). Do not edit."


def routes(stub: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of each method of a client made by betterproto."""
    for method in stub.body:
        if isinstance(method, ast.AsyncFunctionDef):
            texts = [str(node.value) for node in ast.walk(method) if isinstance(node, ast.Constant)]
            yield method.name, next(text for text in texts if text.startswith("/"))


class ClassText:
    """Cuts the classes out of a module of betterproto, and finishes each."""

    def __init__(
        self, text: str, tree: ast.Module, package: str, sources: Iterable[Source]
    ) -> None:
        self._lines = text.splitlines()
        self._package = package
        self._members: dict[str, Sequence[str]] = {}
        self._secrets: dict[str, Sequence[str]] = {}
        for source in sources:
            self._members |= source.members
            self._secrets |= source.secrets
        self._aliases: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.Import):
                self._aliases |= {name.asname: name.name for name in node.names if name.asname}
            elif isinstance(node, ast.ImportFrom) and node.level:
                parts = package.split(".")[: -(node.level - 1) or None]
                home = ".".join([*parts, *filter(None, [node.module])])
                for name in node.names:
                    self._aliases[name.asname or name.name] = f"{home}.{name.name}"

    def finished(
        self, node: ast.ClassDef, module: Module, homes: dict[tuple[str, str], str]
    ) -> str:
        """Return a class with our base, our docstrings and no hooks."""
        if ast.get_docstring(node) is None:
            raise GenerateError(f"{node.name}: a comment is missing")
        decorators = [self._lines[item.lineno - 1] for item in node.decorator_list]
        if decorators:
            module.use("dataclasses", "dataclass")
            module.use("", "betterproto")
        kind = "Message" if decorators else "Enum"
        found = [*decorators, f"class {node.name}(base.{kind}):"]
        for item in self._named(node):
            lines = self._lines[item.lineno - 1 : item.end_lineno]
            if isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant):
                found.append(docstring(str(item.value.value), node.name, "    ") + "\n")
            elif isinstance(item, ast.FunctionDef):
                # Warns of deprecated fields whenever a message is made, read ones included.
                if item.name != "__post_init__":
                    raise GenerateError(f"{node.name}.{item.name} is not expected")
            elif isinstance(item, ast.AnnAssign):
                found.append(self._field("\n".join(lines), item, module, homes))
            elif not isinstance(item, ast.Pass):
                found.append(f"    {ast.unparse(item)}")
        secrets = self._secrets.get(node.name)
        if secrets:
            found.append(f"    _secrets = frozenset({{{', '.join(map(repr, secrets))}}})")
        return "\n".join(found) + "\n"

    def _named(self, node: ast.ClassDef) -> Iterator[ast.stmt]:
        """Yield what is in a class, with the members of an enum called as on the wire.

        betterproto cuts the name of the enum off. People who look a member up would have to know
        that, JSON would have other names than everybody's, and some would begin with a digit.
        """
        names = self._members.get(node.name, ())
        members = [item for item in node.body if isinstance(item, ast.Assign)]
        if len(members) != len(names):
            raise GenerateError(f"{node.name}: betterproto has other members than expected")
        for name, member in zip(names, members, strict=True):
            member.targets = [ast.Name(name)]
        yield from node.body

    def _field(
        self, text: str, item: ast.AnnAssign, module: Module, homes: dict[tuple[str, str], str]
    ) -> str:
        """Import what a field's type refers to, and drop the alias of a foreign package."""
        kind = item.annotation
        if isinstance(kind, ast.Constant):
            kind = ast.parse(str(kind.value), mode="eval").body
        for part in ast.walk(kind):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                alias = part.value.id
                if alias == "builtins":
                    module.use("", alias)
                    continue
                package = self._aliases[alias]
                home = WELL_KNOWN if package == WELL_KNOWN else homes[package, part.attr]
                module.use(home, part.attr)
                text = re.sub(rf"\b{alias}\.{part.attr}\b", part.attr, text)
            elif isinstance(part, ast.Name) and part.id in ("datetime", "timedelta"):
                module.use("datetime", part.id)
            elif isinstance(part, ast.Name) and (self._package, part.id) in homes:
                module.use(homes[self._package, part.id], part.id)
        return text
