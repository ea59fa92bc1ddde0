"""All checks: plain ``nox`` runs those that CI runs.

``generate``, ``drift``, ``lint``, ``types`` and ``docs`` use the environment that nox itself runs
in (``pip install -e ".[dev]"``), so that an editor's tools and these are the same. ``tests``,
``wheel`` and ``bench`` get environments of their own and see nothing but the built wheel.
"""

import argparse
import contextlib
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nox
import nox.command

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = "CI" in os.environ
nox.options.sessions = [
    "lint",
    "drift",
    "types",
    "docs",
    "wheel",
    "oldest",
    "tests-3.10",
    "tests-3.13",
]

ROOT = Path(__file__).resolve().parent
VERSIONS = ("3.10", "3.11", "3.12", "3.13")


def _offer_pyenv() -> None:
    """Let nox find the interpreters of pyenv, also those not chosen in the current shell."""
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    found = sorted(path for path in root.glob("3.*") if path.name.startswith(VERSIONS))
    if found:
        # The first is for the shims, which come first in PATH; the second for PATH without them.
        os.environ["PYENV_VERSION"] = ":".join(path.name for path in found)
        os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *(f"{p}/bin" for p in found)])


_offer_pyenv()

#: Results of the generators, and what was written by hand among them.
GENERATED = ("xai/proto", "xai/sync", "xai/xai_sdk/v1/sync", "tests/services/sync")
HAND_WRITTEN = frozenset(
    {
        "tests/services/sync/conftest.py",
        "tests/services/sync/stubs/conftest.py",
        "tests/services/sync/v1/bulk/conftest.py",
        "tests/services/sync/v1/collections/conftest.py",
        "tests/services/sync/v1/conftest.py",
        "xai/proto/__init__.py",
        "xai/proto/base.py",
        "xai/proto/server_base.py",
        "xai/proto/status_details.py",
    }
)

#: What a run of the tests needs besides the wheel. The package's source is not among it.
CHECKOUT = (
    ".ci",
    ".docs",
    ".github",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "README.md",
    "noxfile.py",
    "proto",
    "pyproject.toml",
    "stubs",
    "tests",
)

#: What the unit tests need of the extra "dev".
UNIT_TESTS = (
    "betterproto",
    "freezegun",
    "grpcio",
    "hypothesis",
    "jsonschema",
    "pytest",
    "rich",
    "ruff",
    "time-machine",
    "tqdm",
    "trustme",
    "xai-sdk",
)

#: The versions of all that an installation with every extra brings along, as last looked at.
LOCK = ROOT / ".ci" / "runtime.lock"

#: The only files of a wheel that are not files of the package.
DIST_INFO = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


def _python(session: nox.Session, *arguments: str) -> None:
    session.run(sys.executable, *arguments, external=True)


