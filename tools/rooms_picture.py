"""The picture of the rooms, docs/explain/rooms.svg, from the import contracts in pyproject.toml: `make reference`.

    python tools/rooms_picture.py [--out docs/explain/rooms.svg]

A row may import the rows below it, and nothing above. What a room is for is the docstring of its package.
"""

from __future__ import annotations

import argparse
import ast
import textwrap
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

HOUSE = Path(__file__).parents[1]
PICTURE = HOUSE / "docs" / "explain" / "rooms.svg"

WIDTH, MARGIN, GAP = 1000, 16, 8
LABEL = 92  # left of the rows, for the package's name
LINE, PAD = 15, 8
TITLES = {
    "signs_edge.cli": ("cli", "#e8eef7", "#3b5f94"),
    "signs_edge.export": ("export", "#f4ecf7", "#7a4b8c"),
    "signs_edge.train": ("train", "#fbf1e4", "#9a6417"),
    "signs_edge.edge": ("edge", "#e9f5ee", "#2c7a4b"),
}
"""Packages from the top down: folder, colour of the ground, colour of the lines."""


class Room(NamedTuple):
    """A package, or a module beside the packages."""

    name: str
    purpose: str


def layers(package: str) -> list[list[Room]]:
    """The rows of a package, from the top down, as its contract has them."""
    contracts = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    rows = next(one["layers"] for one in contracts if one.get("containers") == [package])
    folder = HOUSE / TITLES[package][0]
    return [[Room(name.strip(), purpose(folder, name.strip())) for name in row.split("|")] for row in rows]


def purpose(folder: Path, name: str) -> str:
    """The first sentence of a room's docstring, without the full stop."""
    init = folder / name / "__init__.py"
    path = init if init.exists() else folder / f"{name}.py"
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ").split(". ")[0].split("; ")[0].rstrip(".").replace("`", "")


def render() -> str:
    """The whole picture, as SVG."""
    parts: list[str] = []
    top = MARGIN
    for package in TITLES:
        height, drawn = _package(package, top)
        parts += drawn
        top += height + GAP
    total = top - GAP + MARGIN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" height="{total}" '
        'font-family="system-ui, sans-serif" role="img">',
        "<title>The packages and rooms of signs-edge; a row may import the rows below it</title>",
        f'<rect width="{WIDTH}" height="{total}" fill="#ffffff"/>',
        *parts,
        "</svg>",
        "",
    ])  # fmt: skip


def _package(package: str, top: int) -> tuple[int, list[str]]:
    """One package: its height, and what is drawn from `top` on."""
    name, ground, line = TITLES[package]
    y, drawn = top + PAD, []
    for row in layers(package):
        height, boxes = _row(row, y, line)
        drawn += boxes
        y += height + GAP
    bottom = y - GAP + PAD
    head = [
        f'<rect x="{MARGIN}" y="{top}" width="{WIDTH - 2 * MARGIN}" height="{bottom - top}" rx="6" fill="{ground}"/>',
        f'<text x="{MARGIN + 12}" y="{top + 26}" font-size="18" font-weight="600" fill="{line}">{name}/</text>',
    ]
    return bottom - top, head + drawn


def _row(row: list[Room], top: int, line: str) -> tuple[int, list[str]]:
    """Rooms side by side, all as high as the highest."""
    left, space = MARGIN + LABEL, WIDTH - 2 * MARGIN - LABEL - PAD
    if len(row) == 1:  # one line is enough
        return 2 * PAD + LINE, [
            f'<rect x="{left}" y="{top}" width="{space}" height="{2 * PAD + LINE}" rx="4" fill="#ffffff" stroke="{line}"/>',
            *_lines(row[0].name, [], left + 8, top + PAD + 11),
            f'<text x="{left + 100}" y="{top + PAD + 11}" font-size="11" fill="#444444">{escape(row[0].purpose)}</text>',
        ]
    width = (space - GAP * (len(row) - 1)) // len(row)
    texts = [textwrap.wrap(room.purpose, max(12, (width - 16) // 6)) for room in row]
    height = 2 * PAD + LINE * (1 + max(map(len, texts)))
    drawn: list[str] = []
    for number, (room, text) in enumerate(zip(row, texts, strict=True)):
        x = left + number * (width + GAP)
        drawn.append(
            f'<rect x="{x}" y="{top}" width="{width}" height="{height}" rx="4" fill="#ffffff" stroke="{line}"/>'
        )
        drawn += _lines(room.name, text, x + 8, top + PAD + 11)
    return height, drawn


def _lines(name: str, text: list[str], x: int, y: int) -> Iterator[str]:
    yield f'<text x="{x}" y="{y}" font-size="13" font-weight="600" fill="#1a1a1a">{escape(name)}</text>'
    for number, part in enumerate(text, 1):
        yield f'<text x="{x}" y="{y + LINE * number}" font-size="11" fill="#444444">{escape(part)}</text>'


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PICTURE)
    out = parser.parse_args().out
    out.write_text(render(), encoding="utf-8")
    print(f"wrote {out}")


if __name__ == "__main__":
    main()
