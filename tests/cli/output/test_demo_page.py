"""The page of the demo: one file, with all of its pictures in it."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

from signs_edge.cli.output.demo_page import ClipResult, write_demo_page, write_moving_picture


def test_the_page_holds_its_pictures_and_names_no_file(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "hands.png"), np.zeros((8, 8, 3), np.uint8))
    views = [np.full((24, 32, 3), shade, np.uint8) for shade in (0, 120, 240)]
    write_moving_picture(tmp_path / "clip.webp", views, every_ms=100)
    pictures = {name: tmp_path / name for name in ("hands.png", "curves.png", "clip.webp")}
    toy = ClipResult(frames=240, right=199, silent=3, looks=24, same=23, verdict="unknown: <not> enough seen")
    packaged = ClipResult(frames=240, right=231, silent=5, looks=0, same=0, verdict=None)

    page = write_demo_page(
        tmp_path, {path.stem: path for path in pictures.values()}, toy, packaged, drawn=6000, epochs=4
    )

    text = page.read_text()
    assert page.name == "demo.html"
    assert "199 of 240" in text
    assert "231 of 240" in text
    assert "unknown: &lt;not&gt; enough seen" in text
    sources = re.findall(r'src="([^"]{20})', text)
    assert [source.partition(";")[0] for source in sources] == ["data:image/png", "data:image/webp"]


def test_the_moving_picture_moves(tmp_path: Path) -> None:
    views = [np.full((24, 32, 3), shade, np.uint8) for shade in (0, 120, 240)]

    write_moving_picture(tmp_path / "clip.webp", views, every_ms=100)

    done, animation = cv2.imreadanimation(str(tmp_path / "clip.webp"))
    assert done
    assert len(animation.frames) == 3
