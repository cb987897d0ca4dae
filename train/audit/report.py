"""An audit as files: audit.json, contact sheets, and one page that holds its pictures itself."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import DataError
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.train.audit.findings import Audit, Group, Place
from signs_edge.train.data.dataset import Splits

SHOWN = 120  # rows of a sheet and of the page; audit.json has all
_SIDE, _LINE, _GAP = 112, 14, 14  # pixels: of a picture on a sheet, of a line of text, between groups
_COLUMNS = 10
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
       background: #fff; color: #222 }
h2 { margin-top: 2.5rem } table { border-collapse: collapse } td, th { padding: .2rem .8rem; text-align: right }
.rows { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0; padding: .5rem; background: #f2f2f2 }
figure > div { display: flex; flex-wrap: wrap; gap: .3rem } figure img { width: 96px; image-rendering: pixelated }
figure span { display: block; width: 96px; font-size: 12px } figcaption { font-size: 13px; margin-bottom: .3rem }
"""


@dataclass(frozen=True)
class Section:
    """A list of findings: file name of its sheet, heading, one sentence, and rows of pictures with a caption each."""

    name: str
    heading: str
    said: str
    rows: tuple[tuple[str, tuple[Place, ...]], ...]


def sections(audit: Audit) -> tuple[Section, ...]:
    """The findings in the order in which a person reads them, empty ones included."""
    asked = "Too many pictures to ask neighbours."
    if audit.neighbour_accuracy is not None:
        asked = f"Neighbours by shape, copies and bursts left out, name {audit.neighbour_accuracy:.1%} of all labels rightly"
        asked += "." if audit.trusted else ": so few that most of their doubts are unfounded."
    return (
        Section(
            "leaks",
            "Test pictures that are copies of training pictures",
            "Accuracy on them says nothing. Each is shown with the training picture that it is nearest to.",
            _leaks(audit, burst=False),
        ),
        Section(
            "burst-leaks",
            "Test pictures taken moments beside a training picture",
            "Other photos, but easy ones: the same hand in the same pose.",
            _leaks(audit, burst=True),
        ),
        Section(
            "suspicious",
            "Suspicious labels",
            f"First the picture, then those most like it. {asked}",
            tuple(
                (
                    f"labelled {each.place.label}, {each.reason} say {each.answer} ({each.score:.2f})",
                    (each.place, *each.nearest),
                )
                for each in audit.suspicious
            ),
        ),
        Section("exact", "Equal pictures", "Byte for byte.", _groups(audit.exact)),
        Section("near", "Copies", "The same photo, compressed, lit, moved or mirrored otherwise.", _groups(audit.near)),
        Section("bursts", "Bursts", "The same pose moments apart, linked from one to the next.", _groups(audit.bursts)),
        Section(
            "blurred",
            "Blurred",
            "Far less sharp than the others (variance of the Laplacian).",
            tuple((f"sharpness {each.score:.0f}", (each.place,)) for each in audit.blurred),
        ),
        Section(
            "exposure",
            "Dark or blown out",
            "Median grey level, or share of white pixels.",
            tuple(
                (f"{said} {each.score:.2f}", (each.place,))
                for said, found in (("dark", audit.dark), ("bright", audit.bright))
                for each in found
            ),
        ),
    )


