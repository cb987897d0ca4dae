"""`signs-edge demo`: train, export, measure drift and count, on drawn hands, in a few minutes; ends with one page."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from signs_edge.cli.output.demo_page import ClipResult
    from signs_edge.edge.arrays import Image
    from signs_edge.edge.session.counter import Counter

_DRAWN = 6000  # hands to learn from
_HOLD = 20  # frames that each hand of the clip is held for
_SHOWN_EVERY, _FRAME_MS = 2, 100  # of the moving picture: each second frame
_SIZE = (320, 240)  # of the moving picture, width and height in pixels


def demo(
    out: Annotated[Path | None, typer.Option(help="Folder of the results. [default: runs/demo-TIME]")] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the drawn hands.")] = 4,
    frames: Annotated[int, typer.Option(help="Length of the clip.")] = 240,
) -> None:
    """Train briefly on drawn hands, export, measure drift, and count with the packaged model."""
    import cv2

    from signs_edge.cli.commands.export import export
    from signs_edge.cli.commands.train import train
    from signs_edge.cli.options.extras import require_training
    from signs_edge.cli.output.demo_page import write_demo_page
    from signs_edge.edge.bundle.store import DEMO_MARK, EXPORT_FOLDER, PACKAGED, runs_folder
    from signs_edge.edge.synthetic.hands import contact_sheet

    require_training("demo")
    folder = out or runs_folder() / f"demo-{datetime.now():%Y%m%d-%H%M%S}"
    _say("1 of 4: train a small network on drawn hands")
    # Three stages instead of slim's four learn faster, and drawn hands are varied enough as they are.
    train(
        data=f"synthetic:{_DRAWN}", preset="slim", stages="2,2,2", learning_rate=3e-3, augment="none",
        epochs=epochs, out=folder, robustness=False,
    )  # fmt: skip
    (folder / DEMO_MARK).touch()  # its model never becomes the default
    cv2.imwrite(str(folder / "hands.png"), cv2.cvtColor(contact_sheet(), cv2.COLOR_RGB2BGR))
    _say("2 of 4: export it to int8, and check it against the float model")
    # A minute's training leaves many near ties, on which int8 and float differ: less is asked for than of a release.
    export(folder, min_agreement=0.9)
    _say("3 of 4: measure drift of this network on a drawn clip")
    clip, truth = _draw_clip(folder / "clip.avi", frames)
    toy = _count(folder / EXPORT_FOLDER, clip, truth)
    print(f"counted rightly: {toy.right} of {toy.frames} frames; int8 and float agree on {toy.same} of {toy.looks}")
    _say("4 of 4: count on the same clip with the packaged model")
    moving = folder / "clip.webp"
    packaged = _count(PACKAGED, clip, truth, moving)
    print(f"counted rightly: {packaged.right} of {packaged.frames} frames, {packaged.silent} without a count")
    pictures = {"hands": folder / "hands.png", "curves": folder / "curves.png", "clip": moving}
    page = write_demo_page(folder, pictures, toy, packaged, _DRAWN, epochs)
    _say(f"the whole demo on one page: {page}")
    _open(page)


def _say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _draw_clip(path: Path, frames: int) -> tuple[Path, list[int]]:
    """Write a clip of drawn hands, as from a camera; returns its path and the true counts."""
    from signs_edge.edge.synthetic.clip import write_clip
    from signs_edge.edge.synthetic.hands import synthetic_frames

    drawn = list(islice(synthetic_frames(seed=1, hold=_HOLD), frames))
    write_clip(path, (picture[..., ::-1].copy() for picture, _ in drawn))
    return path, [count for _, count in drawn]


def _count(model: Path, clip: Path, truth: list[int], moving: Path | None = None) -> ClipResult:
    """Count on the clip with a model and its float twin; with `moving`, write a moving picture of what a window shows."""
    from signs_edge.cli.output.demo_page import ClipResult, write_moving_picture
    from signs_edge.edge.session.counter import load

    counter = load(model, model)
    results = list(counter.stream(str(clip)))
    looked = [(one.prediction, one.twin) for one in results if one.twin is not None]
    if moving is not None:
        write_moving_picture(moving, _views(counter, clip), _FRAME_MS)
    return ClipResult(
        frames=len(results),
        right=sum(one.count == count for one, count in zip(results, truth, strict=True)),
        silent=sum(one.count is None for one in results),
        looks=len(looked),
        same=sum(int8 is not None and int8.answer == twin.answer for int8, twin in looked),
        verdict=None if counter.verdict is None else str(counter.verdict),
    )


def _views(counter: Counter, clip: Path) -> list[Image]:
    """What the window would show of each second frame, (height, width, 3) uint8 BGR."""
    import cv2

    from signs_edge.edge.display.history import History
    from signs_edge.edge.display.overlay import draw_overlay
    from signs_edge.edge.run.summary import RunSummary

    views: list[Image] = []
    summary, history = RunSummary(), History()
    for number, result in enumerate(counter.stream(str(clip))):
        summary.add(result, counter.labels)
        history.add(result)
        view = draw_overlay(result, summary, history.counts)
        if view is not None and number % _SHOWN_EVERY == 0:
            views.append(cv2.resize(view, _SIZE, interpolation=cv2.INTER_AREA).astype("uint8", copy=False))
    return views


def _open(page: Path) -> None:
    """Open the page in a browser where a person sits before a screen."""
    if not sys.stdout.isatty() or os.environ.get("CI") or not (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        return
    import webbrowser

    webbrowser.open(page.absolute().as_uri())
