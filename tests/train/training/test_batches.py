"""The batch of any epoch and step: always the same, with the shares that the configuration asks for."""

import numpy as np
import pytest

from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.hands.hands import Hands, drawn_hands, hands_of
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.training.batches import NO_CLASS, Batches, arrays

NAMES = tuple("012345")
UNIFORM = 1 / len(NAMES)


@pytest.fixture(scope="module")
def photos(wall_photos):
    return SignsDataset(wall_photos.images, wall_photos.labels, NAMES)


@pytest.fixture(scope="module")
def hands(photos, wall_cutouts):
    return Hands((*hands_of(wall_cutouts, photos.labels, NAMES, 0), *drawn_hands(12, NAMES, 0)))


@pytest.fixture(scope="module")
def backgrounds(blotches):
    return blotches(10, 5)


@pytest.fixture
def make(photos, hands, backgrounds):
    """A function of changes to the configuration."""

    def build(**changes):
        values = {"batch_size": 16, "epochs": 10, "label_smoothing": 0.0, "negatives": 0.0, "seed": 2}
        return Batches(TrainConfig("photos", **(values | changes)), photos, hands, backgrounds)

    return build


def test_one_epoch_and_step_is_always_the_same_batch(make):
    first, other = make(mixup=0.3, negatives=0.2), make(mixup=0.3, negatives=0.2)
    other(3, 1)
    for ours, theirs in zip(first(6, 1), other(6, 1), strict=True):
        assert np.array_equal(ours, theirs)
    assert not np.array_equal(first(6, 1)[0], first(7, 1)[0])
    assert not np.array_equal(first(6, 1)[0], first(6, 0)[0])
    assert not np.array_equal(first(6, 1)[0], make(seed=3, mixup=0.3, negatives=0.2)(6, 1)[0])


@pytest.mark.parametrize("augment", ["strong", "light", "none"])
def test_inputs_and_targets_have_the_networks_form(make, augment):
    batches = make(augment=augment, negatives=0.3, label_smoothing=0.1)
    assert batches.steps == 3
    for step, n in enumerate((16, 16, 4)):  # the last is smaller
        inputs, targets = batches(9, step)
        assert (inputs.shape, inputs.dtype) == ((n, 64, 64, 3), np.float32)
        assert (targets.shape, targets.dtype) == ((n, 6), np.float32)
        assert inputs.min() >= 0
        assert inputs.max() <= 1
        assert targets.sum(axis=1) == pytest.approx(1)
        assert targets.min() > 0


def test_without_augmentation_an_epoch_is_the_photos_themselves_in_another_order(make, photos):
    batches = make(augment="none")
    inputs, targets = (np.concatenate(parts) for parts in zip(*(batches(4, step) for step in range(3)), strict=True))
    expected, truth = arrays(photos)
    places = [int(np.flatnonzero((expected == picture).all(axis=(1, 2, 3)))[0]) for picture in inputs]
    assert sorted(places) == list(range(36))
    assert places != list(range(36))
    assert np.array_equal(targets, truth[places])


def test_labels_stay_with_their_pictures_whatever_is_composed(make):
    for epoch in (0, 9):
        for step in range(3):
            assert np.array_equal(make(augment="strong")(epoch, step)[1], make(augment="none")(epoch, step)[1])


@pytest.mark.parametrize("negatives", [0.0, 0.1, 0.5])
def test_as_many_pictures_as_configured_show_no_hand_and_no_class_is_right_for_them(make, negatives):
    batches = make(negatives=negatives, batch_size=36)
    targets = np.concatenate([batches(epoch, 0)[1] for epoch in range(2, 9)])
    hand_free = np.isclose(targets, UNIFORM).all(axis=1)
    assert hand_free.mean() == pytest.approx(negatives, abs=0.07)
    assert (targets[~hand_free].max(axis=1) == 1).all()


def test_smoothing_takes_its_share_from_the_true_class(make):
    _, targets = make(augment="none", label_smoothing=0.12)(0, 0)
    assert targets.max(axis=1) == pytest.approx(0.88 + 0.02)
    assert targets.min(axis=1) == pytest.approx(0.02)


def test_more_hands_are_composed_as_strength_rises(make):
    """Light augmentation of the same seed gives the very pictures that are not replaced."""

    def replaced(epoch):
        strong, light = make(ramp=0.5, batch_size=36), make(augment="light", batch_size=36)
        changed = strong(epoch, 0)[0] != light(epoch, 0)[0]
        return changed.any(axis=(1, 2, 3)).mean()

    assert 0.03 <= replaced(0) <= 0.45  # 0.2 at strength 0
    assert 0.65 <= replaced(5) <= 1  # 0.85 at strength 1


def test_mixup_adds_each_picture_to_another_of_the_batch(make):
    plain, mixed = make(augment="none"), make(augment="none", mixup=1.0)
    for step in range(3):
        (pure, truth), (inputs, targets) = plain(0, step), mixed(0, step)
        assert np.allclose(inputs + inputs[::-1], pure + pure[::-1], atol=1e-5)
        assert np.allclose(targets + targets[::-1], truth + truth[::-1], atol=1e-6)
        assert not np.allclose(inputs, pure)


def test_varied_pictures_show_the_classes_in_turn(make):
    batches = make()
    varied = batches.varied(15, seed=1)
    assert varied.labels.tolist() == [*range(6), *range(6), 0, 1, 2]
    assert varied.images.shape == (15, 64, 64, 3)
    assert np.array_equal(varied.images, batches.varied(15, seed=1).images)
    assert not np.array_equal(varied.images, batches.varied(15, seed=2).images)


def test_a_class_that_nobody_held_out_has_no_varied_pictures(photos, hands, backgrounds):
    part = photos.take(np.flatnonzero((photos.labels == 1) | (photos.labels == 4)))
    only = Hands(tuple(hand for hand in hands.hands if hand.label in (1, 4)))
    varied = Batches(TrainConfig("photos"), part, only, backgrounds).varied(4, seed=0)
    assert varied.labels.tolist() == [1, 4, 1, 4]
    assert varied.names == NAMES


def test_of_a_class_without_a_cutout_photos_are_shown(photos, backgrounds):
    varied = Batches(TrainConfig("photos"), photos, Hands(()), backgrounds).varied(6, seed=0)
    assert varied.images.shape == (6, 64, 64, 3)
    assert varied.images.std() > 10


def test_hands_of_one_origin_are_enough(photos, hands, backgrounds):
    drawn = Hands(tuple(hand for hand in hands.hands if hand.origin == 2))
    batches = Batches(TrainConfig("photos", erased=1.0, drawn=0.0), photos, drawn, backgrounds)
    assert len(batches.varied(6, seed=0)) == 6


def test_pictures_without_hands_come_again_from_their_seed(make):
    batches = make()
    empty = batches.without_hands(12, seed=1)
    assert (empty.shape, empty.dtype) == ((12, 64, 64, 3), np.uint8)
    assert np.array_equal(empty, batches.without_hands(12, seed=1))
    assert not np.array_equal(empty, batches.without_hands(12, seed=2))


def test_no_class_has_the_label_of_no_hand():
    assert NO_CLASS < 0
