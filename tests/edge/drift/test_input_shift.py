"""Statistics of pictures, the reference, and the test of frames against it."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from signs_edge.edge.drift.input_shift import TAILS, ShiftDetector, ShiftRule
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.reference.quantiles import Reference
from signs_edge.edge.reference.statistics import (
    LIGHT,
    PICTURE,
    PIXELS,
    STATISTICS,
    TURNS,
    answer_statistics,
    picture_statistics,
    thumbnail,
    turn_templates,
    turned,
)

NO_TEMPLATES = np.zeros((len(TURNS), PIXELS))


def statistics(picture: np.ndarray, templates: np.ndarray = NO_TEMPLATES) -> dict[str, float]:
    return dict(zip(PICTURE, picture_statistics(picture, templates).tolist(), strict=True))


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    """(160, 64, 64, 3) red discs with a red thumb on their left and a long finger above, anywhere on grey."""
    rng = np.random.default_rng(0)
    pictures = rng.normal(160, 6, (160, 64, 64, 3)).clip(0, 255).astype(np.uint8)
    for picture in pictures:
        x, y, radius = int(rng.uniform(20, 44)), int(rng.uniform(24, 44)), int(rng.uniform(6, 10))
        cv2.circle(picture, (x, y), radius, (200, 90, 70), -1)
        cv2.line(picture, (x, y), (x - 2 * radius, y), (200, 90, 70), 4)
        cv2.line(picture, (x, y), (x + 2, y - 2 * radius - 6), (200, 90, 70), 4)
    return pictures


def test_light_of_plain_pictures() -> None:
    grey = statistics(np.full((64, 64, 3), 100, np.uint8))
    reddish = statistics(np.full((64, 64, 3), (200, 100, 50), np.uint8))

    assert grey["brightness"] == grey["border"] == pytest.approx(100, abs=0.1)
    assert grey["contrast"] == grey["border contrast"] == pytest.approx(0, abs=1e-6)
    assert grey["red against blue"] == grey["green"] == 0
    assert reddish["red against blue"] == pytest.approx(np.log(204 / 54))
    assert reddish["green"] == pytest.approx(np.log(208 / 258))


def test_each_fault_moves_its_own_statistic(blobs: np.ndarray) -> None:
    picture = blobs[0]
    before = statistics(picture)
    blurred = statistics(cv2.GaussianBlur(picture, (0, 0), 2))
    dimmed = statistics((picture * 0.4).astype(np.uint8))

    assert blurred["sharpness"] < before["sharpness"] - 0.5
    assert blurred["brightness"] == pytest.approx(before["brightness"], abs=1)
    assert dimmed["brightness"] == pytest.approx(0.4 * before["brightness"], abs=1)


def test_turns_are_seen_on_pictures_that_made_no_template(blobs: np.ndarray) -> None:
    templates = turn_templates(blobs[:100])
    assert thumbnail(blobs[0]).shape == (PIXELS,)
    for place, turn in enumerate(TURNS):
        upright = [picture_statistics(picture, templates)[len(LIGHT) + place] for picture in blobs[100:]]
        others = [
            picture_statistics(np.ascontiguousarray(picture), templates)[len(LIGHT) + place]
            for picture in turned(blobs[100:], turn)
        ]
        assert np.mean(np.array(others) < np.median(upright)) > 0.9, turn
    with pytest.raises(UsageError, match="not known"):
        turned(blobs, "inside out")


def test_answers() -> None:
    int8, float32 = np.array([0.7, 0.2, 0.1], np.float32), np.array([0.5, 0.4, 0.1], np.float32)

    assert answer_statistics(int8, None) == {"int8 confidence": pytest.approx(0.7)}
    values = answer_statistics(int8, float32)
    assert values["score distance"] == pytest.approx(0.2)
    assert values["relative distance"] == pytest.approx(0.2 / 0.51)
    assert values["confidence shift"] == pytest.approx(0.2)
    assert values["float margin"] == pytest.approx(0.1)


def test_a_reference_of_pictures_goes_through_json_and_knows_its_own(blobs: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.full(6, 0.3), len(blobs)).astype(np.float32)
    reference = Reference.of(blobs, scores, scores)
    text = json.dumps(reference.to_json())
    again = Reference.from_json(json.loads(text))

    assert len(text) < 20_000
    assert reference.shares.sum(axis=1) == pytest.approx(1)
    np.testing.assert_allclose(again.edges, reference.edges, atol=1e-6)
    like = [again.is_like(picture_statistics(picture, again.templates)) for picture in blobs]
    assert np.mean(like) > 0.8  # the turns' limits are of templates made without the picture
    assert not again.is_like(picture_statistics(blobs[0] // 3, again.templates))


def test_references_that_are_none() -> None:
    with pytest.raises(UsageError, match="at least 60"):
        Reference.of(np.zeros((5, 64, 64, 3), np.uint8), np.zeros((5, 6), np.float32), np.zeros((5, 6), np.float32))
    good = Reference.of_values(np.random.default_rng(0).normal(size=(100, len(STATISTICS))), NO_TEMPLATES).to_json()
    for key, value in (("edges", [[1.0]]), ("statistics", ["brightness"]), ("n", 0), ("shares", None)):
        with pytest.raises(ModelError):
            Reference.from_json({**good, key: value})
    with pytest.raises(ModelError, match="not understood"):
        Reference.from_json({})


@pytest.fixture(scope="module")
def normal() -> Reference:
    """Of 1,000 normal values of each statistic."""
    return Reference.of_values(np.random.default_rng(1).normal(size=(1000, len(STATISTICS))), NO_TEMPLATES)


def run(detector: ShiftDetector, values: np.ndarray, reference: Reference) -> int | None:
    """Feed (blocks, frames, statistics) values; the block at which an alarm began."""
    used = np.ones((1, len(STATISTICS)), bool)
    for number, block in enumerate(values):
        bins = (block[:, :, None] >= reference.edges).sum(axis=2)
        detector.update((bins[:, :, None] == np.arange(8)).mean(axis=0)[None], used)
        if detector.alarm.any():
            return number
    return None


def test_what_moved_is_named_with_its_direction(normal: Reference) -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(100, 5, len(STATISTICS)))
    values[:, :, 3] -= 2.0
    detector = ShiftDetector(normal, ShiftRule())

    found = run(detector, values, normal)

    assert found is not None
    assert found < 60
    assert np.flatnonzero(detector.alarm[0]).tolist() == [3]
    assert detector.lower[0, 3]
    assert detector.distance[0, 3] > 2 * np.delete(detector.distance[0], 3).max()
    assert detector.log_evidence[0, 3] >= detector.alarm_level


def test_a_camera_that_stays_in_the_middle_has_not_moved(normal: Reference) -> None:
    detector = ShiftDetector(normal, ShiftRule())

    assert run(detector, np.full((2000, 1, len(STATISTICS)), 0.3), normal) is None


def test_a_camera_in_one_of_the_references_rooms_has_not_moved() -> None:
    """A quarter of the reference is of bright rooms: a camera in such a one is always bright, and one that is darker is not."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(400, len(STATISTICS)))
    values[300:, 0] += 6.0
    rooms = ["dark"] * 300 + ["bright"] * 100
    one, two = Reference.of_values(values, NO_TEMPLATES), Reference.of_values(values, NO_TEMPLATES, rooms)
    bright = rng.normal(size=(500, 1, len(STATISTICS)))
    bright[:, :, 0] += 6.0

    assert two.sizes.tolist() == [100, 300]
    assert run(ShiftDetector(one, ShiftRule()), bright, one) is not None
    detector = ShiftDetector(two, ShiftRule())
    assert run(detector, bright, two) is None
    assert detector.distance[0, 0] < 0.3
    dim = bright - 10.0 * (np.arange(len(STATISTICS)) == 0)
    assert run(ShiftDetector(two, ShiftRule()), dim, two) is not None
    few = Reference.of_values(values, NO_TEMPLATES, ["rare"] * 30 + ["dark"] * 170 + ["odd"] * 30 + ["bright"] * 170)
    assert few.sizes.tolist() == [60, 170, 170]


def test_the_allowance_shrinks_with_the_reference(normal: Reference) -> None:
    small = Reference.of_values(np.random.default_rng(1).normal(size=(60, len(STATISTICS))), NO_TEMPLATES)
    share = normal.shares @ TAILS.T

    assert (ShiftRule().allowed(normal) > share + 0.05).all()
    assert (ShiftRule().allowed(small).mean()) > ShiftRule().allowed(normal).mean() + 0.05


def test_statistics_without_a_value_stay_as_they_are(normal: Reference) -> None:
    detector = ShiftDetector(normal, ShiftRule())
    used = np.zeros((1, len(STATISTICS)), bool)
    used[0, :3] = True
    detector.update(np.full((1, len(STATISTICS), 8), 1 / 8), used)

    assert detector.seen[0].tolist() == [1] * 3 + [0] * (len(STATISTICS) - 3)
    again = ShiftDetector(normal, ShiftRule())
    again.resume(json.loads(json.dumps(detector.to_json())))
    assert again.to_json() == detector.to_json()
