"""May a file be deployed: does it answer as the float model does, and is it as often right?"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from signs_edge.edge.errors import UsageError
from signs_edge.export.gate.comparison import Comparison
from signs_edge.export.gate.power import POWER, SIGNIFICANCE, detectable_flips, detectable_loss


@dataclass(frozen=True)
class GateLimits:
    """What a file must keep.

    Attributes:
        min_agreement: share of the pictures that get a count on which the answer is that of the reference; 0..1.
        max_loss_p: a loss of accuracy whose exact one-sided McNemar p-value is below this is significant; 0..1, and
            0 lets every loss pass.
        max_distance: mean total-variation distance of the probabilities, 0..1; 1 lets every distance pass.
    """

    min_agreement: float = 0.99
    max_loss_p: float = SIGNIFICANCE
    max_distance: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        for name, value in asdict(self).items():
            if not 0 <= value <= 1:
                raise UsageError(f"{name.replace('_', '-')} {value} is not allowed: give a number from 0 to 1")
        if self.max_loss_p > 0.5:
            raise UsageError(f"max-loss-p {self.max_loss_p} is not allowed: give at most 0.5, or equal models may fail")

    def allowed_flips(self, n: int) -> int:
        """Of n pictures that get a count, so many may flip."""
        return math.floor((1 - self.min_agreement) * n + 1e-9)  # 0.99 is a little less in binary


@dataclass(frozen=True)
class Gate:
    """What the gate said of one file.

    Attributes:
        form: the file's format.
        reference: what it was compared with: "float32", or "Keras" for the float32 file.
        comparison: of the two.
        limits: that were asked for.
        other_reasons: why it may not be deployed whatever it answers: its reference is faulty, or it is not what it says.
    """

    form: str
    reference: str
    comparison: Comparison
    limits: GateLimits
    other_reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the file may be deployed."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it may not; empty where it may."""
        found, limits = self.comparison, self.limits
        reasons = list(self.other_reasons)
        if not found.counted.n:
            reasons.append(
                f"neither {self.reference} nor {self.form} gives a count on any of {found.agreement.n} pictures, "
                "so nothing can be judged"
            )
        elif found.counted_flips > limits.allowed_flips(found.counted.n):
            interval = found.counted.interval
            reasons.append(
                f"it agrees with {self.reference} on {found.counted.same} of {found.counted.n} pictures that get a count "
                f"({found.counted.rate:.1%}, interval {interval.percent() if interval else 'unknown'}), "
                f"at least {limits.min_agreement:.1%} is asked for"
            )
        if found.loss_p < limits.max_loss_p:
            reasons.append(
                f"it loses accuracy: {found.accuracy.only_first} pictures that only {self.reference} has right, "
                f"{found.accuracy.only_second} that only it has (one-sided exact p = {found.loss_p:.2g}, "
                f"at least {limits.max_loss_p:g} is asked for)"
            )
        if found.distance > limits.max_distance:
            reasons.append(
                f"its probabilities are {found.distance:.3f} from those of {self.reference} in the mean, "
                f"at most {limits.max_distance:g} is asked for"
            )
        return tuple(reasons)

    @property
    def detectable_loss(self) -> float | None:
        """The least loss of accuracy that these pictures would have shown; see `paired_test.detectable_loss`."""
        significance = self.limits.max_loss_p
        return detectable_loss(self.comparison.accuracy.n, significance) if significance else None

    @property
    def detectable_flips(self) -> float | None:
        """The least true share of flips that these pictures would have failed; see `paired_test.detectable_flips`."""
        n = self.comparison.counted.n
        return detectable_flips(n, self.limits.allowed_flips(n))

    def provenance(self) -> dict[str, Any]:
        """What travels inside the file; `passed` is what the device asks for."""
        found = self.comparison
        return {
            "passed": self.passed,
            "reasons": list(self.reasons),
            "reference": self.reference,
            "limits": asdict(self.limits),
            "n": found.agreement.n,
            "agreement": found.agreement.rate,
            "counted": found.counted.n,
            "counted_agreement": found.counted.rate,
            "loss_p": found.loss_p,
            "labelled": found.accuracy.n,
            "right": found.accuracy.both + found.accuracy.only_second,
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values for export.json."""
        return {
            "passed": self.passed,
            "reasons": list(self.reasons),
            "reference": self.reference,
            "limits": asdict(self.limits),
            "power": POWER,
            "detectable_loss": self.detectable_loss,
            "detectable_flips": self.detectable_flips,
            "comparison": self.comparison.to_json(),
        }
