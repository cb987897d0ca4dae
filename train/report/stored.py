"""A finished run's report, read back from its files, to be drawn again without judging the model again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.errors import ModelError
from signs_edge.edge.metrics.abstention import Abstention
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.metrics.intervals import Interval
from signs_edge.train.evaluation.reliability import Calibration, Reliability, ReliabilityBin
from signs_edge.train.evaluation.robustness import Robustness
from signs_edge.train.evaluation.score import Mean, Score
from signs_edge.train.report.report import Report, source_name
from signs_edge.train.runs.run_folder import RunFolder


def read_report(folder: RunFolder) -> Report:
    """The report that training wrote into a run folder; without the pictures of its wrong answers.

    Args:
        folder: of a finished run, with report.json and metrics.json.

    Returns:
        What `write_report` takes, with `photos=False`: report.json holds no pictures.

    Raises:
        ModelError: no finished run, or files of another version.
    """
    stored, metrics = read_json(folder.path / "report.json"), read_json(folder.metrics_file)
    try:
        report = Report(
            title=stored["title"],
            model=stored["model"],
            data=source_name(stored["data"]),
            names=tuple(stored["names"]),
            evaluations={part: _evaluation(values) for part, values in stored["evaluations"].items()},
            settings=stored["settings"],
            history=tuple(stored["history"]),
            seed=stored["seed"],
            seconds=stored["seconds"],
            versions=stored["versions"],
        )
        silence = metrics["abstention"]
        return replace(
            report,
            without_leaked=_evaluation(stored["without_leaked"]) if stored["without_leaked"] else None,
            calibration=_calibration(stored["calibration"]) if stored["calibration"] else None,
            robustness=_robustness(stored["robustness"]) if stored["robustness"] else None,
            abstention=_abstention(silence),
            threshold=silence["threshold"] or 0.0,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"the report of {folder.path} is not understood ({error!r}): it was written by another version; train again"
        ) from None


def read_json(path: Path) -> Any:
    """The value in a JSON file of a finished run; ModelError, one line, where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}): give the folder of a finished run of `signs-edge train`"
        ) from None
    except ValueError as error:
        raise ModelError(f"{path} is damaged ({error}): train again") from None


def _evaluation(values: dict[str, Any]) -> Evaluation:
    return Evaluation(tuple(values["labels"]), np.array(values["confusion"], np.int64))


def _score(values: dict[str, Any]) -> Score:
    return Score(values["condition"], values["strength"], values["correct"], values["n"])


def _mean(values: dict[str, Any]) -> Mean:
    return Mean(values["accuracy"], Interval(*values["interval"]) if values["interval"] else None)


def _robustness(values: dict[str, Any]) -> Robustness:
    return Robustness(
        clean=_score(values["clean"]),
        corrupted=tuple(map(_score, values["corrupted"])),
        backgrounds=tuple(map(_score, values["backgrounds"])),
        mean=_mean(values["mean"]),
        background_mean=_mean(values["background_mean"]) if values["background_mean"] else None,
        overall=_mean(values["overall"]),
        worst=(),
        seed=values["seed"],
    )


def _reliability(values: dict[str, Any]) -> Reliability:
    bins = tuple(
        ReliabilityBin(
            found["low"], found["high"], found["n"], round((found["accuracy"] or 0) * found["n"]), found["confidence"]
        )
        for found in values["bins"]
    )
    return Reliability(bins, values["nll"])


def _calibration(values: dict[str, Any]) -> Calibration:
    return Calibration(
        values["temperature"], values["fitted_on"], _reliability(values["before"]), _reliability(values["after"])
    )


def _abstention(values: dict[str, Any]) -> Abstention:
    hands, hand_free = values["hands"], values["hand_free"]
    return Abstention(hands["n"], hands["kept"], hands["right"], hand_free["n"], hand_free["counted"])
