"""Which pictures to hold out: a share of each class, with copies and burst shots on one side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images, Labels
from signs_edge.train.data.duplicates import BURST, NEAR, linked, pairs


def hold_out(images: Images, labels: Labels, classes: int, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Choose a share of each class at random, whole groups of `duplicates.pairs` only.

    Above `duplicates.NEAR_LIMIT` pictures, only equal bytes make a group. A class gets less than its share where its
    groups are too large to meet it, but at least its smallest group. A class that is all one burst is parted between
    its copies, and one that is all copies between those with other bytes: otherwise none of it could be held out.

    Args:
        images: (n, 64, 64, 3) uint8 RGB.
        labels: (n,) int64.
        classes: how many there are.
        share: of each class, 0..1.
        seed: same seed and pictures, same choice.

    Returns:
        (n,) bool, True for those to hold out.
    """
    held_out = np.zeros(len(labels), bool)
    wanted = np.rint(share * np.bincount(labels, minlength=classes)).astype(np.int64)
    if not wanted.any():
        return held_out
    found = pairs(images)
    group = np.zeros(len(labels), np.int64)
    missed = np.ones(classes, bool)
    for level, limit in enumerate((BURST, NEAR, 0.0)):
        links = [(pair.first, pair.second) for pair in found if pair.distance < limit or pair.kind == "exact"]
        loose = missed[labels]
        group[loose] = level * len(labels) + linked(len(labels), links)[loose]
        held_out = _held_out(group, labels, wanted, np.random.default_rng([seed, len(labels)]))
        missed = (wanted > 0) & (np.bincount(labels[held_out], minlength=classes) == 0)
        if not missed.any():
            break
    return held_out


def _held_out(group: Labels, labels: Labels, wanted: Labels, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Which pictures to hold out, whole groups in random order: so many of each class, or fewer."""
    _, group = np.unique(group, return_inverse=True)
    counts = np.zeros((group.max() + 1, len(wanted)), np.int64)
    np.add.at(counts, (group, labels), 1)
    order = rng.permutation(len(counts))
    return np.isin(group, order[_chosen(counts[order], wanted)])


def _chosen(counts: Labels, wanted: Labels) -> npt.NDArray[np.bool_]:
    """Which groups, in their order, fit into what is wanted of each class; `counts` is (groups, classes)."""
    sizes = counts.sum(axis=0)
    chosen = np.zeros(len(counts), bool)
    room = wanted.tolist()
    for place, row in enumerate(counts.tolist()):  # lists: of 100,000 groups nearly all are one picture
        if all(count <= left for count, left in zip(row, room, strict=True)):
            chosen[place] = True
            room = [left - count for count, left in zip(row, room, strict=True)]
            if not any(room):
                break
    for label in np.flatnonzero((wanted > 0) & (counts[chosen].sum(axis=0) == 0)):
        members = np.flatnonzero(counts[:, label])
        smallest = members[counts[members].sum(axis=1).argmin()]
        if ((counts[chosen].sum(axis=0) + counts[smallest] < sizes) | (counts[smallest] == 0)).all():
            chosen[smallest] = True
    return chosen
