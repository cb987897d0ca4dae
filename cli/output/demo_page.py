"""The page that `signs-edge demo` ends with: one HTML file with all of its pictures."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2

from signs_edge.edge.arrays import Image
from signs_edge.edge.util.atomic_file import atomic_write

PAGE = "demo.html"
_TEMPLATE = "demo.html.jinja"
_TYPES = {".png": "image/png", ".webp": "image/webp"}
_WEBP_QUALITY = 60  # 0 to 100


@dataclass(frozen=True)
class ClipResult:
    """What a model made of the clip.

    Attributes:
        frames: of the clip.
        right: frames with the true count.
        silent: frames without a count.
        looks: frames that the float twin saw.
        same: of these, frames on which both gave the same answer.
        verdict: of the drift monitor, for people; None without a float twin.
    """

    frames: int
    right: int
    silent: int
    looks: int
    same: int
    verdict: str | None


def write_moving_picture(path: Path, views: Sequence[Image], every_ms: int) -> None:
    """Write (height, width, 3) uint8 BGR pictures of one size as an animated WebP, or the first as a still one.

    Args:
        path: of the file, `.webp`.
        views: at least one picture.
        every_ms: milliseconds from picture to picture.
    """
    quality = [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY]
    if not hasattr(cv2, "Animation"):  # OpenCV before 4.11
        cv2.imwrite(str(path), views[0], quality)
        return
    animation = cv2.Animation()
    animation.frames = list(views)
    animation.durations = [every_ms] * len(views)
    cv2.imwriteanimation(str(path), animation, quality)


def write_demo_page(
    folder: Path, pictures: dict[str, Path], toy: ClipResult, packaged: ClipResult, drawn: int, epochs: int
) -> Path:
    """Write the page into a folder, whole or not at all; returns its path.

    Args:
        folder: of the demo.
        pictures: by their names in the template: hands, curves, clip; a file that is not there is left out.
        toy: the clip by the network of the demo.
        packaged: the clip by the packaged model.
        drawn: hands that the network learned from.
        epochs: passes over them.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(resources.files(__package__).joinpath(_TEMPLATE).read_text("utf-8"))
    shown = {name: _data_uri(path) if path.is_file() else None for name, path in pictures.items()}
    path = folder / PAGE
    text = template.render(pictures=shown, toy=toy, packaged=packaged, drawn=drawn, epochs=epochs)
    with atomic_write(path) as file:
        file.write_text(text, encoding="utf-8")
    return path


def _data_uri(path: Path) -> str:
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
