import numpy as np

from signs_edge.train.augment.light import augment_batch

PICTURES = np.random.default_rng(0).integers(0, 256, (16, 64, 64, 3), dtype=np.uint8)


def test_same_seed_same_pictures_and_another_seed_others():
    first = augment_batch(PICTURES, np.random.default_rng(1))
    assert np.array_equal(first, augment_batch(PICTURES, np.random.default_rng(1)))
    assert not np.array_equal(first, augment_batch(PICTURES, np.random.default_rng(2)))


def test_shape_and_dtype_stay_and_the_input_is_left_alone():
    before = PICTURES.copy()
    varied = augment_batch(PICTURES, np.random.default_rng(0))
    assert varied.shape == PICTURES.shape
    assert varied.dtype == np.uint8
    assert np.array_equal(PICTURES, before)


def test_every_picture_of_a_batch_is_varied_in_its_own_way():
    same = np.repeat(PICTURES[:1], 8, axis=0)
    varied = augment_batch(same, np.random.default_rng(0))
    assert len(np.unique(varied.reshape(8, -1), axis=0)) == 8


def test_what_is_shown_stays_in_the_picture():
    # A bright disc in the middle, as big as a hand is: wherever it is moved to, most of it must still be seen.
    rows, columns = np.mgrid[:64, :64]
    disc = ((rows - 31.5) ** 2 + (columns - 31.5) ** 2 < 18**2)[..., None] * np.full(3, 255, np.uint8)
    varied = augment_batch(np.repeat(disc[None].astype(np.uint8), 64, axis=0), np.random.default_rng(0))
    area = (varied.mean(axis=-1) > 128).sum(axis=(1, 2)) / (disc[..., 0] > 0).sum()
    assert area.min() > 0.6
    assert area.max() < 1.5
    assert area.std() > 0.05  # and its size does vary


def test_half_of_the_hands_are_mirrored():
    # Bright on the left: the side it ends up on says whether it was mirrored.
    left = np.zeros((1, 64, 64, 3), np.uint8)
    left[:, :, :20] = 255
    varied = augment_batch(np.repeat(left, 400, axis=0), np.random.default_rng(0)).astype(float)
    mirrored = varied[:, 24:40, 40:].mean(axis=(1, 2, 3)) > varied[:, 24:40, :24].mean(axis=(1, 2, 3))
    assert 0.4 < mirrored.mean() < 0.6
