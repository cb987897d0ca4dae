"""Exact tests of two models, against figures that can be worked out by hand."""

from __future__ import annotations

import math

import pytest

from signs_edge.edge.metrics.mcnemar import binomial_below, loss_p, mcnemar


@pytest.mark.parametrize(
    ("lost", "gained", "two_sided", "one_sided"),
    [
        (0, 0, 1.0, 1.0),  # nothing is known, so nothing is claimed
        (1, 0, 1.0, 0.5),
        (5, 0, 2 / 32, 1 / 32),
        (0, 5, 2 / 32, 1.0),
        (3, 1, 2 * 5 / 16, 5 / 16),
        (2, 2, 1.0, 11 / 16),
        (10, 0, 2 / 1024, 1 / 1024),
        (10, 2, 2 * 79 / 4096, 79 / 4096),  # 1 + 12 + 66
    ],
)
def test_mcnemar_by_hand(lost: int, gained: int, two_sided: float, one_sided: float) -> None:
    assert mcnemar(lost, gained) == pytest.approx(two_sided)
    assert loss_p(lost, gained) == pytest.approx(one_sided)


def test_mcnemar_as_statsmodels_documents_it() -> None:
    assert mcnemar(121, 59) == pytest.approx(4.434e-06, rel=1e-3)  # its example of mcnemar(exact=True)


def test_mcnemar_of_more_pictures_than_a_float_has_powers_of_two() -> None:
    assert 0 < mcnemar(1500, 1700) < 0.001


def test_the_binomial_is_that_of_exact_fractions() -> None:
    exact = sum(math.comb(30, k) * 3**k * 7 ** (30 - k) for k in range(12)) / 10**30
    assert binomial_below(11, 30, 0.3) == pytest.approx(exact, rel=1e-12)
    assert binomial_below(-1, 30, 0.3) == 0
    assert binomial_below(30, 30, 0.3) == binomial_below(0, 30, 0.0) == 1
    assert binomial_below(0, 30, 1.0) == 0
    assert 0 < binomial_below(100, 100_000, 0.0015) < 1e-4
