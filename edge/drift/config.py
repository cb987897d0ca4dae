"""What drift is, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

from signs_edge.edge.drift.agreement import AgreementConfig
from signs_edge.edge.drift.input_shift import ShiftRule
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.errors import UsageError


@dataclass(frozen=True)
class DriftConfig:
    """What drift is.

    `drift` is ever said without drift with probability `alpha` at most, the sum of those of the parts; 1 % with the
    defaults.

    Attributes:
        agreement: of int8 and float.
        shift: of the frames' statistics.
        blocks: which frames count as separate observations; `BlockRule(1, 0)` for a folder of pictures.
        least_blocks: before the input is called ok, so many blocks must be like the reference.
        suspicion: ln of the evidence of an input shift from which on a disagreement is not yet laid to the device.
        too_far: a statistic of the picture that moved so far (total variation, 0..1) silences an accuracy estimate
            that is lower than the accuracy on the reference's pictures.
        handless: frames in a row in which a finder saw no hand, from which on the input is called another: nothing can be
            said of what is not seen. An hour at 30 frames a second.
        too_low: an estimate that lies so much, 0..1, below that accuracy is silenced in any case.

    >>> DriftConfig().agreement.floor
    0.99
    """

    agreement: AgreementConfig = field(default_factory=AgreementConfig)
    shift: ShiftRule = field(default_factory=ShiftRule)
    blocks: BlockRule = field(default_factory=BlockRule)
    least_blocks: int = 30
    suspicion: float = 3.0
    too_far: float = 0.6
    too_low: float = 0.1
    handless: int = 108_000

    def __post_init__(self) -> None:
        """Refuse values that mean nothing; the parts check their own."""
        if min(self.least_blocks, self.handless) < 1 or not 0 < self.too_far <= 1 or not 0 <= self.too_low <= 1:
            raise UsageError(
                f"drift config not allowed: least-blocks {self.least_blocks} and handless {self.handless} (1 on), "
                f"too-far {self.too_far} (0 to 1), too-low {self.too_low} (0 to 1)"
            )

    @property
    def alpha(self) -> float:
        """Probability, at most, of ever saying drift where there is none."""
        agreement = self.agreement
        return agreement.alpha + agreement.block_alpha + agreement.class_alpha + self.shift.alpha
