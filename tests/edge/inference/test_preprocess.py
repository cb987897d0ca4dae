"""The very numbers that the network sees: crop, size, colour, scale."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.preprocess import (
    centre_square,
    fit_square,
    frame_to_picture,
    scale_pictures,
    scale_table,
)


def coordinates(height: int, width: int) -> np.ndarray:
    """A frame whose pixels tell their own row, column and 7."""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, columns, np.full_like(rows, 7)], axis=-1).astype(np.uint8)


@pytest.mark.parametrize(
    ("size", "first", "last"),
    [
        ((6, 10), (0, 2), (5, 7)),  # even: two columns off each side
        ((6, 9), (0, 1), (5, 6)),  # odd: one off the left, two off the right
        ((9, 6), (1, 0), (6, 5)),
        ((10, 6), (2, 0), (7, 5)),
        ((5, 5), (0, 0), (4, 4)),
        ((1, 3), (0, 1), (0, 1)),
    ],
)
def test_the_square_is_the_largest_about_the_centre(size, first, last) -> None:
    square = centre_square(coordinates(*size))

    assert square.shape == (min(size), min(size), 3)
    assert tuple(square[0, 0, :2]) == first
    assert tuple(square[-1, -1, :2]) == last


def test_the_crop_copies_nothing() -> None:
    frame = coordinates(6, 10)

    assert np.shares_memory(centre_square(frame), frame)


def test_blue_and_red_change_places() -> None:
    frame = np.zeros((64, 64, 3), np.uint8)
    frame[:] = (10, 20, 30)  # BGR, as OpenCV gives it

    assert (frame_to_picture(frame, Contract()) == (30, 20, 10)).all()
    assert (frame == (10, 20, 30)).all()  # and the frame stays as it was


def test_a_picture_of_the_right_size_passes_unchanged() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    assert (frame_to_picture(frame, Contract()) == frame[..., ::-1]).all()
    assert (fit_square(frame, Contract()) == frame).all()


@pytest.mark.parametrize("factor", [2, 5, 10])
def test_each_pixel_is_the_mean_of_its_area(factor: int) -> None:
    frame = np.random.default_rng(factor).integers(0, 256, (64 * factor, 64 * factor + 26, 3), dtype=np.uint8)

    square = frame[:, 13 : 13 + 64 * factor].astype(float)
    means = square.reshape(64, factor, 64, factor, 3).mean(axis=(1, 3))
    picture = frame_to_picture(frame, Contract()).astype(float)

    assert np.abs(picture[..., ::-1] - means).max() <= 0.5 + 1e-6  # nothing but rounding


def test_a_vga_frame_is_averaged_over_fractions_of_pixels() -> None:
    """480 rows onto 64 are 7.5 to 1: each block's outermost pixels count by the part that lies in it."""
    column = np.random.default_rng(1).integers(0, 256, 480, dtype=np.uint8)
    frame = np.repeat(column[:, None, None], 640, axis=1).repeat(3, axis=2)

    fine = np.repeat(column, 2).astype(float).reshape(64, 15).mean(axis=1)  # halves of pixels, 15 to a row

    assert np.abs(frame_to_picture(frame, Contract())[:, 0, 0] - fine).max() <= 0.5 + 1e-3


def test_small_frames_are_enlarged_and_the_contract_names_the_size() -> None:
    assert frame_to_picture(coordinates(10, 20), Contract()).shape == (64, 64, 3)
    assert frame_to_picture(coordinates(100, 90), Contract(height=32, width=48)).shape == (32, 48, 3)


def test_a_view_of_a_frame_will_do() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (128, 256, 3), dtype=np.uint8)

    mirrored = frame_to_picture(frame[:, ::-1], Contract())

    assert (mirrored == frame_to_picture(np.ascontiguousarray(frame[:, ::-1]), Contract())).all()


def test_the_scale_is_exactly_one_255th() -> None:
    table = scale_table(Contract())

    assert table.dtype == np.float32
    assert table.tolist() == [np.float32(value / 255) for value in range(256)]
    assert (table[0], table[255]) == (0.0, 1.0)


def test_pictures_are_scaled_as_they_lie() -> None:
    pictures = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)

    scaled = scale_pictures(pictures, Contract())

    assert scaled.dtype == np.float32
    assert (scaled == pictures.astype(np.float32) / np.float32(255)).all()
