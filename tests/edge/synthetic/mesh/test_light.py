"""Light and shadow."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from signs_edge.edge.synthetic.mesh.light import depth_map, light_around, sample_light

PLATE = np.stack(np.meshgrid(np.linspace(-0.05, 0.05, 60), np.linspace(-0.05, 0.05, 60), [0.0]), -1).reshape(-1, 3)
PLATE = PLATE.astype(np.float32)
CAMERA = np.array([0, 0, -1.0], np.float32)


def test_what_a_plate_hides_is_dark_and_what_it_does_not_is_lit() -> None:
    seen = depth_map(PLATE, np.zeros(3), CAMERA, (64, 0.3), 0.005)
    points = np.array([[0, 0, 0.03], [0, 0, 0], [0, 0, -0.03], [0.12, 0, 0.03]], np.float32)
    assert seen.lit(points).tolist() == [0, 1, 1, 1]
    assert seen.lit_softly(points).tolist() == [0, 1, 1, 1]


def test_the_edge_of_a_shadow_is_soft() -> None:
    seen = depth_map(PLATE, np.zeros(3), CAMERA, (64, 0.3), 0.005)
    across = np.stack([np.linspace(0.04, 0.07, 40), np.zeros(40), np.full(40, 0.03)], 1).astype(np.float32)
    shares = seen.lit_softly(across)
    assert ((shares > 0) & (shares < 1)).any()


def test_a_free_white_wall_gets_the_light_around_it() -> None:
    light = sample_light(np.random.default_rng(0))
    light = dataclasses.replace(light, around_colour=np.ones((11, 3), np.float32), flat=0.0)
    front = np.tile(CAMERA, (len(PLATE), 1))
    shares = light_around(light, PLATE, front, PLATE, 0.3)
    # evenly from all sides: the mean of the cosine over the front half of a sphere is a quarter of the whole, times 4
    assert shares.mean() == pytest.approx(1.0, abs=0.25)


def test_the_exposure_is_that_of_a_white_thing() -> None:
    light = dataclasses.replace(sample_light(np.random.default_rng(1)), exposure=0.5)
    level = light.around_colour.mean() + light.flat + 0.35 * light.key_colour.mean()
    assert light.gain * level == pytest.approx(0.5)


def test_lights_are_of_all_kinds() -> None:
    lights = [sample_light(np.random.default_rng(seed)) for seed in range(200)]
    assert {light.kind for light in lights} == {"room", "side", "behind", "screen"}
    assert sum(light.exposure > 1 for light in lights) >= 8
    assert sum(light.exposure < 0.3 for light in lights) >= 8
    assert all(np.linalg.norm(light.key) == pytest.approx(1, abs=1e-5) for light in lights)
