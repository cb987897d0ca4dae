"""The report on a model: one HTML file that needs nothing else, and the JSON behind it."""

from __future__ import annotations

import base64
import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined

from signs_edge.edge.errors import ModelError
from signs_edge.edge.metrics.abstention import Abstention
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.metrics.intervals import Interval, wilson_interval
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.train.evaluation.corruptions import STRENGTHS
from signs_edge.train.evaluation.reliability import Calibration
from signs_edge.train.evaluation.robustness import Robustness
from signs_edge.train.report.curves import draw_confusion, draw_curves
from signs_edge.train.report.plots import draw_classes, draw_heat_map, draw_reliability, draw_worst
from signs_edge.train.runs.run_folder import RunFolder

_TEMPLATE = "report.html.jinja"
_PACKAGES = ("signs-edge", "keras", "tensorflow", "jax", "numpy", "opencv-python-headless", "ai-edge-litert")


def source_name(data: str) -> str:
    """What a report calls the source of its pictures: a path's last name, since reports are passed on."""
    return Path(data).name or data


def versions() -> dict[str, str]:
    """Of Python, the machine, and the packages that are installed."""
    found = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True)
class Report:
    """What a report tells; what is None or empty is left out of it.

    Attributes:
        title: of the page, such as the run's name.
        model: which model this is about, such as a file's name.
        data: where the pictures come from.
        names: of the classes.
        evaluations: by part of the data: "train", "validation", "test"; the last is the one shown in detail.
        without_leaked: the test pictures that are no copies of training pictures.
        settings: of training, in the order of the page; may be nested.
        history: a record per epoch, as in history.json.
        calibration: before and after temperature scaling.
        robustness: under corruptions and on unseen backgrounds.
        abstention: counts given and withheld, on hands and on pictures without one.
        threshold: the least confidence that gets a count, 0..1.
        seed: of the training run.
        seconds: wall time by what it was spent on.
        versions: of Python, the machine and the packages that the figures come from.
    """

    title: str
    model: str
    data: str
    names: tuple[str, ...]
    evaluations: Mapping[str, Evaluation]
    without_leaked: Evaluation | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[dict[str, float], ...] = ()
    calibration: Calibration | None = None
    robustness: Robustness | None = None
    abstention: Abstention | None = None
    threshold: float = 0.0
    seed: int | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=versions)

    @classmethod
    def of_run(cls, folder: RunFolder, evaluations: Mapping[str, Evaluation], **parts: Any) -> Report:
        """On a training run: settings, seed, history and seconds are read from its folder.

        Args:
            folder: with config.json and history.json.
            evaluations: by part of the data, the test last.
            parts: further attributes, such as `calibration=…`.
        """
        config, names = folder.read_config()
        history = folder.history()
        settings = {name: value for name, value in config.to_json().items() if name not in ("data", "seed")}
        return cls(
            title=folder.path.resolve().name,
            model=folder.model_file.name,
            data=source_name(config.data),
            names=names,
            evaluations=evaluations,
            settings=settings,
            history=tuple(history),
            seed=config.seed,
            **{"seconds": {"training": sum(record["seconds"] for record in history)}, **parts},
        )

    @property
    def shown(self) -> Evaluation | None:
        """The last of the evaluations; None where there are none."""
        return list(self.evaluations.values())[-1] if self.evaluations else None

    def to_json(self) -> dict[str, Any]:
        """Plain values for report.json; what is not known is null."""
        return {
            "title": self.title,
            "model": self.model,
            "data": self.data,
            "names": list(self.names),
            "seed": self.seed,
            "seconds": dict(self.seconds),
            "versions": dict(self.versions),
            "settings": dict(self.settings),
            "evaluations": {part: evaluation.to_json() for part, evaluation in self.evaluations.items()},
            "without_leaked": self.without_leaked.to_json() if self.without_leaked else None,
            "classes": class_figures(self.shown) if self.shown else None,
            "calibration": self.calibration.to_json() if self.calibration else None,
            "robustness": self.robustness.to_json() if self.robustness else None,
            "abstention": _abstention(self),
            "history": list(self.history),
        }


