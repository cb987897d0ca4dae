"""What is wrong with labelled pictures: balance, copies, bursts, leaks, blur, exposure, suspicious labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from signs_edge.edge.arrays import Labels
from signs_edge.train.audit.findings import Audit, Finding, Group, Leak, Place, Suspicion
from signs_edge.train.audit.neighbours import Votes, describe, vote
from signs_edge.train.audit.quality import blur_outliers, overexposed, underexposed
from signs_edge.train.data.dataset import Splits
from signs_edge.train.data.duplicates import NEAR_LIMIT, Match, linked, matches, pairs

SUSPICIOUS = 0.3  # lead of another class among the neighbours' votes from which a label is named
MOST_SUSPICIOUS = 40  # labels named at most
_SHOWN = 3  # nearest neighbours that are named beside a suspicious label


def audit(splits: Splits, report_step: Callable[[str], None] = lambda step: None) -> Audit:
    """Look for what is wrong with training and test pictures; `report_step` gets the name of each step."""
    train, test = splits.train, splits.test
    images = np.concatenate([train.images, test.images])
    labels = np.concatenate([train.labels, test.labels])
    sizes = (("train", len(train)), ("test", len(test)))
    places = [
        Place(part, index, train.names[labels[start + index]])
        for start, (part, size) in zip((0, len(train)), sizes, strict=True)
        for index in range(size)
    ]
    report_step(f"looking for copies among {len(images)} pictures")
    links = pairs(images)
    exact, near = _groups(links, ("exact",), places), _groups(links, ("exact", "near"), places)
    bursts = _groups(links, ("exact", "near", "burst"), places)
    leaks = [
        Leak(places[len(train) + found.first], places[found.second], found.distance, found.kind)
        for found in _nearest(matches(train.images, test.images))
    ]
    report_step("looking at sharpness and exposure")
    blurred, dark, bright = (
        tuple(Finding(places[i], round(score, 4)) for i, score in judge(images))
        for judge in (blur_outliers, underexposed, overexposed)
    )
    searched = len(images) <= NEAR_LIMIT
    votes = None
    if searched:
        report_step("comparing labels with those of the most alike pictures")
        group = linked(len(images), [(link.first, link.second) for link in links])
        votes = vote(describe(images), labels, group, len(train.names))
    return Audit(
        source=splits.source,
        balance={name: _count(part.labels, train.names) for name, part in (("train", train), ("test", test))},
        near_searched=searched,
        exact=exact,
        near=near,
        bursts=bursts,
        leaks=tuple(leaks),
        blurred=blurred,
        dark=dark,
        bright=bright,
        neighbour_accuracy=votes.accuracy if votes else None,
        suspicious=_suspicious(votes, exact + near, places, train.names),
    )


def _count(labels: Labels, names: tuple[str, ...]) -> dict[str, int]:
    return dict(zip(names, np.bincount(labels, minlength=len(names)).tolist(), strict=True))


def _groups(links: tuple[Match, ...], kinds: tuple[str, ...], places: list[Place]) -> tuple[Group, ...]:
    """Groups linked by these kinds, of which the last one at least once; of several near copies, one group."""
    used = [link for link in links if link.kind in kinds]
    ids = linked(len(places), [(link.first, link.second) for link in used])
    widest: dict[int, float] = {}
    for link in used:
        if link.kind == kinds[-1]:
            widest[int(ids[link.first])] = max(widest.get(int(ids[link.first]), 0.0), link.distance)
    members: dict[int, list[Place]] = {each: [] for each in sorted(widest)}
    for place, each in zip(places, ids.tolist(), strict=True):
        if each in members:
            members[each].append(place)
    return tuple(Group(kinds[-1], tuple(found), widest[each]) for each, found in members.items())


def _nearest(found: list[Match]) -> list[Match]:
    """The nearest match of each test picture."""
    best: dict[int, Match] = {}
    for match in found:
        if match.first not in best or match.distance < best[match.first].distance:
            best[match.first] = match
    return list(best.values())


def _suspicious(
    votes: Votes | None, copies: tuple[Group, ...], places: list[Place], names: tuple[str, ...]
) -> tuple[Suspicion, ...]:
    found: dict[Place, Suspicion] = {}
    for group in copies:
        if not group.conflicting:
            continue
        counts = Counter(place.label for place in group.places).most_common()
        for place in group.places:  # those of the minority; without a majority, all
            if place.label != counts[0][0] or counts[0][1] == counts[1][1]:
                answer = next(label for label, _ in counts if label != place.label)
                others = tuple(other for other in group.places if other.label != place.label)[:_SHOWN]
                found[place] = Suspicion(place, 1.0, answer, "copies", others)
    suspicion = votes.suspicion if votes else np.empty(0)
    for i in np.argsort(-suspicion, kind="stable")[:MOST_SUSPICIOUS].tolist():
        if votes and suspicion[i] >= SUSPICIOUS and places[i] not in found:
            nearest = tuple(places[j] for j in votes.nearest[i, :_SHOWN].tolist())
            score = round(float(suspicion[i]), 3)
            found[places[i]] = Suspicion(places[i], score, names[votes.answers[i]], "neighbours", nearest)
    return tuple(found.values())
