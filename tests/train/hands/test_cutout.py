"""Hands cut out of a plain wall, against drawings whose mask is known."""

import os

import cv2
import numpy as np
import pytest

from signs_edge.train.data.dataset import load_labelled
from signs_edge.train.hands.cutout import SIDE, cut_out, largest_part, own_colours, soften
from signs_edge.train.hands.hands import cut_all


def overlap(found, truth):
    """Intersection over union of a cutout's mask and a photo's."""
    a, b = found > 127, cv2.resize(truth, (SIDE, SIDE)) > 127
    return (a & b).sum() / (a | b).sum()


def wall(seed=0):
    rng = np.random.default_rng(seed)
    return np.clip(rng.normal(205, 2, (64, 64, 1)) * np.array([1, 0.98, 0.95]), 0, 255).astype(np.uint8)


def test_drawn_hands_before_a_light_wall_are_found(wall_photos, wall_cutouts):
    overlaps = [overlap(cutout.mask, mask) for cutout, mask in zip(wall_cutouts, wall_photos.masks, strict=True)]
    assert np.mean(np.array(overlaps) >= 0.8) >= 0.94  # measured: 35 of 36
    assert np.median(overlaps) > 0.95
    assert sum(cutout.good for cutout in wall_cutouts) >= 34


def test_a_cutout_is_the_same_again_and_has_no_wall_at_its_edge(wall_photos):
    photo = wall_photos.images[5]
    first, again = cut_out(photo), cut_out(photo)
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.mask, again.mask)
    assert (first.image.shape, first.image.dtype) == ((SIDE, SIDE, 3), np.uint8)
    assert (first.mask.shape, first.mask.dtype) == ((SIDE, SIDE), np.uint8)
    assert 0 < ((first.mask > 0) & (first.mask < 255)).mean() < 0.2  # a soft edge, but an edge


@pytest.mark.parametrize("picture", [wall(), np.full((64, 64, 3), 205, np.uint8), np.zeros((64, 64, 3), np.uint8)])
def test_a_bare_wall_has_no_hand(picture):
    cutout = cut_out(picture)
    assert not cutout.good
    assert cutout.quality < 0.5
    assert cutout.image.shape == (SIDE, SIDE, 3)


def test_a_wall_that_is_all_of_one_colour_has_quality_0_and_an_empty_mask():
    cutout = cut_out(np.full((64, 64, 3), 205, np.uint8))
    assert cutout.quality == 0
    assert not cutout.mask.any()


def test_the_largest_part_stays():
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[10:20, 10:20] = 1
    mask[50:90, 50:90] = 1
    assert largest_part(mask).sum() == 1600
    assert not largest_part(np.zeros_like(mask)).any()


def test_near_the_edge_the_hands_own_colours_replace_the_mixture():
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[32:96, 32:96] = 1
    mixed = np.full((SIDE, SIDE, 3), 220, np.uint8)
    mixed[32:96, 32:96] = 100
    mixed[32, 32:96] = 160  # the outermost row is half wall
    cleaned = own_colours(mixed, mask)
    assert (cleaned[32, 40:88] < 130).all()
    assert (cleaned[60, 60] == 100).all()


def test_a_softened_mask_is_255_inside_and_0_outside():
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[32:96, 32:96] = 1
    soft = soften(mask)
    assert soft.dtype == np.uint8
    assert soft[64, 64] == 255
    assert soft[10, 10] == 0
    assert 0 < soft[64, 32] < 255


@pytest.mark.signs
def test_nearly_all_real_photos_are_cut_out_well():
    photos = load_labelled(os.environ["SIGNS_EDGE_DATA"]).images[::4]
    assert len(photos) == 30
    assert sum(cutout.good for cutout in cut_all(photos)) >= 28
