"""The documentation is in plain technical English: idioms invented here in the past do not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PAGES = [HOUSE / "README.md", HOUSE / "CONTRIBUTING.md", *sorted((HOUSE / "docs").rglob("*.md"))]
MODULES = [file for room in ("api", "edge", "train", "export", "cli") for file in sorted((HOUSE / room).rglob("*.py"))]
IDIOMS = re.compile(
    r"\b(is told|told of|begins? anew|anew|somebody|dossier|twin of its own|tells of|gone on with)\b", re.IGNORECASE
)


def found(text: str) -> list[str]:
    return IDIOMS.findall(" ".join(text.split()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOUSE)))
def test_no_page_has_an_invented_idiom(page: Path) -> None:
    assert found(page.read_text(encoding="utf-8")) == []


def test_no_module_has_an_invented_idiom() -> None:
    assert {str(file.relative_to(HOUSE)): found(file.read_text(encoding="utf-8")) for file in MODULES} == {
        str(file.relative_to(HOUSE)): [] for file in MODULES
    }


def test_an_idiom_is_found_across_lines() -> None:
    assert found("The run begins\nanew.") == ["begins anew"]


def test_the_readme_is_short() -> None:
    assert len((HOUSE / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
