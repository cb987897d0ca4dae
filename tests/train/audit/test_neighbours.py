"""Histograms of oriented gradients, and the neighbours' votes."""

import numpy as np
import pytest

from signs_edge.train.audit.neighbours import describe, vote


def stripes(angle, period=8.0):
    """(64, 64, 3) uint8 stripes whose brightness changes along an angle in degrees."""
    y, x = np.mgrid[:64, :64]
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    return np.repeat((128 + 100 * np.sin(2 * np.pi * along / period))[..., np.newaxis], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize(("angle", "bin_"), [(10, 0), (30, 1), (90, 4), (170, 8)])
def test_stripes_fill_the_bin_of_their_direction(angle, bin_):
    features = describe(stripes(angle)[np.newaxis])
    assert features.shape == (1, 7 * 7 * 4 * 9)
    assert features.dtype == np.float32
    assert features.reshape(-1, 9).sum(axis=0).argmax() == bin_


def test_light_changes_little_and_flat_pictures_are_finite():
    picture = stripes(40)[np.newaxis]
    a, b = describe(picture), describe((picture * 0.7).astype(np.uint8))
    assert np.linalg.norm(a - b) < 0.05 * np.linalg.norm(a)
    assert np.abs(describe(np.full((1, 64, 64, 3), 90, np.uint8))).max() < 1e-6
    assert len(describe(np.empty((0, 64, 64, 3), np.uint8))) == 0


def test_the_batches_do_not_show(blotches, monkeypatch):
    pictures = blotches(20, 0)
    whole = describe(pictures)
    monkeypatch.setattr("signs_edge.train.audit.neighbours._BLOCK", 6)
    assert np.array_equal(describe(pictures), whole)


def test_neighbours_of_another_class_raise_suspicion():
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(0, 1, (30, 5)), rng.normal(9, 1, (30, 5))]).astype(np.float32)
    labels = np.repeat([0, 1], 30)
    labels[7] = 1
    votes = vote(features, labels, np.arange(60), 3)
    assert votes.suspicion.argmax() == 7
    assert votes.suspicion[7] == pytest.approx(1)
    assert votes.answers[7] == 0
    assert votes.accuracy == pytest.approx(59 / 60)
    assert votes.shares.sum(axis=1) == pytest.approx(np.ones(60))
    assert (votes.nearest[7] < 30).all()


def test_a_group_does_not_vouch_for_itself():
    features = np.array([[0, 0], [0, 0.1], [0, 0.2], [1, 0], [1.1, 0]], np.float32)
    labels = np.array([1, 1, 1, 0, 0])
    votes = vote(features, labels, np.array([0, 0, 0, 1, 2]), 2, neighbours=2)
    assert votes.answers[:3].tolist() == [0, 0, 0]
    alone = vote(features, labels, np.zeros(5, np.int64), 2)
    assert not alone.shares.any()
    assert alone.suspicion.tolist() == [0] * 5
