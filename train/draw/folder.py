"""A folder of drawn pictures by class with their truth, drawn by several processes, resumed where it broke off.

Pictures are drawn in blocks; a block's truth is written after its pictures, so a block that has its truth is whole.
"""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.util.atomic_file import atomic_write
from signs_edge.train.draw.config import DrawConfig
from signs_edge.train.draw.draw import Drawer, make_drawer

BLOCK = 32  # pictures
CONFIG, TRUTH, BOXES, SHEET, BLOCKS = "draw.json", "truth.jsonl", "boxes.csv", "sheet.jpg", ".blocks"
SHEET_COLUMNS, SHEET_ROWS = 10, 6
BOX_COLUMNS = (
    *("file", "count", "left", "top", "right", "bottom", "angle", "raised", "side", "visible", "distance"),
    *("thumb", "index", "middle", "ring", "little"),
)

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of pictures that are there, and of all."""


@dataclass(frozen=True)
class DrawnFolder:
    """What is in a folder of drawn pictures.

    Attributes:
        folder: where it is.
        labels: how many pictures each class has.
    """

    folder: Path
    labels: dict[str, int]

    def __str__(self) -> str:
        """Say it within one line."""
        classes = ", ".join(f"{label}: {number:,}" for label, number in sorted(self.labels.items()))
        return f"{sum(self.labels.values()):,} pictures ({classes})"


def draw_folder(
    config: DrawConfig, out: Path, *, jobs: int | None = None, progress: Progress | None = None
) -> DrawnFolder:
    """Draw pictures into class folders `0` to `5` and, for people who show nothing, `none`.

    Beside them: `truth.jsonl` (a line for each picture, all that is known of it), `boxes.csv` (a line for each hand),
    `sheet.jpg` (some of them on one sheet) and `draw.json` (what was asked for). A folder that is not finished, or that
    was drawn with a smaller count, is continued.

    Args:
        config: what to draw.
        out: made if it is not there.
        jobs: processes; as many as there are cores if `None`.
        progress: called after every block.

    Raises:
        DataError: a mesh or background is not what it should be, or the folder cannot be written.
        UsageError: the folder holds something else, or was drawn with other values.
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"jobs must be at least 1. Received: {jobs}")
    try:
        _begin(config, out)
        blocks = [range(start, min(start + BLOCK, config.count)) for start in range(0, config.count, BLOCK)]
        left = [block for block in blocks if not _block_file(out, block).exists()]
        done = config.count - sum(len(block) for block in left)
        tell = progress or (lambda have, whole: None)
        tell(done, config.count)
        if left:
            make_drawer(config)  # fetches what is missing, once, and says what is wrong before processes are started
            for block in _draw_blocks(config, out, left, jobs or os.cpu_count() or 1):
                done += len(block)
                tell(done, config.count)
        return _finish(config, out, blocks)
    except OSError as error:
        raise DataError(f"{error.filename or out} cannot be written ({error.strerror}): give another folder") from None


def _begin(config: DrawConfig, out: Path) -> None:
    """Make the folder, or check that it is one that these pictures may be added to."""
    path, wanted = out / CONFIG, config.to_json()
    if path.exists():
        try:
            there = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise UsageError(f"{path} is damaged: remove {out}, or give another folder") from None
        there.pop("count", None)
        if there != wanted:
            differ = ", ".join(f"{name} {there.get(name)}" for name in wanted if there.get(name) != wanted[name])
            raise UsageError(f"{out} was drawn with other values ({differ}): give the same ones, or another folder")
    elif out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} is not empty and was not drawn by this command: give another folder")
    (out / BLOCKS).mkdir(parents=True, exist_ok=True)
    _write_json(path, wanted | {"count": config.count})


def _write_json(path: Path, value: Any) -> None:
    with atomic_write(path) as part:
        part.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _block_file(out: Path, block: range) -> Path:
    """Where a block's truth is; a last block that is short has a name of its own."""
    return out / BLOCKS / f"{block.start:08d}-{len(block)}.jsonl"


