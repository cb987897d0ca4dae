"""The labelled pictures that the gate is asked on: the test photos and, where they help, their hands in other rooms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.train.augment.backgrounds import unseen_backgrounds
from signs_edge.train.augment.unseen_backgrounds import put_on_backgrounds
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.hands.store import load_cutouts


@dataclass(frozen=True)
class GatePictures:
    """What the models are compared on.

    Attributes:
        pictures: labelled, the test photos first.
        names: of each picture, such as "test 17" or "test 17 before wood".
        tests: how many of them are the test photos as they are.
    """

    pictures: SignsDataset
    names: tuple[str, ...]
    tests: int

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.pictures)

    @property
    def rooms(self) -> tuple[str, ...]:
        """What each picture's hand is before: a kind of background, or as it was photographed."""
        return tuple(name.partition(" before ")[2] for name in self.names)

    @property
    def about(self) -> str:
        """For people: what they are."""
        more = len(self) - self.tests
        return f"{self.tests} test photos" + (
            f" and {more} of their hands before backgrounds of no training" * bool(more)
        )


def gate_pictures(test: SignsDataset, *, other_rooms: bool, seed: int = 0) -> GatePictures:
    """The test photos and, with `other_rooms`, each hand that is cut out well before each kind of unseen background.

    These make the set five times as large and as hard as life; but of a model that has never been trained away from
    its wall, or that has no least confidence, they would only ask after guesses. Five pictures of one hand are less
    than five hands: intervals over them are a little too narrow.

    Args:
        test: the test photos.
        other_rooms: whether to cut out their hands, which takes a tenth of a second each at the first time.
        seed: of the backgrounds.
    """
    names = [f"test {index}" for index in range(len(test))]
    if not other_rooms or not len(test):
        return GatePictures(test, tuple(names), len(test))
    placed = put_on_backgrounds(load_cutouts(test.images), unseen_backgrounds(len(test), seed))
    images, labels = [test.images], [test.labels]
    for kind, pictures in placed.images.items():
        images.append(pictures)
        labels.append(test.labels[placed.indices])
        names += [f"test {index} before {kind}" for index in placed.indices.tolist()]
    return GatePictures(
        SignsDataset(np.concatenate(images), np.concatenate(labels), test.names), tuple(names), len(test)
    )
