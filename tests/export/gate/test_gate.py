"""The gate: what passes, what does not, and why, in words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.export.gate.comparison import Comparison, compare
from signs_edge.export.gate.gate import Gate, GateLimits
from signs_edge.train.data.dataset import SignsDataset


def flipped(n: int, flips: int, *, lost: bool = True, sure: float = 1.0, abstain_below: float = 0.0) -> Comparison:
    """Two models on n pictures; the first `flips` of them they answer differently, and the first is right (or wrong)."""
    first = np.tile(np.array([sure, 1 - sure], np.float32), (n, 1))
    second = first.copy()
    second[:flips] = second[:flips, ::-1]
    labels = np.zeros(n, np.int64) if lost else np.ones(n, np.int64)
    pictures = SignsDataset(np.zeros((n, 64, 64, 3), np.uint8), labels, ("yes", "no"))
    return compare(first, second, pictures, abstain_below)


def gate(comparison: Comparison, limits: GateLimits | None = None, other_reasons: tuple[str, ...] = ()) -> Gate:
    return Gate("int8", "float32", comparison, limits or GateLimits(), other_reasons)


@pytest.mark.parametrize(("n", "flips", "passed"), [(120, 1, True), (120, 2, False), (200, 2, True), (99, 1, False)])
def test_at_least_99_percent_must_agree(n: int, flips: int, passed: bool) -> None:
    asked = gate(flipped(n, flips))

    assert asked.passed is passed
    assert passed or f"agrees with float32 on {n - flips} of {n} pictures" in asked.reasons[0]


def test_a_loss_that_is_no_chance_fails_even_where_agreement_is_not_asked_for() -> None:
    lax = GateLimits(min_agreement=0)

    assert gate(flipped(120, 4), lax).passed
    assert "5 pictures that only float32 has right, 0 that only it has" in gate(flipped(120, 5), lax).reasons[0]
    assert gate(flipped(120, 5), GateLimits(0, max_loss_p=0.01)).passed
    assert gate(flipped(120, 60), GateLimits(0, max_loss_p=0)).passed
    assert gate(flipped(120, 60, lost=False), lax).passed  # a gain is no loss


def test_near_ties_that_get_no_count_do_not_fail() -> None:
    unsure = flipped(120, 4, sure=0.55, abstain_below=0.6)
    asked = gate(unsure)

    assert unsure.agreement.rate == pytest.approx(116 / 120)
    assert "neither float32 nor int8 gives a count on any of 120 pictures" in asked.reasons[0]
    assert not gate(flipped(120, 4, sure=0.65, abstain_below=0.6)).passed


def test_nothing_to_compare_is_no_pass() -> None:
    assert not gate(flipped(0, 0)).passed


def test_the_distance_can_be_limited() -> None:
    found = flipped(200, 2)

    assert gate(found, GateLimits(max_distance=0.02)).passed
    assert "0.010 from those of float32" in gate(found, GateLimits(max_distance=0.005)).reasons[0]


def test_a_file_is_no_better_than_its_reference() -> None:
    assert gate(flipped(120, 0), other_reasons=("float32 is not Keras",)).reasons == ("float32 is not Keras",)


def test_what_could_not_have_shown_is_said() -> None:
    small, large = gate(flipped(120, 0)), gate(flipped(720, 0))

    assert small.detectable_loss == pytest.approx(0.0555, abs=0.0005)
    assert small.detectable_flips == pytest.approx(0.0247, abs=0.0005)
    assert large.detectable_flips is not None
    assert small.detectable_flips is not None
    assert 0.01 < large.detectable_flips < small.detectable_flips
    assert gate(flipped(4, 0)).detectable_loss is None
    assert gate(flipped(120, 0), GateLimits(max_loss_p=0)).detectable_loss is None


def test_the_record_is_plain_and_whole() -> None:
    asked = gate(flipped(120, 3))
    stored = json.loads(json.dumps(asked.to_json()))

    assert stored["passed"] is False
    assert stored["limits"] == {"min_agreement": 0.99, "max_loss_p": 0.05, "max_distance": 1.0}
    assert len(stored["comparison"]["flips"]) == 3
    assert json.loads(json.dumps(asked.provenance()))["reasons"] == list(asked.reasons)


@pytest.mark.parametrize(
    "limits", [{"min_agreement": 1.5}, {"max_loss_p": -0.1}, {"max_distance": 3}, {"max_loss_p": 0.6}]
)
def test_limits_that_are_none_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(limits)).replace("_", "-") + ".* is not allowed: give"):
        GateLimits(**limits)
