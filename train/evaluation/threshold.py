"""The confidence below which a model gives no count: chosen where no hand is mistaken for one and few hands are lost."""

from __future__ import annotations

import numpy as np

from signs_edge.edge.arrays import Probabilities

MOST_FALSE = 0.005  # of hand-free pictures may get a count; half of what is promised, since others come
MOST_LOST = 0.03  # of hands may lose theirs, whatever becomes of the hand-free pictures


def choose_threshold(hands: Probabilities, hand_free: Probabilities) -> float:
    """The least confidence that lets at most `MOST_FALSE` of the hand-free pictures pass, but loses few hands.

    Args:
        hands: (n, classes) calibrated probabilities of pictures with a hand.
        hand_free: (m, classes) of pictures without.

    Returns:
        0..1; 0 where either is missing, which never abstains.
    """
    if not len(hands) or not len(hand_free):
        return 0.0
    silencing = float(np.quantile(hand_free.max(axis=1), 1 - MOST_FALSE))
    losing = float(np.quantile(hands.max(axis=1), MOST_LOST))
    return round(min(silencing, losing), 4)
