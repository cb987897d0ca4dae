"""The finder on the device: frames of any shape, places in the frame's own pixels, and no other model in its place."""

from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.preprocess import fit_whole
from signs_edge.edge.region.finder import CONTRACT, GRID, HandFinder, decode


def with_answer(finder: HandFinder, row: int, column: int, logit: float) -> HandFinder:
    """The same finder, whose network now always sees a hand of 40 pixels in one cell of its grid."""
    grid = np.full((*GRID, 4), -9, np.float32)
    grid[row, column] = (logit, 0, 0, 0)
    finder.network.answer = lambda picture: grid  # type: ignore[method-assign]
    return finder


@pytest.fixture
def finder(tiny_finder: Path) -> HandFinder:
    return HandFinder.open(tiny_finder)


def test_the_real_network_answers_for_any_frame(finder: HandFinder) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (90, 200, 3), dtype=np.uint8)

    found = finder.likeliest(frame)

    assert 0 <= found.score <= 1
    assert -20 <= found.x <= 220
    assert found.side > 0


@pytest.mark.parametrize(("height", "width"), [(480, 640), (120, 160), (720, 1280), (640, 480), (100, 100)])
def test_places_are_in_the_frame_s_pixels(finder: HandFinder, height: int, width: int) -> None:
    found = with_answer(finder, 7, 10, 3.0).likeliest(np.zeros((height, width, 3), np.uint8))

    scale = max(height / 120, width / 160)
    assert found.x == pytest.approx(width / 2 + 4 * scale, abs=scale)
    assert found.y == pytest.approx(height / 2, abs=scale)
    assert found.side == pytest.approx(40 * scale, rel=0.01)


def test_below_its_least_score_there_is_no_hand(finder: HandFinder) -> None:
    finder.least_score = 0.5
    frame = np.zeros((120, 160, 3), np.uint8)

    assert with_answer(finder, 3, 4, -0.1).find(frame) is None
    assert with_answer(finder, 3, 4, 0.1).find(frame) is not None


def test_a_classifier_is_no_finder_and_the_other_way_round(tiny_models, tiny_finder: Path) -> None:
    from signs_edge.edge.inference.classifier import TFLiteClassifier

    with pytest.raises(ModelError, match="it is no finder; give"):
        HandFinder.open(tiny_models.int8)
    with pytest.raises(ModelError, match="does not match its 4 labels"):
        TFLiteClassifier.open(tiny_finder)


@pytest.mark.parametrize(("height", "width"), [(480, 640), (90, 160), (160, 90), (7, 900), (1, 1)])
def test_the_whole_frame_is_in_the_picture(height: int, width: int) -> None:
    frame = np.full((height, width, 3), (10, 200, 30), np.uint8)

    picture, scale, left, top = fit_whole(frame, CONTRACT)

    assert (picture.shape, picture.dtype) == ((120, 160, 3), np.uint8)
    assert (picture == (10, 200, 30)).all()
    assert left + round(width * scale) <= 161
    assert top + round(height * scale) <= 121


def test_the_packaged_finder_finds_a_drawn_hand() -> None:
    """The middle of the likeliest cell, read back; what it finds in photos is measured by a benchmark."""
    path = Path(__file__).parents[3] / "edge/models/finder.tflite"
    model = ModelFile.read(path)

    assert model.abstain_below
    assert decode(HandFinder(model).network.answer(np.zeros((120, 160, 3), np.uint8))).score < model.abstain_below
