"""Exact tests: against figures that can be worked out by hand, and an interval's coverage against its promise."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.metrics.intervals import paired_difference_interval
from signs_edge.edge.metrics.mcnemar import binomial_below, loss_p
from signs_edge.export.gate.power import detectable_flips, detectable_loss, least_loss


def test_five_losses_without_a_gain_are_significant_and_four_are_not() -> None:
    assert least_loss(0.05) == 5
    assert loss_p(5, 0) < 0.05 <= loss_p(4, 0)
    assert least_loss(0.01) == 7


def test_what_so_few_pictures_could_not_have_shown() -> None:
    loss = detectable_loss(120)
    assert loss is not None
    assert 1 - binomial_below(4, 120, loss) == pytest.approx(0.8, abs=1e-6)
    assert 0.05 < loss < 0.06
    more = detectable_loss(720)
    assert more is not None
    assert more < loss / 5
    assert detectable_loss(4) is None  # even if all four are lost
    flips = detectable_flips(120, 1)
    assert flips is not None
    assert 1 - binomial_below(1, 120, flips) == pytest.approx(0.8, abs=1e-6)
    assert detectable_flips(3, 3) is None


@pytest.mark.parametrize("power", [0.8, 0.95])
def test_detectable_means_detected_in_that_share_of_simulated_exports(power: float) -> None:
    loss = detectable_loss(120, power=power)
    assert loss is not None
    lost = np.random.default_rng(0).binomial(120, loss, 20_000)
    detected = np.array([loss_p(int(k), 0) < 0.05 for k in range(121)])[lost].mean()
    assert detected == pytest.approx(power, abs=0.012)  # four standard errors


@pytest.mark.parametrize("n", [120, 700])
@pytest.mark.parametrize(("only_float", "only_int8"), [(0.002, 0.002), (0.01, 0.01), (0.02, 0.005), (0.06, 0.02)])
def test_the_interval_of_the_difference_covers_it_as_often_as_it_says(
    n: int, only_float: float, only_int8: float
) -> None:
    """Of 20,000 simulated exports each; Agresti and Min's interval errs, where it does, by being too wide."""
    rng = np.random.default_rng(1)
    draws = rng.multinomial(n, [only_float, only_int8, 1 - only_float - only_int8], 20_000)[:, :2]
    cases, counts = np.unique(draws, axis=0, return_counts=True)
    covered = 0
    for (b, c), count in zip(cases.tolist(), counts.tolist(), strict=True):
        interval = paired_difference_interval(b, c, n)
        assert interval is not None
        covered += count * (interval.low <= only_float - only_int8 <= interval.high)
    assert covered / counts.sum() >= 0.94


@pytest.mark.parametrize("n", [40, 700])
def test_equal_models_fail_no_more_often_than_the_test_allows(n: int) -> None:
    draws = np.random.default_rng(2).multinomial(n, [0.03, 0.03, 0.94], 20_000)[:, :2]
    cases, counts = np.unique(draws, axis=0, return_counts=True)
    failed = sum(
        count for (b, c), count in zip(cases.tolist(), counts.tolist(), strict=True) if loss_p(b, c) < 0.05
    )  # fmt: skip
    assert failed / counts.sum() <= 0.05
