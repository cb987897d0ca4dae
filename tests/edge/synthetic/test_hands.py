from __future__ import annotations

import itertools

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from signs_edge.edge.arrays import Images
from signs_edge.edge.errors import UsageError
from signs_edge.edge.synthetic.body import sample_person
from signs_edge.edge.synthetic.hands import contact_sheet, draw_hand, draw_hand_with_mask, draw_hands, synthetic_frames
from signs_edge.edge.synthetic.pose import FINGER_CHOICES, FINGERS, raised_fingers, sample_pose


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_same_seed_same_bytes() -> None:
    first, second = draw_hands(24, seed=7), draw_hands(24, seed=7)
    assert first[0].tobytes() == second[0].tobytes()
    assert first[1].tolist() == second[1].tolist()


def test_a_picture_depends_on_seed_and_index_only() -> None:
    few, many = draw_hands(5, seed=3), draw_hands(20, seed=3)
    np.testing.assert_array_equal(few[0], many[0][:5])
    np.testing.assert_array_equal(few[1], many[1][:5])


def test_another_seed_gives_other_pictures_in_another_order() -> None:
    one, other = draw_hands(36, seed=1), draw_hands(36, seed=2)
    assert all((a != b).mean() > 0.5 for a, b in zip(one[0], other[0], strict=True))
    assert one[1].tolist() != other[1].tolist()


@pytest.mark.parametrize("size", [32, 64, 96])
def test_shapes_and_types(size: int) -> None:
    images, labels = draw_hands(7, seed=0, size=size)
    assert (images.shape, images.dtype) == ((7, size, size, 3), np.uint8)
    assert (labels.shape, labels.dtype) == ((7,), np.int64)


def test_no_pictures_is_an_empty_set() -> None:
    images, labels = draw_hands(0, seed=0)
    assert images.shape == (0, 64, 64, 3)
    assert labels.shape == (0,)


def test_classes_are_balanced_and_shuffled() -> None:
    labels = draw_hands(60, seed=0, size=16)[1]
    assert np.bincount(labels).tolist() == [10] * 6
    assert len({tuple(labels[i : i + 6]) for i in range(0, 60, 6)}) > 5


@pytest.mark.parametrize("count", range(6))
def test_as_many_fingers_are_up_as_the_label_says(count: int) -> None:
    for i in range(150):
        raised = raised_fingers(sample_pose(count, rng(count, i)))
        assert len(raised) == count, f"pose {i}: {raised}"
        assert raised in [tuple(f for f in FINGERS if f in choice) for _, choice in FINGER_CHOICES[count]]


def test_every_way_to_show_a_count_comes_up() -> None:
    for count, choices in enumerate(FINGER_CHOICES):
        assert sum(share for share, _ in choices) == pytest.approx(1)
        seen = {raised_fingers(sample_pose(count, rng(i))) for i in range(150)}
        assert seen == {choice for _, choice in choices}
    assert ("index", "middle", "ring") in {choice for _, choice in FINGER_CHOICES[3]}


def test_zero_is_a_ring_or_a_fist() -> None:
    rings = sum(sample_pose(0, rng(i)).ring for i in range(200))
    assert 60 < rings < 140


def test_a_ring_closes_and_has_a_hole() -> None:
    for i in range(200):
        pose = sample_pose(0, rng(i))
        if pose.ring:
            thumb, index = pose.joints[0], pose.joints[1]
            assert np.linalg.norm(thumb[3] - index[3]) < 2.5
            assert np.linalg.norm(thumb[2] - index[1]) > 4


def test_bones_keep_their_lengths() -> None:
    lengths = np.array([np.linalg.norm(np.diff(sample_pose(i % 6, rng(i)).joints, axis=1), axis=2) for i in range(120)])
    assert np.ptp(lengths[:, 1:], axis=0).max() < 1e-9
    assert np.ptp(lengths[:, 0], axis=0).max() < 0.7  # the thumb's bones may be stretched to reach, a little


def test_people_differ() -> None:
    people = [sample_person(rng(i)) for i in range(60)]
    tones = np.array([person.skin.mean() for person in people])
    assert tones.min() < 90 < 190 < tones.max()
    bare = np.mean([person.sleeve_start > 50 for person in people])
    assert 0.2 < bare < 0.7


def test_backdrops_and_hands_differ() -> None:
    pairs = [draw_hand_with_mask(i % 6, rng(i)) for i in range(60)]
    behind = np.array([image[mask == 0].mean(axis=0) for image, mask in pairs])
    hands = np.array([image[mask == 255].mean(axis=0) for image, mask in pairs])
    assert behind.std(axis=0).min() > 35
    assert hands.std(axis=0).min() > 20
    rough = np.array([image[mask == 0].std(axis=0).mean() for image, mask in pairs])
    assert rough.min() < 12 < 30 < rough.max()


def test_the_mask_is_the_hand_and_its_arm_leaves_the_picture() -> None:
    for i in range(30):
        image, mask = draw_hand_with_mask(i % 6, rng(i))
        assert (mask.shape, mask.dtype) == (image.shape[:2], np.uint8)
        assert 0.05 < (mask > 127).mean() < 0.7
        border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        assert border.max() == 255


def test_the_mask_does_not_change_the_picture() -> None:
    np.testing.assert_array_equal(draw_hand(3, rng(4)), draw_hand_with_mask(3, rng(4))[0])