def _draw_blocks(config: DrawConfig, out: Path, blocks: list[range], jobs: int) -> Iterator[range]:
    """Draw blocks in child processes; give each one that is whole."""
    context = get_context("spawn")
    with _one_thread_each(), ProcessPoolExecutor(min(jobs, len(blocks)), context, _prepare, (config,)) as pool:
        try:
            tasks = {pool.submit(_draw_block, out, block): block for block in blocks}
            for task in as_completed(tasks):
                task.result()
                yield tasks[task]
        except BrokenProcessPool:
            raise DataError(f"a drawing process was ended from outside; what is in {out} is kept: draw again") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Start children whose linear algebra has one thread: quicker for small arrays, and the same sums on any machine."""
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


_drawer: Drawer | None = None  # of a child process


def _prepare(config: DrawConfig) -> None:
    """Make a child process ready; Ctrl-C is the parent's to handle."""
    global _drawer
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _drawer = make_drawer(config)


def _draw_block(out: Path, block: range) -> None:
    """Draw and write a block's pictures, then its truth."""
    if _drawer is None:
        raise RuntimeError("a drawing process was not prepared")
    lines = []
    for number in block:
        drawn = _drawer.draw(number)
        file = f"{drawn.label}/{number:08d}.png"
        encoded, png = cv2.imencode(".png", cv2.cvtColor(drawn.image, cv2.COLOR_RGB2BGR))
        if not encoded:
            raise DataError(f"picture {number} cannot be encoded as PNG")
        (out / drawn.label).mkdir(exist_ok=True)
        with atomic_write(out / file) as part:
            part.write_bytes(png.tobytes())
        lines.append(json.dumps({"file": file, "label": drawn.label, **drawn.truth}))
    with atomic_write(_block_file(out, block)) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _finish(config: DrawConfig, out: Path, blocks: list[range]) -> DrawnFolder:
    """Join the blocks' truth, write boxes and a sheet; remove what an earlier, smaller count left of short blocks."""
    texts = [_block_file(out, block).read_text(encoding="utf-8") for block in blocks]
    with atomic_write(out / TRUTH) as part:
        part.write_text("".join(texts), encoding="utf-8")
    pictures = [json.loads(line) for text in texts for line in text.splitlines()]
    with atomic_write(out / BOXES) as part, part.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(BOX_COLUMNS)
        rows.writerows(_row(picture["file"], hand) for picture in pictures for hand in picture["hands"])
    wanted = {_block_file(out, block) for block in blocks}
    for path in (out / BLOCKS).iterdir():
        if path not in wanted and path.name.startswith(tuple(f"{block.start:08d}-" for block in blocks)):
            path.unlink()
    _write_sheet(out, [picture["file"] for picture in pictures])
    labels: dict[str, int] = {}
    for picture in pictures:
        labels[picture["label"]] = labels.get(picture["label"], 0) + 1
    return DrawnFolder(out, labels)


def _row(file: str, hand: dict[str, Any]) -> list[Any]:
    """A line of `boxes.csv`; empty where nothing is known."""
    names = ("count", "box", "angle", "raised", "side", "visible", "distance")
    count, box, *rest = (hand[name] for name in names)
    return [file, "" if count is None else count, *box, *rest, *(hand["fingers"] or [""] * 5)]


def _write_sheet(out: Path, files: list[str]) -> None:
    """Put pictures on one sheet, spread over all of them."""
    number = min(len(files), SHEET_COLUMNS * SHEET_ROWS)
    chosen = [files[place * len(files) // number] for place in range(number)]
    pictures = [cv2.imread(str(out / file)) for file in chosen]
    whole = [picture for picture in pictures if picture is not None]
    if len(whole) < number:
        raise DataError(f"{out} lacks pictures that were drawn: remove it and draw again")
    blank = np.full_like(whole[0], 255)
    whole += [blank] * (-number % SHEET_COLUMNS)
    rows = [np.hstack(whole[start : start + SHEET_COLUMNS]) for start in range(0, len(whole), SHEET_COLUMNS)]
    encoded, jpeg = cv2.imencode(".jpg", np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 90])
    with atomic_write(out / SHEET) as part:
        part.write_bytes(jpeg.tobytes() if encoded else b"")
