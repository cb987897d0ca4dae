"""A folder of drawn pictures: the same again, resumed, extended, and never over something else."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.train.draw import draw
from signs_edge.train.draw.config import DrawConfig
from signs_edge.train.draw.draw import Drawn, add_noise, make_drawer
from signs_edge.train.draw.folder import BLOCK, BLOCKS, BOXES, CONFIG, SHEET, TRUTH, draw_folder

NUMBER = BLOCK + 4
SMALL = DrawConfig(count=NUMBER, seed=3, hand="capsules", side=48)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes drew."""
    out = tmp_path_factory.mktemp("drawn") / "hands"
    draw_folder(SMALL, out, jobs=2)
    return out


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_pictures_lie_in_the_folders_of_their_counts(folder: Path) -> None:
    pictures = [json.loads(line) for line in (folder / TRUTH).read_text().splitlines()]
    assert len(pictures) == NUMBER
    for picture in pictures:
        image = cv2.imread(str(folder / picture["file"]))
        assert image is not None
        assert image.shape == (48, 48, 3)
        (hand,) = picture["hands"]
        assert picture["file"].split("/")[0] == picture["label"] == str(hand["count"])
    assert len(list(folder.rglob("*.png"))) == NUMBER


def test_boxes_are_a_table(folder: Path) -> None:
    with (folder / BOXES).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == NUMBER
    for row in rows:
        assert float(row["left"]) < float(row["right"])
        assert float(row["top"]) < float(row["bottom"])
        assert row["thumb"] in ("0", "1", "2")


def test_what_was_asked_for_and_a_sheet_are_beside_them(folder: Path) -> None:
    asked = json.loads((folder / CONFIG).read_text())
    assert asked == {"what": "hands", "seed": 3, "backgrounds": None, "hand": "capsules", "side": 48, "count": NUMBER}
    sheet = cv2.imread(str(folder / SHEET))
    assert sheet is not None
    assert sheet.shape == (4 * 48, 10 * 48, 3)


def test_one_process_draws_the_same_bytes_and_resumes_what_was_broken_off(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "again"
    seen: list[tuple[int, int]] = []

    def stop(have: int, whole: int) -> None:
        seen.append((have, whole))
        if have:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_folder(SMALL, out, jobs=1, progress=stop)
    assert not (out / TRUTH).exists()
    assert len(list((out / BLOCKS).iterdir())) >= 1
    kept = contents(out)
    drawn = draw_folder(SMALL, out, jobs=1, progress=lambda *step: seen.append(step))
    assert seen[0] == (0, NUMBER)
    assert seen[-1] == (NUMBER, NUMBER)
    assert contents(out) == contents(folder)
    assert kept.items() <= contents(out).items()
    assert sum(drawn.labels.values()) == NUMBER


def test_nothing_is_drawn_again_that_is_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(folder)
    monkeypatch.setattr("signs_edge.train.draw.folder.make_drawer", lambda _: pytest.fail("it was drawn again"))
    assert sum(draw_folder(SMALL, folder).labels.values()) == NUMBER
    assert contents(folder) == before


def test_other_values_need_another_folder(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"other values \(seed 3\)"):
        draw_folder(DrawConfig(count=NUMBER, seed=4, hand="capsules", side=48), folder)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        draw_folder(SMALL, tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": 0}, "count must be"),
        ({"seed": -1}, "seed must be"),
        ({"what": "feet"}, "hands or people. Received: feet"),
    ],
)
def test_values_that_are_not_allowed(values: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        DrawConfig(**values)  # type: ignore[arg-type]


def test_a_picture_depends_on_its_number_not_on_those_before() -> None:
    drawer, other = make_drawer(SMALL), make_drawer(SMALL)
    pictures: list[Drawn] = [drawer.draw(number) for number in (0, 1, 2)]
    assert np.array_equal(other.draw(2).image, pictures[2].image)
    assert not np.array_equal(pictures[1].image, pictures[2].image)


def test_people_are_of_the_class_of_their_largest_shown_hand() -> None:
    small = {"raised": True, "visible": 1.0, "count": 2, "box": [0, 0, 20, 20]}
    large = {"raised": True, "visible": 0.9, "count": 4, "box": [0, 0, 10, 40]}
    resting = {"raised": False, "visible": 1.0, "count": None, "box": [0, 0, 90, 90]}
    hidden = {"raised": True, "visible": 0.1, "count": 5, "box": [0, 0, 80, 80]}
    assert draw._label([small, large, resting, hidden]) == "4"
    assert draw._label([resting, hidden]) == "none"


def test_noise_is_grey_and_moderate() -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    noisy = [add_noise(grey, np.random.default_rng(seed)) for seed in range(20)]
    assert all((picture == picture[..., :1]).all() for picture in noisy)
    deviations = [float(picture.std()) for picture in noisy]
    assert max(deviations) < 5
    assert max(deviations) > 2