def test_contact_sheet_has_a_row_for_each_count() -> None:
    sheet = contact_sheet(seed=0, columns=2, size=32)
    assert sheet.shape == (6 * 32, 2 * 32, 3)
    np.testing.assert_array_equal(sheet, contact_sheet(seed=0, columns=2, size=32))


@pytest.mark.parametrize("count", [-1, 6])
def test_a_count_no_hand_can_show(count: int) -> None:
    with pytest.raises(UsageError, match=f"0 to 5.*Received: {count}"):
        draw_hand(count, rng(0))


def test_wrong_arguments() -> None:
    with pytest.raises(UsageError, match=r"size must be 16 to 1024 pixels\. Received: 8"):
        draw_hand(1, rng(0), size=8)
    with pytest.raises(UsageError, match=r"size must be 16 to 1024 pixels\. Received: 1025"):
        draw_hand(1, rng(0), size=1025)
    with pytest.raises(UsageError, match=r"n must be 0 or more pictures\. Received: -1"):
        draw_hands(-1, seed=0)
    with pytest.raises(UsageError, match=r"size must be 16 to 1024 pixels\. Received: -5"):
        draw_hands(0, seed=0, size=-5)
    with pytest.raises(UsageError, match=r"seed must be 0 or more\. Received: -3"):
        draw_hands(1, seed=-3)
    with pytest.raises(UsageError, match=r"seed must be 0 or more\. Received: -3"):
        contact_sheet(seed=-3)
    with pytest.raises(UsageError, match=r"columns must be at least 1\. Received: 0"):
        contact_sheet(columns=0)
    with pytest.raises(UsageError, match=r"seed must be 0 or more\. Received: -1"):
        synthetic_frames(seed=-1)
    with pytest.raises(UsageError, match=r"at least 16 pixels\. Received: 640x0"):
        synthetic_frames(height=0)
    with pytest.raises(UsageError, match=r"hold must be at least 1 frame\. Received: 0"):
        synthetic_frames(hold=0)


def test_frames_hold_each_count_and_then_show_another() -> None:
    clip = list(itertools.islice(synthetic_frames(seed=5, width=96, height=64, hold=3), 60))
    assert all((frame.shape, frame.dtype) == ((64, 96, 3), np.uint8) for frame, _ in clip)
    held = [{count for _, count in clip[i : i + 3]} for i in range(0, 60, 3)]
    assert all(len(counts) == 1 for counts in held)
    assert all(a != b for a, b in itertools.pairwise(held))
    assert {count for _, count in clip} == set(range(6))


def test_frames_are_the_same_again_from_the_same_seed() -> None:
    first, again = (list(itertools.islice(synthetic_frames(seed=2, width=64, height=64, hold=2), 6)) for _ in range(2))
    assert [count for _, count in first] == [count for _, count in again]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(first, again, strict=True))


def test_frames_move_smoothly_before_a_still_backdrop() -> None:
    clip = [frame.astype(float) for frame, _ in itertools.islice(synthetic_frames(seed=1, hold=4), 5)]
    steps = [np.abs(cv2.blur(b - a, (9, 9))).mean() for a, b in itertools.pairwise(clip)]
    assert all(0 < step < 0.5 * steps[-1] for step in steps[:-1]), steps
    corner = [frame[:60, :60].mean() for frame in clip]
    assert np.ptp(corner) < 2


def test_opencv_has_as_many_threads_as_before() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(3)
        draw_hands(2, seed=0, size=16)
        assert cv2.getNumThreads() == 3
        for _ in itertools.islice(synthetic_frames(width=32, height=32, hold=1), 2):
            assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)


CELL = np.add.outer(np.arange(64) // 8 * 8, np.arange(64) // 8)


def gradient_histograms(images: Images) -> npt.NDArray[np.float64]:
    """How much of which of 9 edge directions is in each cell of 8×8 pixels, (n, 576); OpenCV 5 has no HOGDescriptor."""
    rows = []
    for image in images:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
        strength, angle = cv2.cartToPolar(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
        direction = (angle % np.pi / np.pi * 9).astype(int) % 9
        cells = np.bincount((CELL * 9 + direction).ravel(), strength.ravel(), 576).reshape(8, 8, 9)
        around = cv2.blur((cells**2).sum(axis=2), (3, 3))
        rows.append(np.sqrt(cells / np.sqrt(around + 1)[..., None]).reshape(-1))
    return np.array(rows)


def test_the_hands_can_be_learned() -> None:
    """Kernel ridge regression on gradient histograms reads the count off drawings it has not seen; chance is 1 in 6."""
    images, labels = draw_hands(1020, seed=0)
    known = gradient_histograms(np.concatenate([images[:720], images[:720, :, ::-1]]))
    unseen = gradient_histograms(images[720:])
    answers = np.tile(np.eye(6)[labels[:720]] - 1 / 6, (2, 1))
    width = 0.5 * np.median(squared_distances(unseen, known))
    kernel = np.exp(-squared_distances(known, known) / width)
    weights = np.linalg.solve(kernel + 0.03 * np.eye(len(known)), answers)
    guesses = (np.exp(-squared_distances(unseen, known) / width) @ weights).argmax(axis=1)
    assert (guesses == labels[720:]).mean() > 2.5 / 6


def squared_distances(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    distances: npt.NDArray[np.float64] = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return distances
