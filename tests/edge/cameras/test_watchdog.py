"""What frames show, and when a camera has stalled: pure, over a clock of our own."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.cameras.watchdog import WatchConfig, Watchdog, exposure
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import FrameState

SIZE = (48, 64, 3)


def noise(seed: int, low: int = 0, high: int = 256) -> np.ndarray:
    return np.random.default_rng(seed).integers(low, high, SIZE, dtype=np.uint8)


@pytest.mark.parametrize(
    ("image", "state"),
    [
        (noise(0), FrameState.OK),
        (noise(0, 0, 15), FrameState.BLACK),
        (noise(0, 0, 40), FrameState.OK),  # a dark room
        (noise(0, 251, 256), FrameState.OVEREXPOSED),
        (noise(0, 200, 249), FrameState.OK),  # a bright one
        (np.full(SIZE, (255, 0, 0), np.uint8), FrameState.OK),  # blue is neither
        (np.zeros((1, 1, 3), np.uint8), FrameState.BLACK),
    ],
)
def test_exposure(image: np.ndarray, state: FrameState) -> None:
    assert exposure(image) is state


def test_a_lamp_in_the_dark_is_something_to_see() -> None:
    image = np.zeros(SIZE, np.uint8)
    image[:16, :16] = 200

    assert exposure(image) is FrameState.OK


def test_a_hand_before_a_white_sky_is_too() -> None:
    image = np.full(SIZE, 255, np.uint8)
    image[8:40, 16:48] = 90

    assert exposure(image) is FrameState.OK


def test_frozen_after_so_long_and_no_longer_with_the_first_change() -> None:
    watchdog = Watchdog(WatchConfig(frozen_after=2))
    still, changed = noise(1), noise(1)
    changed[47, 63, 2] ^= 1  # the last value, by one bit

    states = [watchdog.judge(still.copy(), now) for now in (10, 11, 11.9, 12, 13)]
    states.append(watchdog.judge(changed, 13.1))

    assert states == [FrameState.OK] * 3 + [FrameState.FROZEN] * 2 + [FrameState.OK]


def test_never_frozen_where_that_is_switched_off() -> None:
    watchdog = Watchdog(WatchConfig(frozen_after=0))

    assert {watchdog.judge(noise(1), now) for now in range(0, 10_000, 100)} == {FrameState.OK}


def test_black_goes_before_frozen() -> None:
    watchdog = Watchdog(WatchConfig(frozen_after=1))

    assert [watchdog.judge(np.zeros(SIZE, np.uint8), now) for now in (0, 5)] == [FrameState.BLACK] * 2


def test_a_picture_that_was_frozen_is_so_after_a_reconnection_too() -> None:
    watchdog = Watchdog(WatchConfig(frozen_after=2))
    watchdog.judge(noise(1), 0)
    watchdog.reconnected()

    assert watchdog.judge(noise(1), 3) is FrameState.FROZEN


def test_another_size_is_another_picture() -> None:
    watchdog = Watchdog(WatchConfig(frozen_after=2))
    watchdog.judge(np.full((48, 64, 3), 90, np.uint8), 0)

    assert watchdog.judge(np.full((24, 32, 3), 90, np.uint8), 3) is FrameState.OK


def test_patience_grows_with_a_slow_camera_and_not_with_a_pause() -> None:
    fast, slow = Watchdog(WatchConfig(stalled_after=3)), Watchdog(WatchConfig(stalled_after=3))
    for index in range(9):
        fast.judge(noise(index), index / 30)
        slow.judge(noise(index), index * 2)
    fast.reconnected()
    for index in range(9):
        fast.judge(noise(index), 1000 + index / 30)

    assert fast.patience == 3
    assert slow.patience == 8


@pytest.mark.parametrize(
    "values",
    [{"stalled_after": 0}, {"stalled_after": float("nan")}, {"frozen_after": -1}, {"frozen_after": float("inf")}],
)
def test_values_that_mean_nothing_are_refused(values: dict[str, float]) -> None:
    (name,) = values

    with pytest.raises(UsageError, match=f"{name.replace('_', '-')} .* is not allowed"):
        WatchConfig(**values)
