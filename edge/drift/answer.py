"""What two models say to one picture, as far as drift is concerned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.arrays import Probabilities


@dataclass(frozen=True)
class Answer:
    """A model's answer to a picture.

    Attributes:
        probabilities: (classes,) float32 in 0..1.
        abstained: whether it is not sure enough to give it.

    >>> Answer(np.array([0.1, 0.9], np.float32)).given
    1
    """

    probabilities: Probabilities
    abstained: bool = False

    @property
    def index(self) -> int:
        """The most probable class; of equals, the first; of NaNs, the first NaN."""
        return int(np.argmax(self.probabilities))

    @property
    def given(self) -> int | None:
        """The class that it gives; None where it abstained."""
        return None if self.abstained else self.index

    def same_as(self, other: Answer) -> bool:
        """Whether both say the same, or both nothing.

        Where only one is sure enough to say what both think, that is no disagreement: near the threshold the last bit
        decides, and how sure they are is watched by the distance of the scores.
        """
        return self.index == other.index or (self.abstained and other.abstained)
