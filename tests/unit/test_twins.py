"""The converter, its drift check, and the parity of what it produces."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import twins
import xai
import xai.aio
import xai.sync
from tests.support import ROOT

PACKAGE = Path(xai.__file__).parent


def convert(source: str) -> str:
    """Return the twin of a text."""
    return twins.Converter().convert(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("async def f(): pass\n", "def f(): pass\n"),
        (
            "async def f():\n    async with a as b, c: pass\n",
            "def f():\n    with a as b, c: pass\n",
        ),
        ("async def f():\n    await g()\n", "def f():\n    g()\n"),
        (
            "async def f():\n    return [await g(x) async for x in y]\n",
            "def f():\n    return [g(x) for x in y]\n",
        ),
        (
            "F = Callable[[A], Awaitable[tuple[T, B[U]] | None]]\n",
            "F = Callable[[A], tuple[T, B[U]] | None]\n",
        ),
        (
            "async def f():\n    await (\n        g()\n    )\n",
            "def f():\n    (\n        g()\n    )\n",
        ),
    ],
)
def test_keywords_are_dropped(source: str, expected: str) -> None:
    """Every form of ``async`` and ``await`` goes, with the blank after it."""
    assert convert(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = (await g()).name", "x = g().name"),
        ("x = list((await g(a, b)[0]).names)", "x = list(g(a, b)[0].names)"),
        ("x = (await g() + 1).name", "x = (g() + 1).name"),
        ("x = (await g() or h).name", "x = (g() or h).name"),
        ("f(await g())", "f(g())"),
        ("x = f[0](await g())", "x = f[0](g())"),
        ("x = (\n        await g()\n    )", "x = (\n        g()\n    )"),
    ],
)
def test_parentheses_go_only_if_they_held_an_await_together(source: str, expected: str) -> None:
    """Parentheses around one awaited call go; those of calls, sums and line breaks stay."""
    begin = "async def f():\n    "
    assert convert(f"{begin}{source}\n") == f"def f():\n    {expected}\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("AsyncClient", "Client"),
        ("_AsyncCore", "_Core"),
        ("AsyncIterator", "Iterator"),
        ("AsyncRetrying", "Retrying"),
        ("__aenter__", "__enter__"),
        ("__aexit__", "__exit__"),
        ("__aiter__", "__iter__"),
        ("__anext__", "__next__"),
        ("StopAsyncIteration", "StopIteration"),
        ("x.aclose", "x.close"),
        ("anext", "next"),
        ("aiter", "iter"),
        ("xai.aio.client", "xai.sync.client"),
        ("sampler_public_aio", "sampler_public_sync"),
        ("aiox", "aiox"),
    ],
)
def test_names_follow_the_table(source: str, expected: str) -> None:
    """A name is mapped as a whole, in code, strings, f-strings and comments alike."""
    text = "x = {0}\ny = '{0}'  # {0}\nz = f'é {{u!r}} {0} {{v:>{{w}}}} é' + {0}\n"
    assert convert(text.format(source)) == text.format(expected)


def test_import_of_a_transport_is_taken_from_the_blocking_module() -> None:
    """Asynchronous names of that module come from the blocking one, the others stay."""
    source = (
        "if x:\n    from xai.runtime.transport.asynchronous import (\n"
        "  AsyncTransport as T,\n  Request,\n    )\n"
    )
    assert convert(source) == (
        "if x:\n    from xai.runtime.transport.blocking import BlockingTransport as T\n"
        "    from xai.runtime.transport.asynchronous import Request\n"
    )


def test_docstring_examples_are_converted_with_the_code() -> None:
    """Keywords go from examples and code spans, ``asyncio.run`` as well."""
    source = '''
def f():
    """Do it with an `AsyncClient` in an ``async with`` block.

    Example:
        import asyncio

        async def main():
            async for token in client.sample(await x()):
                print(token)

        asyncio.run(main())

    Returns:
        What an asynchronous client returns.
    """
'''
    assert (
        convert(source)
        == '''
def f():
    """Do it with a `Client` in an ``with`` block.

    Example:
        def main():
            for token in client.sample(x()):
                print(token)

        main()

    Returns:
        What a blocking client returns.
    """
'''
    )


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import asyncio\n", "asyncio has no place here"),
        ("async def f():\n    return f'{await g()}'\n", "line 2: true of one twin only"),
        ("# Here we await something.\n", "line 1: true of one twin only"),
        ("def f():\n    '''Return a coroutine.'''\n", "line 2: true of one twin only"),
        ("is_async = 1\n", "no rule for the name is_async"),
        ("MyAsync()\n", "no rule for the name MyAsync"),
        ("x = 1  # twin: sometimes\n", "line 1: not a mark"),
        ("x = 1\n# twin: async-only\n", "line 2: not a mark"),
        ("x = (\n", "<text>"),
    ],
)
def test_what_cannot_be_converted_is_an_error_with_its_line(source: str, problem: str) -> None:
    """Text without a blocking counterpart is refused, not guessed at."""
    with pytest.raises(twins.TwinError, match=re.escape(problem)):
        convert(source)


def test_marks_drop_and_replace_lines() -> None:
    """The two comments for what has to differ do what they say."""
    source = "a = 1\nb = 2  # twin: async-only\nif a:\n    # twin: sync c = 4\n    c = 3\nd = 5\n"
    assert convert(source) == "a = 1\nif a:\n    c = 4\nd = 5\n"


def test_rule_without_a_match_is_named() -> None:
    """A rule that no input needed is reported, unless the table says why it may be idle."""
    converter = twins.Converter()
    converter.convert("async def f():\n    await AsyncX().__aenter__()\n")
    unused = converter.unused()
    assert "__aexit__" in unused
    assert not {"async", "await", "Async", "__aenter__", "anext"} & set(unused)


def test_every_optional_rule_has_a_reason() -> None:
    """No rule is excused without a word why."""
    assert all(twins.OPTIONAL.values())


def test_generated_twins_are_up_to_date(tmp_path: Path) -> None:
    """What is in the package and in the tests is what the converter writes, file for file."""
    twins.generate(tmp_path, ROOT, package=PACKAGE)
    assert read(tmp_path / "xai/sync") == read(PACKAGE / "sync")
    found = read(ROOT / "tests/services/sync")
    converted = {
        name: text for name, text in found.items() if Path(name).name not in twins.HAND_WRITTEN
    }
    assert read(tmp_path / "tests/services/sync") == converted


def read(folder: Path) -> dict[str, str]:
    """Return the Python files below a folder."""
    files = sorted(folder.rglob("*.py"))
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}


def public_modules(package: ModuleType = xai.aio) -> list[str]:
    """Return the names of the modules of a twin, without the package's."""
    # Without the prefix the walk would not find its way into packages below, and say nothing.
    prefix = f"{package.__name__}."
    found = pkgutil.walk_packages(package.__path__, prefix=prefix)
    return sorted(module.name.removeprefix(prefix) for module in found)


