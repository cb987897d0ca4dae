"""Signal and noise, channel by channel: what is left of float values when int8 has had them. Pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Powers = npt.NDArray[np.float64]


def decibels(signal: float, noise: float) -> float:
    """Signal-to-quantization-noise ratio, 10·log10(signal / noise) of two powers, in dB; ∞ without noise, NaN without both.

    Source: Widrow and Kollár, "Quantization Noise", Cambridge 2008.
    """
    if noise == 0:
        return math.inf if signal > 0 else math.nan
    return 10 * math.log10(signal / noise) if signal > 0 else -math.inf


@dataclass(frozen=True)
class Noise:
    """Float values beside those of int8, by channel.

    Attributes:
        signal: (channels,) sum of the squared float values.
        noise: (channels,) sum of the squared differences.
        mean_error, max_error: of the absolute differences, in the units of the values.
    """

    signal: Powers
    noise: Powers
    mean_error: float
    max_error: float

    @property
    def sqnr(self) -> float:
        """Of all channels together, in dB."""
        return decibels(float(self.signal.sum()), float(self.noise.sum()))

    @property
    def by_channel(self) -> tuple[float, ...]:
        """Of each channel, in dB."""
        return tuple(decibels(float(s), float(n)) for s, n in zip(self.signal, self.noise, strict=True))

    def weighted(self, weights: Powers | None) -> float:
        """In dB, each channel weighed by how much its readers make of it; None: as `sqnr`.

        A channel's values may be scaled up and its reader's weights down without changing the network, so a channel's
        power alone says nothing of its worth; power times the energy of the reader's weights does.

        Args:
            weights: (channels,) energy of the weights that read each channel.
        """
        if weights is None or len(weights) != len(self.signal):
            return self.sqnr
        return decibels(float(self.signal @ weights), float(self.noise @ weights))


class NoiseMeter:
    """Adds up the noise of one tensor, picture by picture; the channels are its last dimension."""

    def __init__(self, channels: int) -> None:
        self._signal, self._noise = np.zeros(channels), np.zeros(channels)
        self._error, self._max_error, self._values = 0.0, 0.0, 0

    def add(self, exact: npt.NDArray[np.float32], received: npt.NDArray[np.float32]) -> None:
        """The float values of one picture and int8's, both of one shape, (..., channels)."""
        channels = len(self._signal)
        true = exact.reshape(-1, channels).astype(np.float64)
        error = received.reshape(-1, channels) - true
        self._signal += np.einsum("ij,ij->j", true, true)
        self._noise += np.einsum("ij,ij->j", error, error)
        size = np.abs(error)
        self._error += float(size.sum())
        self._max_error = max(self._max_error, float(size.max(initial=0.0)))
        self._values += size.size

    def read(self) -> Noise:
        """What was added; the errors are NaN where that is nothing."""
        mean = self._error / self._values if self._values else math.nan
        return Noise(self._signal, self._noise, mean, self._max_error if self._values else math.nan)
