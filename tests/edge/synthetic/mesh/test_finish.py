"""From a drawing to a picture."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.synthetic.mesh.finish import Blur, finish, sample_blur, streak


def square() -> np.ndarray:
    canvas = np.zeros((90, 90, 4), np.float32)
    canvas[30:60, 30:60] = (0.5, 0.25, 1.0, 1.0)
    return canvas


def test_colour_is_not_dimmed_by_opacity() -> None:
    image, alpha = finish(square(), (60, 60), Blur(sigma=1.0))
    rim = (alpha > 20) & (alpha < 230)
    assert rim.any()
    assert np.abs(image[rim].astype(int) - (128, 64, 255)).max() <= 2


@pytest.mark.parametrize("blur", [Blur(), Blur(sigma=1.5), Blur(length=7.0, angle=30.0)])
def test_a_blur_moves_opacity_but_keeps_it(blur: Blur) -> None:
    _, alpha = finish(square(), (60, 60), blur)
    assert alpha.sum() / 255 == pytest.approx(400, rel=0.02)


def test_a_hand_smears_along_its_way_only() -> None:
    _, still = finish(square(), (60, 60), Blur())
    _, moved = finish(square(), (60, 60), Blur(length=9.0, angle=0.0))
    assert (moved.any(axis=0)).sum() > (still.any(axis=0)).sum() + 4
    assert (moved.any(axis=1)).sum() <= (still.any(axis=1)).sum() + 2


@pytest.mark.parametrize("angle", [0, 37, 90, 163])
def test_a_streak_is_a_mean(angle: float) -> None:
    assert streak(8.5, angle).sum() == pytest.approx(1)


def test_blurs_are_of_all_kinds() -> None:
    blurs = [sample_blur(160, np.random.default_rng(seed)) for seed in range(100)]
    assert sum(blur.length > 0 for blur in blurs) > 8
    assert sum(blur.sigma > 0 for blur in blurs) > 15
    assert sum(blur == Blur() for blur in blurs) > 25
