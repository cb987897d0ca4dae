"""The fingers that a pose says are raised are the ones that stand out."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.synthetic.mesh.arm import sample_build
from signs_edge.edge.synthetic.mesh.capsule_hand import capsule_hand
from signs_edge.edge.synthetic.mesh.finger_pose import LETTERS, SIGNS, sample_finger_pose
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, Array, pose_joints


def posed(count: int, seed: int) -> tuple[tuple[bool, ...], str, Array]:
    """What is raised, the thumb's way, and the joints' places (25, 3)."""
    rng = np.random.default_rng((seed, count))
    bind, build = capsule_hand().bind, sample_build(rng)
    pose = sample_finger_pose(bind, build, count, rng)
    return pose.raised, pose.thumb, pose_joints(bind, pose.rotations, build)[:, :3, 3].astype(float)


def reach(at: Array, chain: tuple[int, ...]) -> float:
    """A finger's extent over its length: 1 straight, less when bent."""
    bones = np.linalg.norm(np.diff(at[list(chain[1:])], axis=0), axis=1).sum()
    return float(np.linalg.norm(at[chain[-1]] - at[chain[1]]) / bones)


@pytest.mark.parametrize("count", range(6))
def test_raised_fingers_are_straight_and_folded_ones_bent(count: int) -> None:
    for seed in range(60):
        raised, thumb, at = posed(count, seed)
        assert sum(raised) == count
        for finger in range(1, 5):
            share = reach(at, CHAINS[finger])
            if raised[finger]:
                assert share > 0.85, (seed, finger)
            else:
                assert share < (0.95 if thumb == "ring" else 0.75), (seed, finger)


def test_a_folded_thumb_lies_nearer_to_the_palm_than_a_raised_one() -> None:
    away = {True: [], False: []}
    for seed in range(80):
        for count in (4, 5):
            raised, _, at = posed(count, seed)
            palm = at[[CHAINS[finger][1] for finger in (2, 3)]].mean(axis=0)
            away[raised[0]].append(float(np.linalg.norm(at[4] - palm)))
    assert np.median(away[False]) < 0.6 * np.median(away[True])


def test_shares_of_the_signs_are_of_each_count_and_add_up() -> None:
    for count, signs in enumerate(SIGNS):
        assert sum(share for *_, share in signs) == pytest.approx(1)
        assert all(len(letters) == count and set(letters) <= set(LETTERS) for letters, *_ in signs)
        assert all((thumb == "up") == ("t" in letters) for letters, thumb, _ in signs)


@pytest.mark.parametrize("count", [-1, 6])
def test_other_counts_are_refused(count: int) -> None:
    with pytest.raises(UsageError, match="count must be 0 to 5"):
        sample_finger_pose(capsule_hand().bind, np.ones((25, 3)), count, np.random.default_rng(0))
