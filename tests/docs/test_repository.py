"""The files for contributors say what is there."""

import re

import yaml

from tests.support import ROOT

GITHUB = ROOT / ".github"


def sessions() -> set[str]:
    """Return the names of the sessions of nox."""
    text = (ROOT / "noxfile.py").read_text("utf-8")
    return set(re.findall(r"^def (\w+)\(session: nox\.Session\)", text, re.MULTILINE))


def texts() -> dict[str, str]:
    """Return what contributors read."""
    found = [*GITHUB.glob("*.md"), ROOT / ".pre-commit-config.yaml", ROOT / "README.md"]
    return {path.name: path.read_text("utf-8") for path in found}


def test_sessions_that_are_named_exist() -> None:
    """Every `nox -s NAME` of the pages and hooks is a session."""
    named = {
        word.removesuffix("-3.13")
        for text in texts().values()
        for words in re.findall(r"nox -s ([a-z0-9. -]*[a-z0-9])", text)
        for word in words.partition(" --")[0].split()
    }
    assert len(named) > 5
    assert named <= sessions()


def test_paths_that_are_named_exist() -> None:
    """Files and folders of the contributors' page are there."""
    text = (GITHUB / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"\b((?:xai|tests|proto|\.ci|\.docs)/[\w./]+\w)", text)
    assert len(named) > 10
    for name in named:
        if name.startswith("xai/"):
            continue  # the wheel is installed elsewhere in a run of the suite
        assert (ROOT / name).exists() or "NAME" in name, name


def test_workflow_and_templates_parse() -> None:
    """They are YAML, and the workflow runs nothing but the script that CI runs."""
    workflow = yaml.safe_load((GITHUB / "workflows" / "checks.yml").read_text("utf-8"))
    steps = workflow["jobs"]["all"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml"):
        assert {"name", "description", "body"} <= yaml.safe_load(path.read_text("utf-8")).keys()


def test_hooks_are_local() -> None:
    """A commit fetches nothing."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
