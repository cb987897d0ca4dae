"""Exact tests of two models on the same pictures: are they equally often right, is the second worse?"""

from __future__ import annotations

import math


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p-value, 0..1, of McNemar's exact test that two models are equally often right; 1 for no differences.

    Given b + c pictures that only one of the models has right, each side is equally likely if the models are equally
    good: p = min(1, 2 · P(X ≤ min(b, c))), X ~ Binomial(b + c, ½). Valid for one look at independent pictures; for
    repeated looks see `edge.drift.sequential`.

    Source: McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
    Psychometrika 12 (1947); its exact form: Fagerland et al., BMC Medical Research Methodology 13:91 (2013).

    >>> round(mcnemar(10, 2), 4)
    0.0386
    """
    n = only_first + only_second
    return min(1.0, 2 * binomial_below(min(only_first, only_second), n, 0.5))


def loss_p(only_first: int, only_second: int) -> float:
    """One-sided exact p-value, 0..1, that the second model is not worse: P(X ≥ only_first), X ~ Binomial(b + c, ½)."""
    n = only_first + only_second
    return binomial_below(only_second, n, 0.5)  # only_first heads or more means only_second tails or fewer


def binomial_below(k: int, n: int, p: float) -> float:
    """P(X ≤ k) of X ~ Binomial(n, p), 0 ≤ p ≤ 1; a sum of exact terms, in logarithms, for any n."""
    if k >= n:
        return 1.0
    if k < 0 or p >= 1:
        return 0.0
    if p <= 0:
        return 1.0
    log_p, log_q = math.log(p), math.log1p(-p)
    terms = (_log_choose(n, i) + i * log_p + (n - i) * log_q for i in range(k + 1))
    return min(1.0, math.fsum(math.exp(term) for term in terms))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
