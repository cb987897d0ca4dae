"""Two models on the same pictures: is the second worse, and which loss would not have shown? Exact, by the binomial."""

from __future__ import annotations

import math
from collections.abc import Callable

SIGNIFICANCE = 0.05
POWER = 0.8  # with which a loss called detectable would have shown


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p-value, 0..1, of two models being equally often right; 1 where none has anything alone.

    Given b + c pictures that one model alone has right, each side is equally likely if the models are equally good:
    p = min(1, 2 · P(X ≤ min(b, c))), X ~ Binomial(b + c, ½).

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947); in its exact form.
    """
    n = only_first + only_second
    return min(1.0, 2 * binomial_below(min(only_first, only_second), n, 0.5))


def loss_p(only_first: int, only_second: int) -> float:
    """Exact one-sided p-value, 0..1, of the second model not being worse: P(X ≥ only_first), X ~ Binomial(b + c, ½)."""
    n = only_first + only_second
    return binomial_below(only_second, n, 0.5)  # as many heads or more is as few tails or fewer


def binomial_below(k: int, n: int, p: float) -> float:
    """P(X ≤ k) of X ~ Binomial(n, p), 0 ≤ p ≤ 1; summed from exact coefficients."""
    if k >= n:
        return 1.0
    if k < 0 or p >= 1:
        return 0.0
    if p <= 0:
        return 1.0
    log_p, log_q = math.log(p), math.log1p(-p)
    terms = (_log_choose(n, i) + i * log_p + (n - i) * log_q for i in range(k + 1))
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def least_loss(significance: float = SIGNIFICANCE) -> int:
    """So many pictures must be lost, with none gained, for the loss to be significant by `loss_p`: 5 at 0.05."""
    lost = 1
    while loss_p(lost, 0) >= significance:
        lost += 1
    return lost


def detectable_loss(n: int, significance: float = SIGNIFICANCE, power: float = POWER) -> float | None:
    """The least loss of accuracy, 0..1, that n pictures show as significant with a chance of `power`.

    At best: where the second model gains nothing. Then losses are Binomial(n, loss), and `least_loss` of them are
    needed. What is gained elsewhere hides more. None where n pictures can never show a loss.
    """
    needed = least_loss(significance)
    return None if n < needed else least_rate(lambda rate: 1 - binomial_below(needed - 1, n, rate), power)


def detectable_flips(n: int, allowed: int, power: float = POWER) -> float | None:
    """The least true share of flips, 0..1, of which n pictures show more than `allowed` with a chance of `power`.

    None where that is no share: all n may flip.
    """
    return None if allowed >= n else least_rate(lambda rate: 1 - binomial_below(allowed, n, rate), power)


def least_rate(chance: Callable[[float], float], power: float) -> float:
    """The rate, 0..1, at which a chance that grows with it reaches `power`; by bisection."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if chance(middle) >= power else (middle, high)
    return high


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
