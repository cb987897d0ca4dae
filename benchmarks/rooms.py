"""A pair of counting network and finder on whole pictures of rooms: `python benchmarks/rooms.py FOLDER ... [--model FILE]`.

Each folder holds pictures in class folders, 0 to 5 and `none`. Every picture stands alone, as `signs-edge run` sees it: the finder, two
squares about the hand, the mean of two answers. Printed are, for each folder, the shares that are right, wrong and silent, and, with
`--curve`, risk against coverage: by least score of the finder and least confidence of the model, what is right, what is wrong, and how
many pictures without a hand get a count. `python benchmarks/mediapipe_hands.py` prints the same table of MediaPipe Hands.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from signs_edge.edge.bundle.store import find_finder, find_model
from signs_edge.edge.inference.classifier import TFLiteClassifier, mean_probabilities
from signs_edge.edge.prediction import NO_HAND
from signs_edge.edge.region.finder import HandFinder
from signs_edge.edge.region.square import around, picture_of
from signs_edge.edge.region.tracked import BEHIND_FINDER, MARGINS
from signs_edge.edge.sources.pictures import list_pictures, read_picture

SCORES = (0.2, 0.3, 0.4, 0.5, 0.6)
CONFIDENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Seen:
    """One picture: its label, the finder's score 0..1, the model's most probable label and that probability."""

    label: str
    score: float
    answer: str
    confidence: float

    def shown(self, score: float, confidence: float) -> bool:
        """Whether it gets a count."""
        return self.score >= score and self.confidence >= confidence


def look(folder: Path, model: TFLiteClassifier, finder: HandFinder) -> list[Seen]:
    """Every labelled picture of a folder."""
    seen = []
    for file in list_pictures(folder):
        frame = read_picture(file.path)
        if frame is None or not (file.label == NO_HAND or (file.label or "").isdigit()):
            continue
        found = finder.likeliest(frame)
        pictures = [picture_of(frame, around(found, margin), model.contract) for margin in MARGINS]
        scores = mean_probabilities(model, pictures)
        seen.append(Seen(str(file.label), found.score, model.labels[int(scores.argmax())], float(scores.max())))
    return seen


def shares(seen: Sequence[Seen], score: float, confidence: float) -> dict[str, float]:
    """Counts of pictures with a hand, right and wrong ones; of those without, and those of them that get a count."""
    hands = [one for one in seen if one.label != NO_HAND]
    empty = [one for one in seen if one.label == NO_HAND]
    shown = [one for one in hands if one.shown(score, confidence)]
    right = sum(one.answer == one.label for one in shown)
    return {
        "hands": len(hands), "right": right, "wrong": len(shown) - right, "empty": len(empty),
        "shown": sum(one.shown(score, confidence) for one in empty),
    }  # fmt: skip


def print_curve(folders: Sequence[Sequence[Seen]]) -> None:
    """Means over the folders that have hands; all pictures without a hand together."""
    print("finder  model   right  wrong  without a hand, shown")
    for score in SCORES:
        for confidence in CONFIDENCES:
            rows = [shares(seen, score, confidence) for seen in folders]
            with_hands = [row for row in rows if row["hands"]]
            right, wrong = (np.mean([row[key] / row["hands"] for row in with_hands]) for key in ("right", "wrong"))
            shown, empty = (sum(row[key] for row in rows) for key in ("shown", "empty"))
            print(f"{score:6.2f} {confidence:6.2f}  {right:6.1%} {wrong:6.1%}  {shown} of {empty}")


def main() -> None:
    """One row a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, help="a counting network; default: the packaged one")
    parser.add_argument("--finder", type=Path, help="a finder; default: the packaged one")
    parser.add_argument("--curve", action="store_true", help="risk against coverage")
    parser.add_argument("--json", type=Path, help="write the rows there")
    given = parser.parse_args()
    model = TFLiteClassifier.open(find_model(given.model))
    finder = HandFinder.open(find_finder(given.finder))
    confidence = BEHIND_FINDER * model.abstain_below
    print(f"least score of the finder {finder.least_score:.3f}, least confidence of the model {confidence:.3f}")
    folders = [look(folder, model, finder) for folder in given.folders]
    rows = []
    for folder, seen in zip(given.folders, folders, strict=True):
        row = {"name": folder.name, **shares(seen, finder.least_score, confidence)}
        rows.append(row)
        share = max(row["hands"], 1) / 100
        silent = row["hands"] - row["right"] - row["wrong"]
        print(
            f"{folder.name:20s} {row['hands']:5d} hands: right {row['right'] / share:5.1f} %, wrong {row['wrong'] / share:5.1f} %, "
            f"silent {silent / share:5.1f} %; {row['empty']} without: {row['shown']} shown"
        )
    if given.curve:
        print_curve(folders)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
