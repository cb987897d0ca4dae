"""Blur and exposure."""

import cv2
import numpy as np

from signs_edge.train.audit.quality import blur_outliers, overexposed, sharpness, underexposed


def test_the_blurred_ones_are_found_worst_first(drawn_hands):
    images = drawn_hands[0].copy()
    images[7] = cv2.GaussianBlur(images[7], (0, 0), 6)
    images[9] = 120
    found = blur_outliers(images)
    assert [index for index, _ in found] == [9, 7]
    assert found[0][1] == 0 < found[1][1] < np.median(sharpness(images))
    assert blur_outliers(drawn_hands[0]) == []
    assert blur_outliers(images[:0]) == []


def test_dark_and_blown_out_ones_are_found(drawn_hands):
    images = drawn_hands[0].copy()
    before_dark, before_bright = underexposed(images), overexposed(images)
    images[3] = images[3] // 8
    images[5, :40] = 255
    assert {i for i, _ in underexposed(images)} == {i for i, _ in before_dark} | {3}
    assert {i for i, _ in overexposed(images)} == {i for i, _ in before_bright} | {5}
    assert dict(overexposed(images))[5] >= 40 / 64
