"""Room frames, drawn hands and drawn people, all of whose hands are green discs."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.train.rooms.drawn import DrawnHands, DrawnScenes
from signs_edge.train.rooms.source import RoomSource
from signs_edge.train.rooms.store import FrameStore
from signs_edge.train.rooms.windows import RoomMaterial

GREEN = (0, 255, 0)


def disc(picture: np.ndarray, left: int, top: int, right: int, bottom: int, colour: tuple[int, ...] | int) -> None:
    """A hand: round, as a box about a turned hand is that of an ellipse."""
    middle, half = ((left + right) // 2, (top + bottom) // 2), ((right - left) // 2, (bottom - top) // 2)
    cv2.ellipse(picture, middle, half, 0, 0, 360, colour, -1)


@pytest.fixture
def material(tmp_path: Path) -> RoomMaterial:
    """Grey frames whose hands are green; drawn hands and people likewise."""
    root = tmp_path
    (root / "set/2").mkdir(parents=True)
    (root / "set/none").mkdir()
    rows = ["file,count,left,top,right,bottom"]
    for index in range(6):
        picture = np.full((120, 160, 3), 90, np.uint8)
        left, top = 20 + 15 * index, 15 + 8 * index
        disc(picture, left, top, left + 24, top + 30, GREEN)
        cv2.imwrite(str(root / f"set/2/{index}.png"), picture)
        rows.append(f"2/{index}.png,2,{left},{top},{left + 24},{top + 30}")
        cv2.imwrite(str(root / f"set/none/{index}.png"), np.full((120, 160, 3), 60, np.uint8))
    (root / "set/boxes.csv").write_text("\n".join(rows))
    image, alpha = np.zeros((4, 80, 80, 3), np.uint8), np.zeros((4, 80, 80), np.uint8)
    image[:] = GREEN
    for opacity in alpha:
        disc(opacity, 25, 20, 55, 60, 255)
    fingers = np.tile(np.uint8([0, 1, 1, 0, 2]), (4, 1))
    truth = {"count": np.full(4, 2, np.uint8), "box": np.tile(np.float32([25, 20, 55, 60]), (4, 1))}
    np.savez(root / "hands-000.npz", image=image, alpha=alpha, fingers=fingers, **truth)
    hand = {"raised": True, "doing": "shown", "count": 5, "fingers": [1] * 5, "visible": 0.9, "box": [60, 30, 90, 70]}
    resting = {
        "raised": False,
        "doing": "hip",
        "count": None,
        "fingers": None,
        "visible": 0.9,
        "box": [10, 90, 20, 100],
    }
    scene = np.full((1, 120, 160, 3), 90, np.uint8)
    disc(scene[0], 60, 30, 90, 70, GREEN)
    np.savez(root / "scenes-000.npz", image=scene, truth=json.dumps([{"people": [{"hands": [hand, resting]}]}]))
    return RoomMaterial(
        FrameStore([RoomSource.read(root / "set")]),
        DrawnHands(root),
        DrawnScenes(root),
        np.full((2, 100, 140, 3), 60, np.uint8),
    )
