"""The same model files and pictures in several places: runtimes, Python versions, processors. Do the answers agree?

    python benchmarks/everywhere.py FILE… --pictures DIR --most 40 --out everywhere.json \\
        --place 'LiteRT, x86-64, Python 3.11=/venvs/311/bin/python {folder}/place.py --runtime litert' \\
        --place 'LiteRT, arm64 (emulated)=pi run {folder} -- signs/bin/python /mnt/place.py --runtime litert'

Pictures are made ready once, here, by the code that the device runs; each place gets a folder with the model files, one
.npy array of pictures and a script that needs nothing but numpy and a runtime. `{folder}` in a command stands for that
folder. The first place is what the others are compared with.

Whole frames of a clip instead, through the installed command and the models in it: finder, crop, count and smoothing.

    python benchmarks/everywhere.py --clip DIR --most 60 --out everywhere-clip.json \\
        --place 'x86-64=/venvs/311/bin/signs-edge' \\
        --place 'arm64 (emulated)=pi run {folder} -- VENV/bin/signs-edge'

The pictures of a folder become a clip without loss (FFV1), for a lossy one is decoded a little differently from machine to
machine; a clip that is there is taken as it is. Each place's command is run in a folder with the clip in it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import clips
import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import SignsEdgeError, UsageError
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.export.flatbuffer.reader import flatbuffer_part

SCRIPT = Path(__file__).with_name("place.py")
SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class OtherAnswer:
    """A picture, by its place among the chosen ones, that gets another class here than in the first place.

    Attributes:
        first, second: indices of the classes.
        margin: by how much the first place preferred its answer to this one, 0..1.
        confidence: the first place's score for its answer, 0..1.
    """

    picture: int
    first: int
    second: int
    margin: float
    confidence: float


@dataclass(frozen=True)
class Against:
    """One place against the first, on one model.

    Attributes:
        pictures: how many.
        other_answers: those whose most probable class is another one.
        equal_scores: of how many all scores are equal, bit for bit.
        largest_difference: of any score, 0..1.
    """

    pictures: int
    other_answers: tuple[OtherAnswer, ...]
    equal_scores: int
    largest_difference: float


def compare(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> Against:
    """(n, classes) scores of two places."""
    if first.shape != second.shape:
        raise UsageError(f"places answer with {second.shape} scores, not {first.shape}: are they the same files?")
    a, b = first.argmax(axis=1), second.argmax(axis=1)
    others = tuple(
        OtherAnswer(int(i), int(a[i]), int(b[i]), float(first[i, a[i]] - first[i, b[i]]), float(first[i, a[i]]))
        for i in np.flatnonzero(a != b)
    )
    return Against(
        len(first),
        others,
        int((first == second).all(axis=1).sum()),
        float(np.abs(first - second).max(initial=0)),
    )


def parse_place(text: str, needs_folder: bool = True) -> tuple[str, str]:
    """NAME=command."""
    name, _, command = text.partition("=")
    if not name.strip() or not command.strip():
        raise UsageError(f"place {text!r} is not allowed: give 'NAME=command'")
    if needs_folder and "{folder}" not in command:
        raise UsageError(f"place {text!r} is not allowed: give 'NAME=command' with {{folder}} in the command")
    return name.strip(), command.strip()


def choose_files(folder: Path, most: int) -> list[Path]:
    """Picture files of a folder, spread evenly by name."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise UsageError(f"{folder} holds no pictures ({', '.join(SUFFIXES)}): give another folder")
    return [files[index] for index in np.unique(np.linspace(0, len(files) - 1, most).round().astype(int))]


def read_pictures(folder: Path, most: int) -> Images:
    """(n, height, width, 3) uint8 RGB as the device makes them, spread evenly over the folder's files by name."""
    frames = [cv2.imread(str(path)) for path in choose_files(folder, most)]
    return np.stack([frame_to_picture(frame.astype(np.uint8), Contract()) for frame in frames if frame is not None])


def ask(command: str, folder: Path) -> dict[str, Any]:
    """Run a place's script on the prepared folder; its facts. The scores lie beside it, as FILE.npy."""
    words = [word.replace("{folder}", str(folder)) for word in shlex.split(command)]
    try:
        ended = subprocess.run(words, capture_output=True, text=True)
    except OSError as error:
        raise UsageError(f"{words[0]} cannot be started ({error.strerror}): look at the place's command") from None
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"a place ended with code {ended.returncode} ({reason}): look at its command")
    facts: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return facts


