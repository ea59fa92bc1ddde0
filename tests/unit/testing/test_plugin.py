"""The pytest plugin, which is loaded in every environment that has the package."""

import ast
from pathlib import Path

import pytest

import xai.testing.plugin
from tests.support import run_child

#: What pytest 6.2 has of what a plugin may want; `nox -s plugin` runs with that version itself.
PYTEST_6_2 = {"FixtureRequest", "Item", "fixture", "hookimpl"}

_SCRIPT = """
import sys
folder = sys.argv[1]
sys.path.insert(0, folder)
import xai
import pytest

arguments = ["-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:randomly", "-c", "/dev/null"]
sys.exit(pytest.main([*arguments, "--rootdir", folder, folder]))
"""


def test_plugin_uses_nothing_newer_than_pytest_6_2() -> None:
    """It names nothing else of pytest, in annotations either, and none of its private modules."""
    tree = ast.parse(Path(xai.testing.plugin.__file__).read_text("utf-8"))
    names = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pytest"
    }
    assert names <= PYTEST_6_2
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported == {"pytest"}


@pytest.mark.parametrize("extra", ["", "import xai.testing.plugin\n"], ids=["package", "plugin"])
def test_pytest_after_an_import_does_not_warn(tmp_path: Path, extra: str) -> None:
    """`pytest.main` in a program that has imported the package finds nothing to warn about."""
    # As in an installation: pytest wants to rewrite the modules of whatever brings a plugin.
    metadata = tmp_path / "installed_xai_client-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: installed-xai-client\nVersion: 1.0\n")
    (metadata / "RECORD").write_text("xai/__init__.py,,\nxai/testing/plugin.py,,\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\nxai = xai.testing.plugin\n")
    test = "def test_serves(xai_server):\n    assert xai_server.running\n"
    (tmp_path / "test_it.py").write_text(test)
    result = run_child(
        _SCRIPT.replace("import pytest\n", extra + "import pytest\n"), args=[str(tmp_path)]
    )
    assert "1 passed" in result.stdout
