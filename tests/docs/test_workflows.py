"""The public workflows call what is here, on both architectures, and store no password."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

HOUSE = Path(__file__).parents[2]
WORKFLOWS = sorted((HOUSE / ".github/workflows").glob("*.yml"))


def read(name: str) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load((HOUSE / ".github/workflows" / name).read_text(encoding="utf-8"))
    return workflow


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_ci_runs_both_commands_on_x86_and_arm() -> None:
    job = read("ci.yml")["jobs"]["test"]

    assert {"make demo", "make test"} <= set(commands(job))
    assert job["runs-on"] == "${{ matrix.os }}"
    assert job["strategy"]["matrix"]["os"] == ["ubuntu-latest", "ubuntu-24.04-arm"]


def test_a_release_is_tested_and_attested_before_it_is_published() -> None:
    jobs = read("release.yml")["jobs"]

    used = [step.get("uses", "").split("@")[0] for step in jobs["build"]["steps"]]
    assert "make test" in commands(jobs["build"])
    assert "actions/attest-build-provenance" in used
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_needs_a_stored_password(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "secrets." not in text
    assert not re.search(r"^\s*password:", text, re.MULTILINE)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_make_target_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (HOUSE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    called = set(re.findall(r"\bmake ([a-z-]+)", path.read_text(encoding="utf-8")))

    assert called <= targets
    assert called


def test_commit_hooks_run_what_make_lint_and_make_types_run() -> None:
    hooks = yaml.safe_load((HOUSE / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    entries = " ".join(hook["entry"] for hook in hooks)
    recipes = (HOUSE / "Makefile").read_text(encoding="utf-8")
    tools = {
        tool
        for target in ("lint", "types")
        for tool in re.findall(r"\$\(BIN\)/([\w-]+)", recipes.split(f"\n{target}: ")[1].split("\n\n")[0])
    }

    assert {"ruff", "lint-imports", "mypy"} <= tools
    assert all(f".venv/bin/{tool}" in entries for tool in tools)
