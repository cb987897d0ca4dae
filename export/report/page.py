"""The report on an export as one HTML page that needs nothing else."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING

import cv2
import numpy as np
from jinja2 import Environment, StrictUndefined

from signs_edge.edge.arrays import Image, Images
from signs_edge.export.gate.comparison import Flip
from signs_edge.train.report.report import interval_text, percent_text, versions

if TYPE_CHECKING:
    from signs_edge.export.report.record import ExportReport

SHOWN = 24  # flips of one file on the page; all are in export.json
_TEMPLATE = "export.html.jinja"
_COLUMNS = 15  # of the sheet of calibration pictures
_TITLES = {
    "inspection": "What is in the file",
    "diagnosis": "Layer by layer",
    "bench": "How fast it runs",
    "everywhere": "Everywhere the same",
}


def render(report: ExportReport, *, photos: bool = True) -> str:
    """The page. All text is escaped; `photos` False leaves out every picture of the data, for a page that is passed on."""
    # Undefined names fail loudly: a typing mistake in the template would else leave a gap.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": percent_text, "interval": interval_text}
    template = environment.from_string(
        resources.files("signs_edge.export.report").joinpath(_TEMPLATE).read_text("utf-8")
    )
    gates = report.verification.gates
    shown = {form: shown_flips(gate.comparison.flips) for form, gate in gates.items()}
    wanted = {flip.index for flips in shown.values() for flip in flips}
    pictures: Mapping[int, str] = {}
    sheets: Mapping[str, str] = {}
    if photos:
        pictures = {index: data_uri(picture) for index, picture in report.flipped.items() if index in wanted}
        if report.calibration:
            sheets = {"calibration": data_uri(_sheet(report.calibration.images), ".jpg")}
    return template.render(
        report=report,
        gates=gates,
        names=next(iter(report.verification.evaluations.values())).labels,
        shown=shown,
        pictures=pictures,
        sheets=sheets,
        titles=_TITLES,
        versions=versions(),
    )


def shown_flips(flips: tuple[Flip, ...]) -> tuple[Flip, ...]:
    """Those that go on the page: the ones a user would see first, then the surest."""

    def weight(flip: Flip) -> tuple[bool, float]:
        return not flip.counted, -max(flip.first_confidence, flip.second_confidence)

    return tuple(sorted(flips, key=weight)[:SHOWN])


def data_uri(picture: Image, suffix: str = ".png") -> str:
    """A (height, width, 3) uint8 RGB picture as it goes into a page."""
    encoded = cv2.imencode(suffix, np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()
    kind = "jpeg" if suffix == ".jpg" else suffix.lstrip(".")
    return f"data:image/{kind};base64,{base64.b64encode(encoded).decode()}"


def _sheet(images: Images) -> Image:
    """All pictures beside and below one another."""
    columns = min(_COLUMNS, len(images))
    rows = -(-len(images) // columns)
    height, width = images.shape[1:3]
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for place, image in enumerate(images):
        top, left = place // columns * height, place % columns * width
        sheet[top : top + height, left : left + width] = image
    return sheet
