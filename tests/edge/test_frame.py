"""Whatever a camera gives, as BGR."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.frame import as_bgr


def test_bgr_stays_as_it_is() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)

    assert as_bgr(image) is image


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1)])
def test_grey_has_three_equal_channels(shape: tuple[int, ...]) -> None:
    image = as_bgr(np.full(shape, 77, np.uint8))

    assert image is not None
    assert (image.shape, image.dtype) == ((4, 6, 3), np.uint8)
    assert (image == 77).all()


def test_the_alpha_channel_is_left_out() -> None:
    image = as_bgr(np.full((4, 6, 4), (10, 20, 30, 99), np.uint8))

    assert image is not None
    assert image[0, 0].tolist() == [10, 20, 30]


def test_sixteen_bits_become_eight() -> None:
    image = as_bgr(np.full((4, 6, 3), 0xABCD, np.uint16))

    assert image is not None
    assert (image.dtype, image.max()) == (np.uint8, 0xAB)


def test_yuyv_of_grey_is_grey() -> None:
    image = as_bgr(np.full((4, 6, 2), 128, np.uint8))

    assert image is not None
    assert image.shape == (4, 6, 3)
    assert np.ptp(image) <= 2


@pytest.mark.parametrize(
    "array",
    [np.zeros((4,), np.uint8), np.zeros((0, 6, 3), np.uint8), np.zeros((4, 5, 2), np.uint8),
     np.zeros((4, 6, 5), np.uint8), np.zeros((4, 6, 3), np.float32), np.zeros((1, 4, 6, 3), np.uint8)],
)  # fmt: skip
def test_what_is_no_picture_is_none(array: np.ndarray) -> None:
    assert as_bgr(array) is None