def _generated_files(root: Path) -> dict[str, bytes]:
    files = (
        path
        for folder in GENERATED
        for path in (root / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    named = {path.relative_to(root).as_posix(): path for path in files}
    return {name: named[name].read_bytes() for name in sorted(named.keys() - HAND_WRITTEN)}


def _compare(expected: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    lines = [f"missing: {name}" for name in expected.keys() - found.keys()]
    lines += [f"stray: {name}" for name in found.keys() - expected.keys()]
    both = expected.keys() & found.keys()
    lines += [f"different: {name}" for name in both if expected[name] != found[name]]
    return sorted(lines)


def _compare_generated(session: nox.Session) -> dict[str, bytes]:
    """Return what the generators write, after telling how that differs from what is there."""
    with tempfile.TemporaryDirectory() as folder:
        _python(session, ".ci/generate/protos.py", folder)
        _python(session, ".ci/generate/twins.py", folder)
        expected = _generated_files(Path(folder))
    differences = _compare(expected, _generated_files(ROOT))
    session.log("%d generated files, %d differences", len(expected), len(differences))
    for line in differences:
        session.log(line)
    if differences and (session.name == "drift" or "--check" in session.posargs):
        session.error("generated files were edited or are old: run 'nox -s generate'")
    return expected


def _install_generated(expected: dict[str, bytes], found: dict[str, bytes]) -> None:
    for name in found.keys() - expected.keys():
        (ROOT / name).unlink()
    for name, content in expected.items():
        if found.get(name) != content:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_bytes(content)


@nox.session(python=False, tags=["generate"])
def generate(session: nox.Session) -> None:
    """Write the generated folders anew; with ``-- --check`` only compare them."""
    _install_generated(_compare_generated(session), _generated_files(ROOT))


@nox.session(python=False, tags=["checks"])
def drift(session: nox.Session) -> None:
    """Fail if a generated file is not what the generators write."""
    _compare_generated(session)


@nox.session(python=False, tags=["checks"])
def lint(session: nox.Session) -> None:
    """Check rules and layout with ruff."""
    _python(session, "-m", "ruff", "check", "--no-cache")
    _python(session, "-m", "ruff", "format", "--no-cache", "--check")


@nox.session(python=False, tags=["checks"])
def types(session: nox.Session) -> None:
    """Check the types of package, tests and tools."""
    _python(session, "-m", "mypy")


@nox.session(python=False, tags=["checks"])
def docs(session: nox.Session) -> None:
    """Build the documentation site in .nox/docs/site; fail on a broken link or a missing name."""
    folder = ROOT / ".nox" / "docs"
    _python(session, ".ci/generate/reference.py", str(folder))
    site = folder / "site"
    command = ("-m", "mkdocs", "build", "--quiet", "--strict", "--config-file")
    env = {"NO_MKDOCS_2_WARNING": "1"}
    arguments = (*command, str(folder / "mkdocs.yml"), "--site-dir", str(site))
    session.run(sys.executable, *arguments, external=True, env=env)
    _python(session, ".ci/generate/reference.py", str(folder), "--check")
    session.log("open %s", (site / "index.html").as_uri())


_wheels: list[Path] = []


def _wheel(session: nox.Session) -> Path:
    """Build the wheel from the source distribution, once in a run of nox."""
    if not _wheels:
        folder = ROOT / ".nox" / "dist"
        shutil.rmtree(folder, ignore_errors=True)
        _python(session, "-m", "build", "--outdir", str(folder), str(ROOT))
        _wheels.extend(folder.glob("*.whl"))
    return _wheels[0]


def _install_wheel(session: nox.Session, extra: str = "") -> None:
    wheel = _wheel(session)
    session.install(f"{wheel}{extra}")
    # The environment may be an old one with another wheel of the same version in it.
    session.install("--force-reinstall", "--no-deps", str(wheel))


def _enter_checkout(session: nox.Session) -> None:
    """Go to a copy of the checkout that is without the package's source."""
    checkout = Path(session.create_tmp()) / "checkout"
    shutil.rmtree(checkout, ignore_errors=True)
    for name in CHECKOUT:
        source, target = ROOT / name, checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    session.chdir(checkout)


#: Uses the package as it is without any extra.
ALONE = """
from xai.testing import LocalServer
with LocalServer() as server, server.v1_client() as client:
    print(client.chat.create("grok-4").ask("Does it work?").content)
"""


@nox.session(reuse_venv=False, tags=["checks"])
def wheel(session: nox.Session) -> None:
    """Look at what is in the wheel, and run it alone in an empty environment."""
    with zipfile.ZipFile(_wheel(session)) as archive:
        found = {name: b"" for name in archive.namelist() if ".dist-info/" not in name}
        extra = {name.split("/", 1)[1] for name in archive.namelist() if ".dist-info/" in name}
    package = (ROOT / "xai").rglob("[!.]*")
    names = (path.relative_to(ROOT) for path in package if path.suffix in (".py", ".pyi", ".typed"))
    differences = _compare({name.as_posix(): b"" for name in names}, found)
    if differences or extra != DIST_INFO or "xai/py.typed" not in found:
        session.error(f"contents of the wheel: {differences} {sorted(extra ^ DIST_INFO)}")
    _install_wheel(session)
    session.run("python", "-m", "pip", "check")
    folder = session.create_tmp()
    session.chdir(folder)
    session.run("python", "-W", "error", "-c", ALONE)
    # One line says which extra the command line needs.
    session.run("xai", "--help", silent=True, success_codes=[1])
    session.chdir(ROOT)
    _install_wheel(session, "[cli]")
    session.chdir(folder)
    session.run("python", "-m", "xai", "demo")
    session.run("xai", "--help", silent=True)


@nox.session(python=VERSIONS, tags=["checks"])
def tests(session: nox.Session) -> None:
    """Test the installed wheel, in a checkout without the package's source.

    Arguments after ``--`` go to pytest, for example ``nox -s tests-3.13 -- -k sampler``.
    """
    _install_wheel(session, "[dev]")
    _enter_checkout(session)
    # What tests download stays here, for the next checkout.
    variables = {"XAI_TEST_WHEEL": "1", "XAI_TEST_DOWNLOADS": str(ROOT / ".nox" / "downloads")}
    # The soak is run, too: it is a minute, on one of the workers.
    session.run("pytest", "-n", "auto", "-m", "", *session.posargs, env=variables)
    if session.python == VERSIONS[-1] and not session.posargs:
        # Programs with an eager task factory, which Python 3.10 does not have.
        variables["XAI_TEST_EAGER"] = "1"
        session.run("pytest", "-n", "auto", "tests/services/aio", env=variables)


#: Uses up one processor for as long as its parent lives, even if that is killed.
BUSY = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""


@contextlib.contextmanager
def _busy_machine(count: int) -> Iterator[None]:
    """Keep the machine busy with other processes during a block."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", BUSY])  # noqa: S603  # our own script
            stack.enter_context(process)
            stack.callback(process.kill)
        yield


@nox.session(python=False)
def repeat(session: nox.Session) -> None:
    """Run tests again and again in the current environment, to find those that fail at times.

    Each run has another random order and seed; the first one that fails ends the session, with
    the command that repeats it. Arguments after ``--``: folders, files or tests, the number of
    runs (20), ``--busy N`` for N processes beside them that use up the processors, ``--seed N``
    for the first run, and pytest's ``-n`` (auto), ``-k`` and ``-m``. For example
    ``nox -s repeat -- tests/reliability 20 --busy 4``.
    """
    parser = argparse.ArgumentParser(prog="nox -s repeat --")
    parser.add_argument("what", nargs="*", metavar="FOLDER_OR_FILE_OR_COUNT")
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    for name in ("-n", "-k", "-m"):
        parser.add_argument(name)
    given = parser.parse_args(session.posargs)
    paths = [word for word in given.what if not word.isdecimal()]
    count = next((int(word) for word in given.what if word.isdecimal()), 20)
    again = [*paths]
    for name in ("k", "m"):
        value = getattr(given, name)
        again += [] if value is None else [f"-{name}", value]
    command = ["-m", "pytest", "-q", "-n", given.n or "auto", *again]
    with _busy_machine(given.busy):
        for number in range(count):
            seed = given.seed + number
            session.log("run %d of %d, seed %d", number + 1, count, seed)
            try:
                _python(session, *command, f"--randomly-seed={seed}")
            except nox.command.CommandFailed:
                shown = shlex.join([*again, "1", "--seed", str(seed)])
                session.error(
                    f"run {number + 1} of {count} failed, with seed {seed}; "
                    f"once more: nox -s repeat -- {shown}"
                )
    session.log("%d runs, and no failure", count)


def _lower_bounds(*extras: str) -> list[str]:
    """Return the oldest allowed version of each dependency of the package, as pins."""
    project = nox.project.load_toml(ROOT / "pyproject.toml")["project"]
    wanted = [*project["dependencies"]]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    pins = []
    for requirement in wanted:
        name, _, version = re.split(r"(==|>=)", requirement.partition(";")[0], maxsplit=1)
        pins.append(f"{name.strip()}=={version.partition(',')[0].strip()}")
    return pins


@nox.session(python=VERSIONS[0], tags=["checks"])
def oldest(session: nox.Session) -> None:
    """Run the unit tests with the oldest allowed version of each dependency."""
    _install_wheel(session)
    dev = nox.project.load_toml(ROOT / "pyproject.toml")["project"]["optional-dependencies"]["dev"]
    needed = [item for item in dev if item.startswith(UNIT_TESTS)]
    session.install(*_lower_bounds("cli", "django", "media", "numpy", "proxy", "pydantic"), *needed)
    _enter_checkout(session)
    # The anyio that such a typing_extensions allows has a plugin that is too old for this pytest;
    # in the environment, for those that tests start.
    env = {"PYTEST_ADDOPTS": "-p no:anyio"}
    session.run("pytest", "-n", "auto", *(session.posargs or ["tests/unit"]), env=env)


@nox.session(python="3.10")
@nox.parametrize("version", ["6.2.*", "7.0.*", "7.4.*", "8.*", "9.*"])
def plugin(session: nox.Session, version: str) -> None:
    """Use the pytest plugin of the installed wheel with old versions of pytest."""
    _install_wheel(session)
    session.install(f"pytest=={version}")
    folder = Path(session.create_tmp())
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    # The README's own: the first block of Python in it that holds tests.
    readme = (ROOT / "README.md").read_text("utf-8")
    blocks = readme.split("```python\n")[1:]
    tests = next(block.split("```")[0] for block in blocks if "def test_" in block)
    (folder / "test_it.py").write_text(tests, encoding="utf-8")
    session.chdir(folder)
    session.run("python", "-m", "pytest", "-q", "-W", "error")
    program = "import sys, xai, pytest; sys.exit(pytest.main(['-q', '-W', 'error']))"
    session.run("python", "-W", "error", "-c", program)


@nox.session
def soak(session: nox.Session) -> None:
    """Call the installed wheel for half an hour while the server has a bad time.

    Arguments after ``--``: ``--minutes``, and ``--seed`` of a run to repeat.
    """
    _install_wheel(session)
    _enter_checkout(session)
    session.run("python", "-W", "error", "-m", "tests.reliability.soak", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the installed wheel beside its peers; see tests/benchmarks.

    Arguments after ``--``: ``--check``, ``--quick``, ``--only ROW,...``, ``--update-baseline``.
    """
    _install_wheel(session, "[bench]")
    _enter_checkout(session)
    folder = str(ROOT / "tests" / "benchmarks")
    session.run("python", "-m", "tests.benchmarks", "--folder", folder, *session.posargs)


@nox.session(tags=["audit"])
def audit(session: nox.Session) -> None:
    """Compare what an installation would get with the lock, and look for known weaknesses in it.

    Not one of the checks: it needs the package index and the advisories, and fails without them.
    With ``-- --update`` the lock is written anew first.
    """
    session.install("pip-audit>=2.10,<3")
    report = Path(session.create_tmp()) / "report.json"
    wanted = ("--dry-run", "--ignore-installed", "--quiet", "--report", str(report))
    session.run("python", "-m", "pip", "install", *wanted, f"{ROOT}[certifi,proxy]")
    items = json.loads(report.read_text(encoding="utf-8"))["install"]
    known = [(item["metadata"]["name"].lower(), item["metadata"]["version"]) for item in items]
    found = sorted(f"{name}=={version}" for name, version in known if name != "xai-client")
    if "--update" in session.posargs:
        LOCK.write_text("\n".join(found) + "\n", encoding="utf-8")
    locked = LOCK.read_text(encoding="utf-8").split()
    if locked != found:
        session.error(f"the lock is old, see -- --update: {sorted({*locked} ^ {*found})}")
    session.run("pip-audit", "--strict", "--no-deps", "--disable-pip", "--requirement", str(LOCK))


@nox.session(python=False)
def coverage(session: nox.Session) -> None:
    """Report the branch coverage of one process; a report, not a gate."""
    _python(session, "-m", "coverage", "run", "-m", "pytest", "-q", *session.posargs)
    _python(session, "-m", "coverage", "report")
