"""The same clip in several places, whole frames in, by `signs-edge run` itself: part of everywhere.py."""

from __future__ import annotations

import hashlib
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2

from signs_edge.edge.errors import UsageError

LOSSLESS = "FFV1"
"""RGB stays RGB in it, so that all machines decode the same pixels; of Motion JPEG they do not."""
ANSWER = ("count", "raw_count", "withheld")
"""What a line says of a frame, beside how sure it is."""
FACTS = ("machine", "numpy", "opencv", "runtime")
RUN = ("run", "--headless", "--model", "packaged", "--float-model", "packaged", "--float-every", "1")


@dataclass(frozen=True)
class OtherLine:
    """A frame that gets another answer here than in the first place: of each, what `answer_of` gives."""

    frame: int
    first: tuple[Any, ...]
    second: tuple[Any, ...]


@dataclass(frozen=True)
class ClipAgainst:
    """One place against the first, on one clip.

    Attributes:
        frames: how many.
        other_answers: those whose count, raw count, withheld label or float label is another one.
        equal_confidences: of how many int8's and float's confidences are equal, in the four digits of a line.
        largest_difference: of any confidence, 0..1.
    """

    frames: int
    other_answers: tuple[OtherLine, ...]
    equal_confidences: int
    largest_difference: float


def answer_of(line: Mapping[str, Any]) -> tuple[Any, ...]:
    """Count, raw count, withheld label and float's label of one line of JSONL."""
    return (*(line.get(name) for name in ANSWER), (line.get("float") or {}).get("label"))


def compare_lines(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> ClipAgainst:
    """The lines of two places on one clip."""
    if len(first) != len(second):
        raise UsageError(f"places give {len(second)} lines, not {len(first)}: is it the same clip, and decoded whole?")
    others, equal, largest = [], 0, 0.0
    for a, b in zip(first, second, strict=True):
        if answer_of(a) != answer_of(b):
            others.append(OtherLine(int(a["frame"]), answer_of(a), answer_of(b)))
        equal += _confidences(a) == _confidences(b)
        pairs = zip(_confidences(a), _confidences(b), strict=True)
        largest = max([largest, *(abs(x - y) for x, y in pairs if x is not None and y is not None)])
    return ClipAgainst(len(first), tuple(others), equal, largest)


def write_lossless(pictures: Sequence[Path], path: Path) -> None:
    """Picture files of one size as a clip that every machine decodes to the same pixels."""
    writer: cv2.VideoWriter | None = None
    size = (0, 0)
    for file in pictures:
        frame = cv2.imread(str(file))
        if frame is None:
            raise UsageError(f"{file} is no picture: take it out of the folder")
        if writer is None:
            size = (frame.shape[1], frame.shape[0])
            writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*LOSSLESS), 20.0, size)
        if (frame.shape[1], frame.shape[0]) != size or not writer.isOpened():
            raise UsageError(f"{file} cannot be a frame of {size[0]}x{size[1]}: give a folder of pictures of one size")
        writer.write(frame)
    if writer is not None:
        writer.release()


def run_clips(clips: Sequence[Path], places: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """All clips in all places; plain values for the JSON file, which name no path of this machine."""
    lines: dict[str, list[list[Mapping[str, Any]]]] = {}
    facts: dict[str, dict[str, str]] = {}
    for place, command in places:
        print(f"{place} …", file=sys.stderr)
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            words = [word.replace("{folder}", temporary) for word in shlex.split(command)]
            found = json.loads(_asked([*words, "doctor", "--json"], folder))
            facts[place] = {check["name"]: check["found"] for check in found["checks"] if check["name"] in FACTS}
            lines[place] = []
            for clip in clips:
                shutil.copy(clip, folder)
                said = _asked([*words, *RUN, "--source", clip.name, "--jsonl", "-"], folder)
                lines[place].append([json.loads(line) for line in said.splitlines()])
    first = places[0][0]
    return {
        "compared_with": first,
        "places": facts,
        "clips": [
            {
                "clip": clip.name,
                "sha256": hashlib.sha256(clip.read_bytes()).hexdigest(),
                "counts": [line["count"] for line in lines[first][number]],
                "against_first": {
                    place: asdict(compare_lines(lines[first][number], lines[place][number])) for place, _ in places[1:]
                },
            }
            for number, clip in enumerate(clips)
        ],
    }


def _asked(words: Sequence[str], folder: Path) -> str:
    """What a command writes to its standard output, run in the folder."""
    try:
        ended = subprocess.run(words, capture_output=True, text=True, cwd=folder)
    except OSError as error:
        raise UsageError(f"{words[0]} cannot be started ({error.strerror}): look at the place's command") from None
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"a place ended with code {ended.returncode} ({reason}): look at its command")
    return ended.stdout


def _confidences(line: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """int8's and float's."""
    return line.get("confidence"), (line.get("float") or {}).get("confidence")
