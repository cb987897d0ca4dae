"""Write an audit: audit.json, contact sheets and one HTML page that contains its pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from signs_edge.edge.errors import DataError
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.edge.util.folders import make_folder
from signs_edge.train.audit.findings import Audit, Group, Place
from signs_edge.train.audit.sheet import SHOWN, picture_at, png, sheet
from signs_edge.train.data.dataset import Splits

_TEMPLATE = "audit.html.jinja"


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
        UsageError: a file cannot be written.
    """
    make_folder(folder, "audit folder", error=DataError)
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
            temporary.write_bytes(png(sheet(section.rows, splits)))
        paths.append(path)
    return tuple(paths)


def page(audit: Audit, found: Iterable[Section], splits: Splits) -> str:
    """The HTML page; its pictures are data URIs, so that it can be sent and kept as one file. All text is escaped."""

    def data_uri(place: Place) -> str:
        return f"data:image/png;base64,{base64.b64encode(png(picture_at(place, splits))).decode()}"

    # Undefined names fail loudly: a typing mistake in the template would else leave a gap.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["picture"] = data_uri
    template = environment.from_string(resources.files("signs_edge.train.audit").joinpath(_TEMPLATE).read_text("utf-8"))
    names = tuple(next(iter(audit.balance.values())))
    return template.render(audit=audit, names=names, sections=tuple(found), shown=SHOWN)


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