def test_packages_have_the_same_modules() -> None:
    """Each module of one twin has its counterpart in the other, in the packages below as well."""
    names = public_modules()
    assert names == public_modules(xai.sync)
    assert {"client", "v1", "v1.chat.chat", "v1.tokenize"} <= set(names)


@pytest.mark.parametrize("name", public_modules())
def test_twins_offer_the_same(name: str) -> None:
    """Names, signatures, defaults, annotations and docstrings are equal after mapping."""
    asynchronous = importlib.import_module(f"xai.aio.{name}")
    blocking = importlib.import_module(f"xai.sync.{name}")
    expected = {mapped(key): value for key, value in described(asynchronous)}
    assert dict(described(blocking)) == {key: mapped(value) for key, value in expected.items()}
    assert not [key for key, value in members(blocking) if inspect.iscoroutinefunction(value)]


def members(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield the public names of a module and the methods of its classes."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        yield name, value
        if not inspect.isclass(value):
            continue
        for attribute, member in vars(value).items():
            if isinstance(member, property):
                yield f"{name}.{attribute}", member.fget
            elif isinstance(member, (classmethod, staticmethod)):
                yield f"{name}.{attribute}", member.__func__
            elif inspect.isfunction(member) and (attribute[0] != "_" or attribute[-2:] == "__"):
                yield f"{name}.{attribute}", member


def described(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the members of a module as text: signature and docstring."""
    for name, value in members(module):
        signature = inspect.signature(value) if callable(value) else ""
        yield name, f"{signature}\n{plain(inspect.getdoc(value) or '')}"


def plain(text: str) -> str:
    """Return prose without what the layout and an article may change."""
    return re.sub(r"\b([Aa])n\b", r"\1", " ".join(text.split()))


def mapped(text: str) -> str:
    """Return the blocking form of a text, found independently of the converter."""
    text = re.sub(r"\bAsyncTransport\b", "BlockingTransport", text)
    text = re.sub(r"\b(_*)Async(?=[A-Z])", r"\1", text)
    text = re.sub(r"\basync (?=def|for|with)|\bawait ", "", text)
    text = re.sub(r"\basynchronous\b", "blocking", text)
    text = text.replace("Asynchronous", "Blocking").replace("StopAsync", "Stop")
    text = text.replace("xai.aio", "xai.sync").replace("_aio.", "_sync.")
    nested = r"(?:[^][]|\[(?:[^][]|\[[^][]*\])*\])*"
    text = re.sub(rf"(?:collections\.abc|typing)\.Awaitable\[({nested})\]", r"\1", text)
    text = re.sub(
        r"xai\.runtime\.transport\.asynchronous\.(BlockingTransport|ByteStream|ReadLock)",
        r"xai.runtime.transport.blocking.\1",
        text,
    )
    text = text.replace("_asyncio.Future", "xai.runtime.transport.blocking.Reply")
    # Where the asynchronous twin takes both kinds, the blocking one takes its own.
    text = re.sub(r"(collections\.abc\.Iterable\[~\w+\]) \| \1", r"\1", text)
    return re.sub(r"\b__a(enter|exit|iter|next)__", r"__\1__", text)
