"""What a device should see and hear: travels with the model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from signs_edge.edge.arrays import Images, Labels, Probabilities
from signs_edge.edge.errors import ModelError
from signs_edge.edge.reference.confidence_bins import ConfidenceBins
from signs_edge.edge.reference.quantiles import Reference

VERSION = 2  # of what is counted and how; one of another version is worth nothing here, but the model is


@dataclass(frozen=True)
class Expectation:
    """What travels with the model: how its pictures and answers should be, and what its confidences are worth.

    Attributes:
        reference: of the frames' statistics.
        int8_bins, float_bins: how often each model is right at a confidence.
        known: False of a model that came without; then frames are compared with each other's answers only.

    >>> Expectation.unknown().known
    False
    """

    reference: Reference
    int8_bins: ConfidenceBins
    float_bins: ConfidenceBins
    known: bool = True

    @classmethod
    def unknown(cls) -> Expectation:
        """Of a model that came without: nothing is like it, and nothing ever moves away from it."""
        nothing = ConfidenceBins((), (0,), (0,))
        return cls(Reference.blank(), nothing, nothing, known=False)

    @classmethod
    def of(
        cls,
        pictures: Images,
        labels: Labels,
        int8: Probabilities,
        float32: Probabilities,
        rooms: Sequence[str] | None = None,
    ) -> Expectation:
        """From labelled pictures and both models' answers.

        Args:
            pictures: (n, side, side, 3) uint8 RGB; best ones that no network was trained on; n at least 60.
            labels: (n,) the right classes.
            int8, float32: (n, classes) probabilities.
            rooms: (n,) which kind of room each picture shows; None: all the same.

        Raises:
            UsageError: too few pictures, or not as many answers.
        """
        reference = Reference.of(pictures, int8, float32, rooms)
        bins = [ConfidenceBins.of(answers.max(axis=1), answers.argmax(axis=1) == labels) for answers in (int8, float32)]
        return cls(reference, bins[0], bins[1])

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "version": VERSION,
            "reference": self.reference.to_json(),
            "int8_bins": self.int8_bins.to_json(),
            "float_bins": self.float_bins.to_json(),
        }

    @classmethod
    def from_text(cls, text: bytes) -> Expectation:
        """The same from a file's bytes."""
        try:
            return cls.from_json(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise ModelError(f"drift expectation is no JSON ({error}): export the model again") from None

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Expectation:
        """The expectation that `to_json` wrote, `unknown` where another version did; ModelError where it is none."""
        try:
            if int(values.get("version", 1)) != VERSION:
                return cls.unknown()
            parts = values["reference"], values["int8_bins"], values["float_bins"]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"drift expectation not understood ({error!r}): export the model again") from None
        return cls(
            Reference.from_json(parts[0]), ConfidenceBins.from_json(parts[1]), ConfidenceBins.from_json(parts[2])
        )
