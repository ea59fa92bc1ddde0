"""PyInstaller and its like find every module that the library loads late."""

import dis
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import xai
import xai.testing
from xai.xai_sdk import install

PACKAGE = Path(xai.__file__).parent

#: Packages whose names are loaded when they are first used, by a table of strings.
LATE = (xai, xai.v1, xai.testing)


def modules() -> dict[str, Path]:
    """Return the modules of the package, by name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(code: CodeType) -> Iterator[str]:
    """Yield what some byte code imports by name, as such tools read it."""
    name = ""
    for step in dis.get_instructions(code):
        if step.opname == "IMPORT_NAME":
            name = str(step.argval)
            yield name
        elif step.opname == "IMPORT_FROM":
            yield f"{name}.{step.argval}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from imported(constant)


def test_late_modules_are_imported_by_name() -> None:
    """What is loaded by a string, and every command, is reached by import statements as well."""
    known = modules()
    reached: set[str] = set()
    todo = ["xai", "xai.__main__"]
    while todo:
        module = todo.pop()
        if module in reached or module not in known:
            continue
        reached.add(module)
        todo.append(module.rpartition(".")[0])
        path = known[module]
        todo += imported(compile(path.read_text("utf-8"), str(path), "exec"))
    late = {name for name in known if name.startswith("xai.commands.")}
    late |= {home for package in LATE for home in vars(package)["_HOMES"].values()}
    late |= {f"xai.aio.prompt_ide.{name}" for name in install._SERVICES}
    assert late <= set(known)
    assert len(late) > 30
    assert sorted(late - reached) == []