def write_report(audit: Audit, splits: Splits, folder: Path) -> tuple[Path, ...]:
    """Write audit.json, audit.html and a PNG sheet for each kind of finding that there is; their paths.

    Raises:
        DataError: the folder cannot be made.
        ModelError: a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"audit folder {folder} cannot be made ({error.strerror}): give another --out") from None
    found = sections(audit)
    paths = [folder / "audit.json", folder / "audit.html"]
    write_json(paths[0], audit.to_json())
    with atomic_write(paths[1]) as temporary:
        temporary.write_text(page(audit, found, splits), encoding="utf-8")
    for section in found:
        path = folder / f"{section.name}.png"
        if not section.rows:
            path.unlink(missing_ok=True)  # of an earlier audit
            continue
        with atomic_write(path) as temporary:
            temporary.write_bytes(_png(sheet(section.rows, splits)))
        paths.append(path)
    return tuple(paths)


def sheet(rows: Sequence[tuple[str, tuple[Place, ...]]], splits: Splits) -> Image:
    """Rows of pictures with their places and labels, as many rows beside each other as fit: (h, w, 3) uint8 RGB."""
    width = _COLUMNS * (_SIDE + 4) + (_COLUMNS - 1) * _GAP
    tiles: list[tuple[int, int, Place]] = []
    captions: list[tuple[int, int, str]] = []
    x, y, line = 0, _LINE, _SIDE + 2 * _LINE + 4
    for caption, places in rows[:SHOWN]:
        if x and x + len(places) * (_SIDE + 4) > width:
            x, y = 0, y + line + _LINE + _GAP
        captions.append((x, y - 4, caption))
        for place in places:
            if x + _SIDE > width:
                x, y = 0, y + line
            tiles.append((x, y, place))
            x += _SIDE + 4
        x += _GAP
    used = max(left for left, _, _ in tiles) + 2 * _SIDE  # room for a caption that is wider than its pictures
    canvas = np.full((y + line, min(used, width), 3), 255, np.uint8)
    for left, top, caption in captions:
        _write(canvas, caption, left, top)
    for left, top, place in tiles:
        picture = cv2.resize(_picture(place, splits), (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
        canvas[top : top + _SIDE, left : left + _SIDE] = picture
        _write(canvas, f"{place.part} {place.index}", left, top + _SIDE + _LINE - 2)
        _write(canvas, f"label {place.label}", left, top + _SIDE + 2 * _LINE - 2)
    return canvas


def _write(canvas: Image, text: str, left: int, base: int) -> None:
    cv2.putText(canvas, text, (left + 1, base), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 1, cv2.LINE_AA)


def page(audit: Audit, found: Iterable[Section], splits: Splits) -> str:
    """One HTML page; its pictures are data URIs, so that it can be sent and kept as one file."""
    parts = [
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Data audit</title><style>{_STYLE}</style>",
        f"<h1>Data audit</h1><p>{html.escape(audit.source)}</p>{_balance(audit)}",
    ]
    if not audit.near_searched:
        parts.append("<p>Too many pictures to look for near copies: only equal ones were found.</p>")
    for section in found:
        parts.append(f"<h2>{html.escape(section.heading)}: {len(section.rows)}</h2><p>{html.escape(section.said)}</p>")
        if len(section.rows) > SHOWN:
            parts.append(f"<p>The first {SHOWN}; all are in audit.json.</p>")
        figures = (
            f"<figure><figcaption>{html.escape(caption)}</figcaption><div>"
            + "".join(_figure(place, splits) for place in places)
            + "</div></figure>"
            for caption, places in section.rows[:SHOWN]
        )
        parts.append(f"<div class='rows'>{''.join(figures)}</div>")
    return "\n".join(parts) + "\n"


def _leaks(audit: Audit, burst: bool) -> tuple[tuple[str, tuple[Place, ...]], ...]:
    return tuple(
        (f"{leak.kind}, distance {leak.distance:.1f}", (leak.test, leak.train))
        for leak in audit.leaks
        if (leak.kind == "burst") == burst
    )


def _groups(groups: tuple[Group, ...]) -> tuple[tuple[str, tuple[Place, ...]], ...]:
    return tuple(
        (
            f"{len(group.places)} pictures"
            + (f", distance up to {group.distance:.0f}" if group.distance else "")
            + (", labels differ" if group.conflicting else ""),
            group.places,
        )
        for group in groups
    )


def _balance(audit: Audit) -> str:
    names = next(iter(audit.balance.values()))
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    rows = "".join(
        f"<tr><th>{part}</th>{''.join(f'<td>{count}</td>' for count in counts.values())}<td>{sum(counts.values())}</td></tr>"
        for part, counts in audit.balance.items()
    )
    return f"<table><tr><th></th>{head}<th>all</th></tr>{rows}</table>"


def _figure(place: Place, splits: Splits) -> str:
    data = base64.b64encode(_png(_picture(place, splits))).decode()
    return f"<div><img alt='' src='data:image/png;base64,{data}'><span>{html.escape(str(place))}</span></div>"


def _picture(place: Place, splits: Splits) -> Image:
    part = splits.train if place.part == "train" else splits.test
    picture: Image = part.images[place.index]
    return picture


def _png(picture: Image) -> bytes:
    _, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return encoded.tobytes()
