"""Where `signs-edge drift report` and `drift replay` put what they found: the standard output, a page, JSON."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

if TYPE_CHECKING:
    from signs_edge.edge.journal.contents import JournalContents

DASH = "-"  # in place of a file: the standard output

Html = Annotated[
    Path | None,
    typer.Option(metavar="PATH|-", help="Write all of it as one HTML page that needs no network; -: in place of the text."),
]  # fmt: skip
Json = Annotated[Path | None, typer.Option(metavar="PATH|-", help="Write all of it as JSON; -: in place of the text.")]


@dataclass(frozen=True)
class DriftOutput:
    """A page and a JSON file, each a path, "-" for the standard output, or None."""

    html: Path | None
    json: Path | None

    def check(self) -> None:
        """Refuse what cannot be written, while there is nothing to lose yet.

        Raises:
            UsageError: both want the standard output, or a folder is not there.
        """
        from signs_edge.edge.errors import UsageError
        from signs_edge.edge.session.outputs import check_target

        if str(self.html) == DASH == str(self.json):
            raise UsageError("--html - and --json - both want the standard output: give one of them a file")
        for option, target in self.files.items():
            check_target(option, target)

    @property
    def files(self) -> dict[str, Path | None]:
        """The files that are written, by their option."""
        return {
            option: target
            for option, target in (("--html", self.html), ("--json", self.json))
            if str(target) != DASH
        }  # fmt: skip

    def write(self, reports: Sequence[JournalContents]) -> None:
        """All that was asked for; as text, unless the standard output is taken."""
        from signs_edge.edge.report.page import render, write_page
        from signs_edge.edge.util.atomic_file import atomic_write

        if DASH not in (str(self.html), str(self.json)):
            print("\n\n".join(map(str, reports)))
        if str(self.html) == DASH:
            print(render(reports), end="")
        elif self.html is not None:
            write_page(self.html, reports)
        if str(self.json) == DASH:
            _write_json(reports, sys.stdout)
        elif self.json is not None:
            with atomic_write(self.json, "--json") as file, file.open("w", encoding="utf-8") as out:
                _write_json(reports, out)


def _write_json(reports: Sequence[JournalContents], out: TextIO) -> None:
    for number, one in enumerate(reports):
        out.write(",\n" if number else "[\n")
        out.writelines(one.json_parts())
    out.write("\n]\n")
