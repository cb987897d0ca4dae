"""What a model answers to one picture, and how its probabilities become an answer."""

from __future__ import annotations

from dataclasses import dataclass

from signs_edge.edge.arrays import Probabilities

NO_HAND = "none"
"""The label, and the name of a class folder, of pictures that show no hand: for them no count is the right answer."""


@dataclass(frozen=True)
class Prediction:
    """One answer.

    Attributes:
        index: the most probable class; of equals, the first.
        label: its name: the raw answer, also where it is not sure enough to be given.
        confidence: its probability, 0..1; NaN where the model gave no numbers.
        abstained: whether it is not sure enough, or no number, and so no answer.

    >>> sure, unsure = Prediction(3, "3", 0.97), Prediction(3, "3", 0.4, abstained=True)
    >>> sure.count, unsure.count, unsure.label
    (3, None, '3')
    """

    index: int
    label: str
    confidence: float
    abstained: bool = False

    @property
    def count(self) -> int | None:
        """The number of fingers; None where it abstained or the label is not a number (a class such as "none")."""
        return None if self.abstained else count_of(self.label)

    @property
    def answer(self) -> str | None:
        """The label; None where it abstained."""
        return None if self.abstained else self.label

    @property
    def found_hand(self) -> bool:
        """Whether it is an answer, and another than "none"."""
        return self.answer not in (None, NO_HAND)

    def right(self, truth: str) -> bool:
        """Whether this answers a picture of class `truth`: a hand with its label, one without a hand with no count."""
        return not self.found_hand if truth == NO_HAND else self.answer == truth


NO_HAND_FOUND = Prediction(-1, NO_HAND, 0.0, abstained=True)
"""In place of an answer where no hand was found to look at."""


def count_of(label: str) -> int | None:
    """The number a label stands for: "3" is 3; None where it stands for none."""
    return int(label) if label.isascii() and label.isdigit() else None


def decide(probabilities: Probabilities, labels: tuple[str, ...], abstain_below: float = 0.0) -> Prediction:
    """The most probable class of one picture's (classes,) probabilities.

    It abstains where that probability is below `abstain_below`, 0..1, and always where one is NaN, as a damaged float
    model gives them: a class chosen among NaNs means nothing.
    """
    index = int(probabilities.argmax())  # of a NaN, where there is one
    confidence = float(probabilities[index])
    return Prediction(index, labels[index], confidence, abstained=not confidence >= abstain_below)
