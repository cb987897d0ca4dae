"""`signs-edge demo`: the whole way on drawn hands, in a few minutes, with pictures to look at."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from signs_edge.edge.arrays import Image

_DRAWN = 6000  # hands to learn from
_HOLD = 20  # frames that each hand of the clip is held for
_LOOKS = 12  # frames of the clip on its sheet


def demo(
    out: Annotated[Path | None, typer.Option(help="Folder of the results. [default: runs/demo-TIME]")] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the drawn hands.")] = 4,
    frames: Annotated[int, typer.Option(help="Length of the clip.")] = 240,
) -> None:
    """Train briefly on drawn hands, export to int8, run on a drawn clip."""
    import cv2

    from signs_edge.cli.commands.export import export
    from signs_edge.cli.commands.run import count
    from signs_edge.cli.commands.train import train
    from signs_edge.edge.bundle.store import EXPORT_FOLDER, FLOAT32_NAME, INT8_NAME, runs_folder
    from signs_edge.edge.session.settings import RunSettings
    from signs_edge.edge.synthetic.clip import write_clip
    from signs_edge.edge.synthetic.hands import contact_sheet, synthetic_frames

    folder = out or runs_folder() / f"demo-{datetime.now():%Y%m%d-%H%M%S}"
    _say("1 of 3: train a small network on drawn hands")
    # Three stages instead of slim's four learn faster, and drawn hands are varied enough as they are.
    train(
        data=f"synthetic:{_DRAWN}", preset="slim", stages="2,2,2", learning_rate=3e-3, augment="none",
        epochs=epochs, out=folder, robustness=False,
    )  # fmt: skip
    cv2.imwrite(str(folder / "hands.png"), cv2.cvtColor(contact_sheet(), cv2.COLOR_RGB2BGR))
    _say("2 of 3: export to int8 and check it")
    # A minute's training leaves many near ties, and on them int8 and float part: less is asked for than of a release.
    export(folder, min_agreement=0.9)
    _say("3 of 3: run on a clip of drawn hands, the float twin beside on every fifth frame")
    drawn = list(islice(synthetic_frames(seed=1, hold=_HOLD), frames))
    clip, counts, models = folder / "clip.avi", folder / "counts.jsonl", folder / EXPORT_FOLDER
    write_clip(clip, (_bgr(picture) for picture, _ in drawn))
    count(RunSettings(
        source=str(clip), model=models / INT8_NAME, float_model=models / FLOAT32_NAME, float_every=5, headless=True,
        jsonl=str(counts), summary=folder / "summary.json",
    ))  # fmt: skip
    right = _compare(counts, [count for _, count in drawn])
    print(f"counts   {right} of {len(drawn)} frames of the clip right")
    _draw_looks(clip, models / INT8_NAME, folder / "clip.png")
    _say(f"look at hands.png, curves.png, confusion.png and clip.png in {folder}")


def _say(text: str) -> None:
    print(f"\n== {text}")


def _bgr(picture: Image) -> Image:
    return picture[..., ::-1].copy()


def _compare(counts: Path, truth: list[int]) -> int:
    """Number of frames whose JSONL line has the true count."""
    import json

    lines = [json.loads(line) for line in counts.read_text().splitlines()]
    return sum(line["count"] == count for line, count in zip(lines, truth, strict=True))


def _draw_looks(clip: Path, model: Path, picture: Path) -> None:
    """A sheet of frames of the clip with what the window would show on them."""
    import cv2

    from signs_edge.edge.display.overlay import draw_overlay
    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.run.config import RunConfig
    from signs_edge.edge.run.pipeline import Pipeline
    from signs_edge.edge.run.summary import RunSummary
    from signs_edge.edge.sources.open import open_source
    from signs_edge.edge.synthetic.clip import picture_sheet

    views: list[Image] = []
    classifier, summary = TFLiteClassifier.open(model), RunSummary()
    pipeline = Pipeline(classifier, RunConfig(classifier.contract, min_confidence=classifier.abstain_below))
    with open_source(str(clip)) as frames:
        for result in pipeline.results(islice(frames, _HOLD // 2, None, _HOLD), summary):
            view = draw_overlay(result, summary)
            if view is not None:
                views.append(cv2.resize(view, (320, 240), interpolation=cv2.INTER_AREA).astype("uint8", copy=False))
    cv2.imwrite(str(picture), picture_sheet(views[:_LOOKS], columns=4))
