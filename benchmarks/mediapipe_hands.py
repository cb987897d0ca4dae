"""MediaPipe Hands with a fingers-up rule on folders of labelled pictures: `python benchmarks/mediapipe_hands.py FOLDER ...`.

It needs an environment of its own, with `mediapipe==0.10.21` (its wheel carries the models) and nothing of signs-edge. Each folder holds
pictures in class folders, 0 to 5 and `none`. The counted hand is the largest. The rule, on the world landmarks: index to little finger
are up where the tip is more than 1.05 times as far from the wrist as the joint two before it; the thumb where its tip is more than 1.1
times as far from the little finger's knuckle as the joint before it. `python benchmarks/rooms.py` prints the same table of a pair of
ours; run both one after the other on one machine.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np

_SMALL = 200  # pixels: smaller pictures are enlarged three times, or the palm detector sees nothing in them


def fingers_up(points: np.ndarray) -> list[bool]:
    """From thumb to little finger, of (21, 3) world landmarks in metres."""

    def apart(first: int, second: int) -> float:
        return float(np.linalg.norm(points[first] - points[second]))

    thumb = apart(4, 17) > 1.1 * apart(3, 17)
    return [thumb, *(apart(tip, 0) > 1.05 * apart(tip - 2, 0) for tip in (8, 12, 16, 20))]


def read(path: Path) -> np.ndarray | None:
    """A picture as (height, width, 3) uint8 RGB."""
    picture = cv2.imread(str(path))
    if picture is None:
        return None
    if max(picture.shape[:2]) < _SMALL:
        picture = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def count(hands: object, picture: np.ndarray) -> int | None:
    """Fingers of the largest hand; None where there is no hand."""
    result = hands.process(picture)  # type: ignore[attr-defined]
    best, answer = 0.0, None
    for flat, world in zip(result.multi_hand_landmarks or [], result.multi_hand_world_landmarks or [], strict=True):
        corners = np.array([[point.x, point.y] for point in flat.landmark])
        size = float(np.ptp(corners, axis=0).max())
        if size > best:
            best = size
            answer = sum(fingers_up(np.array([[point.x, point.y, point.z] for point in world.landmark])))
    return answer


def main() -> None:
    """One row a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--least", type=float, default=0.5, help="min_detection_confidence")
    parser.add_argument("--json", type=Path, help="write the rows there")
    given = parser.parse_args()
    import mediapipe

    hands = mediapipe.solutions.hands.Hands(
        static_image_mode=True, max_num_hands=4, min_detection_confidence=given.least
    )
    rows = []
    for folder in given.folders:
        row = {"name": folder.name, "hands": 0, "right": 0, "wrong": 0, "empty": 0, "shown": 0}
        seconds, pictures = 0.0, 0
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png")):
            label, picture = path.relative_to(folder).parts[0], read(path)
            if picture is None or not (label == "none" or label.isdigit()):
                continue
            began = time.process_time()
            answer = count(hands, picture)
            seconds, pictures = seconds + time.process_time() - began, pictures + 1
            if label == "none":
                row["empty"] += 1
                row["shown"] += answer is not None
            else:
                row["hands"] += 1
                row["right"] += answer == int(label)
                row["wrong"] += answer is not None and answer != int(label)
        rows.append(row)
        share = max(row["hands"], 1) / 100
        print(
            f"{row['name']:20s} {row['hands']:5d} hands: right {row['right'] / share:5.1f} %, wrong {row['wrong'] / share:5.1f} %; "
            f"{row['empty']} without: {row['shown']} shown; {1000 * seconds / max(pictures, 1):.1f} ms of processor time a picture"
        )
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
