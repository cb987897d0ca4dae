"""`signs-edge evaluate --robustness`: judging with a bar, the table, the files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.edge.util.folders import make_folder

if TYPE_CHECKING:
    from signs_edge.edge.metrics.evaluation import Evaluation
    from signs_edge.train.data.dataset import SignsDataset
    from signs_edge.train.evaluation.robustness import Predict, Robustness
    from signs_edge.train.runs.work import Progress


def prepare(out: Path) -> None:
    """Make the folder and see that reports can be drawn: both are said before the minutes of judging, not after."""
    try:
        import signs_edge.train.report.report  # noqa: F401
    except ImportError as error:
        raise RuntimeMissingError(
            f"--out draws pictures, which needs more than the device install ({error}): pip install 'signs-edge[train]', "
            "or leave --out away"
        ) from None
    make_folder(out, "report folder")


def judge(predict_all: Predict, dataset: SignsDataset) -> Robustness:
    """All conditions, with a bar on stderr where there is a terminal."""
    from signs_edge.train.augment.unseen_backgrounds import on_unseen_backgrounds
    from signs_edge.train.evaluation.robustness import judge_robustness

    with _bar() as progress:
        backgrounded = None
        try:
            backgrounded = on_unseen_backgrounds(dataset.images, progress=progress)
        except RuntimeMissingError as error:  # on a device; the corruptions need nothing more
            print(f"notice: unseen backgrounds are left out: {error}", file=sys.stderr)
        return judge_robustness(
            predict_all, dataset.images, dataset.labels, dataset.names, backgrounded=backgrounded, progress=progress
        )


def write(out: Path, model: Path, data: str, evaluation: Evaluation, robustness: Robustness, seconds: float) -> Path:
    """robustness.html, robustness.json and the pictures; the path of the page."""
    from signs_edge.train.report.report import Report, write_report

    report = Report(
        title=f"Robustness of {model.name}",
        model=str(model),
        data=data,
        names=evaluation.labels,
        evaluations={"all": evaluation},
        robustness=robustness,
        seconds={"judging": seconds},
    )
    return write_report(out, report, "robustness")


def show(robustness: Robustness) -> None:
    """Print the table and the means."""
    from signs_edge.train.evaluation.corruptions import STRENGTHS

    print("robustness: share right by strength, and mean")
    print(f"{'':<16}" + "".join(f"{strength:>7}" for strength in STRENGTHS) + f"{'mean':>8}")
    for name, scores in robustness.table().items():
        cells = "".join(f"{score.accuracy:>7.0%}" for score in scores)
        print(f"{name:<16}{cells}{robustness.row_mean(name):>8.1%}")
    print(f"mean over all corruptions and strengths {robustness.mean}")
    if robustness.background_mean:
        hands, n = robustness.backgrounds[0].n, robustness.clean.n
        print(f"on unseen backgrounds ({hands} of {n} hands could be cut out)")
        for score in robustness.backgrounds:
            interval = f" (95 % interval {score.interval.percent()})" if score.interval else ""
            print(f"{score.condition:<18}{score.accuracy:>6.1%}{interval}")
        print(f"mean over all backgrounds {robustness.background_mean}")
        print(f"mean over all conditions {robustness.overall}")


@contextmanager
def _bar() -> Iterator[Progress]:
    """A bar, or silence on a device, which has no rich."""
    try:
        from signs_edge.cli.progress.training import ConditionProgress
    except ImportError:
        yield lambda condition, done, total: None
        return
    with ConditionProgress() as progress:
        yield progress.judged