def run_places(files: list[Path], pictures: Images, places: list[tuple[str, str]]) -> dict[str, Any]:
    """All of them; plain values for the JSON file, which name no path of this machine."""
    names = [f"{number}-{file.name}" for number, file in enumerate(files)]
    scores: dict[str, dict[str, npt.NDArray[np.float32]]] = {}
    facts: dict[str, dict[str, Any]] = {}
    flatbuffers = [flatbuffer_part(file.read_bytes()) for file in files]
    for place, command in places:
        print(f"{place} …", file=sys.stderr)
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            np.save(folder / "pictures.npy", pictures)
            shutil.copy(SCRIPT, folder)
            for name, flatbuffer in zip(names, flatbuffers, strict=True):
                (folder / name).write_bytes(flatbuffer)
            facts[place] = ask(command, folder)
            scores[place] = {name: np.load(folder / f"{name}.npy") for name in names}
    first = places[0][0]
    return {
        "pictures": len(pictures),
        "pictures_sha256": hashlib.sha256(np.ascontiguousarray(pictures).tobytes()).hexdigest(),
        "compared_with": first,
        "places": facts,
        "models": [
            {
                "file": file.name,
                "flatbuffer_sha256": hashlib.sha256(flatbuffer).hexdigest(),
                "against_first": {
                    place: asdict(compare(scores[first][name], scores[place][name])) for place, _ in places[1:]
                },
            }
            for file, name, flatbuffer in zip(files, names, flatbuffers, strict=True)
        ],
    }


def show_pictures(found: dict[str, Any]) -> int:
    """Print what `run_places` found; how many answers are others."""
    others = 0
    for model in found["models"]:
        for place, against in model["against_first"].items():
            others += len(against["other_answers"])
            print(
                f"{model['file']:<16} {place:<40} {len(against['other_answers'])} other answers, {against['equal_scores']} "
                f"of {against['pictures']} equal in all scores, largest difference {against['largest_difference']:.2g}"
            )
            for other in against["other_answers"]:
                print(
                    f"  picture {other['picture']}: class {other['first']} by {other['margin']:.3f}, here {other['second']}"
                )
    return others


def show_clips(found: dict[str, Any]) -> int:
    """Print what `clips.run_clips` found; how many answers are others."""
    others = 0
    for clip in found["clips"]:
        for place, against in clip["against_first"].items():
            others += len(against["other_answers"])
            print(
                f"{clip['clip']:<16} {place:<40} {len(against['other_answers'])} of {against['frames']} frames answered "
                f"otherwise, {against['equal_confidences']} with equal confidences, largest difference "
                f"{against['largest_difference']:.2g}"
            )
            for other in against["other_answers"]:
                print(
                    f"  frame {other['frame']}: {other['first']}, here {other['second']} {clips.ANSWER} and float's label"
                )
    return others


def main() -> int:
    """Print and write the comparison; exit code 1 on a mistake, 3 where a place gives another answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help=".tflite files of `signs-edge export`")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--pictures", type=Path, help="a folder, subfolders too")
    what.add_argument("--clip", type=Path, action="append", help="a video, or a folder of pictures to make one of")
    parser.add_argument("--most", type=int, default=40, help="how many pictures of a folder, spread evenly")
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    parser.add_argument("--place", action="append", required=True, metavar="NAME=command", help="at least two")
    given = parser.parse_args()
    if bool(given.files) == bool(given.clip):
        parser.error("give .tflite files with --pictures; --clip takes the models that are installed in each place")
    try:
        places = [parse_place(text, needs_folder=not given.clip) for text in given.place]
        if given.clip:
            found = _clips(given.clip, given.most, places)
        else:
            found = run_places(given.files, read_pictures(given.pictures, given.most), places)
        write_json(given.out, found)
    except (SignsEdgeError, OSError) as error:
        print(f"everywhere: {error}", file=sys.stderr)
        return 1
    return 3 if (show_clips(found) if given.clip else show_pictures(found)) else 0


def _clips(given: list[Path], most: int, places: list[tuple[str, str]]) -> dict[str, Any]:
    """Clips as given, and those of folders, for as long as they are needed."""
    with TemporaryDirectory() as temporary:
        made = []
        for number, path in enumerate(given):
            if path.is_dir():
                clips.write_lossless(choose_files(path, most), Path(temporary) / f"{number}-pictures.mkv")
                path = Path(temporary) / f"{number}-pictures.mkv"
            made.append(path)
        return clips.run_clips(made, places)


if __name__ == "__main__":
    sys.exit(main())
