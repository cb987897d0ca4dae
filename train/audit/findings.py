"""What an audit found, as values: groups, leaks, single pictures, labels; and as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

TRUSTED = 0.8  # share of labels that the neighbours must name rightly for their doubts to mean something


@dataclass(frozen=True)
class Place:
    """Where a picture is: `part` is "train" or "test", `index` its place there, `label` the name of its class."""

    part: str
    index: int
    label: str

    def __str__(self) -> str:
        """As people read it: train 215 (0)."""
        return f"{self.part} {self.index} ({self.label})"


@dataclass(frozen=True)
class Group:
    """Pictures that belong together; `distance` is the largest one between two that were linked."""

    kind: str
    places: tuple[Place, ...]
    distance: float

    @property
    def conflicting(self) -> bool:
        """Whether their labels differ."""
        return len({place.label for place in self.places}) > 1


@dataclass(frozen=True)
class Leak:
    """A test picture and the nearest training picture that it is a copy of or, as a "burst", was taken beside."""

    test: Place
    train: Place
    distance: float
    kind: str


@dataclass(frozen=True)
class Finding:
    """A picture to look at; the meaning of `score` is its list's."""

    place: Place
    score: float


@dataclass(frozen=True)
class Suspicion:
    """A label that may be wrong.

    Attributes:
        place: the picture, with its label.
        score: lead of `answer` over the label among its neighbours' votes, 0..1; 1 where a copy is labelled otherwise.
        answer: the class that its neighbours, or its copies, speak for.
        reason: "neighbours" or "copies".
        nearest: the pictures most like it, or its copies.
    """

    place: Place
    score: float
    answer: str
    reason: str
    nearest: tuple[Place, ...]


@dataclass(frozen=True)
class Audit:
    """What was found.

    Attributes:
        source: where the pictures came from.
        balance: for each part, how many pictures of each class.
        near_searched: False where there are more than `duplicates.NEAR_LIMIT` pictures: only equal bytes were found,
            and no neighbours were asked about labels.
        exact: groups of pictures with equal bytes.
        near: groups of copies, at least two of which have other bytes.
        bursts: groups of one pose taken moments apart, and the copies of each.
        leaks: test pictures that are too alike to a training picture.
        blurred: far less sharp than the others; score: variance of the Laplacian, in squared grey levels.
        dark: underexposed; score: median grey level.
        bright: overexposed; score: share of blown-out pixels.
        neighbour_accuracy: share of labels that the neighbours name rightly; None where none were asked.
        suspicious: labels that may be wrong, the most suspicious first.
    """

    source: str
    balance: dict[str, dict[str, int]]
    near_searched: bool
    exact: tuple[Group, ...]
    near: tuple[Group, ...]
    bursts: tuple[Group, ...]
    leaks: tuple[Leak, ...]
    blurred: tuple[Finding, ...]
    dark: tuple[Finding, ...]
    bright: tuple[Finding, ...]
    neighbour_accuracy: float | None
    suspicious: tuple[Suspicion, ...]

    @property
    def leaked(self) -> tuple[int, ...]:
        """Indices of the test pictures that are copies, exact or near, of training pictures."""
        return tuple(sorted({leak.test.index for leak in self.leaks if leak.kind != "burst"}))

    @property
    def trusted(self) -> bool:
        """Whether the neighbours know enough for their doubts to mean something."""
        return self.neighbour_accuracy is not None and self.neighbour_accuracy >= TRUSTED

    def __str__(self) -> str:
        """For people: a line for each kind of finding."""
        lines = [
            f"{part:<6} {sum(counts.values()):>6} pictures: "
            + ", ".join(f"{count} of class {name}" for name, count in counts.items())
            for part, counts in self.balance.items()
        ]
        copies = sum(leak.kind == "exact" for leak in self.leaks)
        beside = sum(leak.kind == "burst" for leak in self.leaks)
        lines += [
            f"leaks  {len(self.leaked)} test pictures are copies of training pictures ({copies} of them byte for byte)"
            + _listed(self.leaked),
            f"       {beside} more were taken moments beside one",
            f"equal  {_sizes(self.exact)}",
            f"copies {_sizes(self.near)}" if self.near_searched else "copies not looked for: too many pictures",
            f"bursts {_sizes(self.bursts)}" if self.near_searched else "bursts not looked for: too many pictures",
            f"blur   {len(self.blurred)} far less sharp than the others{_listed([each.place for each in self.blurred])}",
            f"light  {len(self.dark)} too dark{_listed([each.place for each in self.dark])}, "
            f"{len(self.bright)} blown out{_listed([each.place for each in self.bright])}",
            f"labels {len(self.suspicious)} suspicious",
        ]
        lines += [
            f"       {each.place}: {each.reason} say {each.answer} ({each.score:.2f})" for each in self.suspicious[:20]
        ]
        if not self.trusted and any(each.reason == "neighbours" for each in self.suspicious):
            lines.append(
                f"       neighbours name only {self.neighbour_accuracy:.0%} of all labels rightly: doubt their doubts"
            )
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; `leaked` has the indices of the test pictures that are copies."""
        return {**asdict(self), "leaked": list(self.leaked)}


def _sizes(groups: tuple[Group, ...]) -> str:
    if not groups:
        return "none"
    sizes = [len(group.places) for group in groups]
    conflicts = sum(group.conflicting for group in groups)
    return f"{len(groups)} groups, {sum(sizes)} pictures, the largest of {max(sizes)}" + (
        f"; labels differ in {conflicts}" if conflicts else ""
    )


def _listed(found: Sequence[object]) -> str:
    """The first twenty, after a colon; nothing where there are none."""
    return (": " if found else "") + ", ".join(map(str, found[:20])) + (", …" if len(found) > 20 else "")
