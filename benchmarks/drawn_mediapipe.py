"""What MediaPipe Hands makes of drawn pictures: `python benchmarks/drawn_mediapipe.py FOLDER` of `signs-edge data draw`.

Runs in an environment of its own, with mediapipe 0.10.21 and opencv, without signs-edge. A drawing in which it finds
the hand and counts rightly looks like a hand to a network that learned from photos. The rule: a finger is up if its tip
is farther from the wrist than its middle joint and it is nearly straight; the thumb if it is straight and away from the
palm. Only hands that are shown are counted, and only whole ones; `clear` ones are those whose raised fingers can be seen.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np

HEIGHT = 480  # pixels to which pictures are enlarged


def angle(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    """Degrees at b."""
    u, v = a - b, c - b
    return float(np.degrees(np.arccos(np.clip(u @ v / np.linalg.norm(u) / np.linalg.norm(v), -1, 1))))


def count(points: np.ndarray) -> int:
    """Raised fingers of 21 landmarks (21, 3)."""
    wrist, palm = points[0], float(np.linalg.norm(points[9] - points[0]))
    thumb = angle(*points[2:5]) > 145 and np.linalg.norm(points[4] - points[9]) > 0.6 * palm
    thumb = thumb and np.linalg.norm(points[4] - points[17]) > np.linalg.norm(points[3] - points[17])
    fingers = [
        np.linalg.norm(points[k + 3] - wrist) > np.linalg.norm(points[k + 1] - wrist)
        and angle(points[k], points[k + 1], points[k + 3]) > 140
        for k in (5, 9, 13, 17)
    ]
    return int(thumb) + sum(map(int, fingers))


def main() -> None:
    """Print how many hands are found and counted rightly."""
    folder = Path(sys.argv[1])
    hands = mp.solutions.hands.Hands(static_image_mode=True, max_num_hands=4, min_detection_confidence=0.5)
    rows = []
    for line in (folder / "truth.jsonl").read_text().splitlines():
        truth = json.loads(line)
        image = cv2.imread(str(folder / truth["file"]))
        scale = HEIGHT / image.shape[0]
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        found = hands.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).multi_hand_landmarks or []
        size = np.array([image.shape[1], image.shape[0], image.shape[1]])
        points = [np.array([[p.x, p.y, p.z] for p in one.landmark]) * size for one in found]
        for hand in truth["hands"]:
            if not hand["raised"] or hand["visible"] < 0.8:
                continue
            left, top, right, bottom = (value * scale for value in hand["box"])
            near = [p for p in points if left < p[9, 0] < right and top < p[9, 1] < bottom]
            rows.append((hand["clear"], bool(near), bool(near) and count(near[0]) == hand["count"]))
    for name, some in (("all", rows), ("clear", [row for row in rows if row[0]])):
        print(
            f"{name}: {len(some)} hands, found {sum(row[1] for row in some)}, counted rightly {sum(row[2] for row in some)}"
        )


if __name__ == "__main__":
    main()