def write_report(folder: Path, report: Report, name: str = "report", *, photos: bool = True) -> Path:
    """Write NAME.html, NAME.json and the pictures (PNG, also inside the HTML) into a folder.

    Args:
        folder: that exists.
        report: what is shown.
        name: of the two files.
        photos: False leaves out the sheet that shows pictures of the data, for a report that is passed on.

    Returns:
        The path of the HTML file.

    Raises:
        ModelError: the folder cannot be written.
    """
    pictures = {part: _data_uri(path) for part, path in _draw(folder, report, photos).items()}
    write_json(folder / f"{name}.json", report.to_json(), error=ModelError)
    page = folder / f"{name}.html"
    with atomic_write(page, error=ModelError) as temporary:
        temporary.write_text(render(report, pictures, photos=photos), encoding="utf-8")
    return page


def render(report: Report, pictures: Mapping[str, str], *, photos: bool = True) -> str:
    """The HTML page; `pictures` are data URIs by name, without "worst" where `photos` is False. All text is escaped."""
    # Undefined names fail loudly: a typing mistake in the template would else leave a gap.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"percent": percent_text, "interval": interval_text}
    template = environment.from_string(
        resources.files("signs_edge.train.report").joinpath(_TEMPLATE).read_text("utf-8")
    )
    return template.render(
        report=report,
        pictures=pictures,
        photos=photos,
        classes=class_figures(report.shown) if report.shown else [],
        settings=flat_settings(report.settings),
        strengths=STRENGTHS,
        abstention=_abstention(report),
    )


def class_figures(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Per class: recall (of its pictures, so many are found) and precision (of its answers, so many are right)."""
    right = np.diag(evaluation.confusion).tolist()
    pictures, answers = evaluation.confusion.sum(axis=1).tolist(), evaluation.confusion.sum(axis=0).tolist()
    return [
        {"name": name, "recall": _share(correct, n), "precision": _share(correct, given)}
        for name, correct, n, given in zip(evaluation.labels, right, pictures, answers, strict=True)
    ]


def _draw(folder: Path, report: Report, photos: bool) -> dict[str, Path]:
    """Draw what there is to draw."""
    names = ("confusion", "classes", "curves", "reliability", "robustness", "worst")
    paths = {name: folder / f"{name}.png" for name in names}
    drawn = []
    if report.shown:
        draw_confusion(report.shown, paths["confusion"])
        draw_classes(report.shown, paths["classes"])
        drawn += ["confusion", "classes"]
    if report.history:
        draw_curves(list(report.history), paths["curves"])
        drawn.append("curves")
    if report.calibration:
        draw_reliability(report.calibration, paths["reliability"])
        drawn.append("reliability")
    if report.robustness:
        draw_heat_map(report.robustness, paths["robustness"])
        drawn.append("robustness")
    if report.robustness and photos:
        draw_worst(report.robustness, paths["worst"])
        drawn.append("worst")
    return {name: paths[name] for name in drawn}


def _data_uri(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def _share(k: int, n: int) -> dict[str, Any]:
    interval = wilson_interval(k, n)
    return {"k": k, "n": n, "share": k / n if n else None, "interval": interval.to_json() if interval else None}


def _abstention(report: Report) -> dict[str, Any] | None:
    found = report.abstention
    if found is None:
        return None
    return {
        "threshold": report.threshold,
        "hands": _share(found.kept, found.hands),
        "hand_free": _share(found.counted, found.hand_free),
    }


def flat_settings(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested settings as lines: {"model": {"width": 16}} is "model.width"."""
    lines: dict[str, str] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines |= flat_settings(value, f"{prefix}{key}.")
        else:
            lines[prefix + key] = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return lines


def percent_text(value: float | None) -> str:
    """A share, 0..1, in per cent; None is not known."""
    return "not known" if value is None else f"{value:.1%}"


def interval_text(value: Interval | list[float] | None) -> str:
    """An interval's bounds in per cent; nothing for None."""
    if value is None:
        return ""
    low, high = (value.low, value.high) if isinstance(value, Interval) else value
    return f"{low:.1%} to {high:.1%}"
