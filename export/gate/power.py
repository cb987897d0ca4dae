"""Two models on the same pictures: is the second worse, and which loss would not have shown? Exact, by the binomial."""

from __future__ import annotations

from collections.abc import Callable

from signs_edge.edge.metrics.mcnemar import binomial_below, loss_p

SIGNIFICANCE = 0.05
POWER = 0.8  # with which a loss called detectable would have shown


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
