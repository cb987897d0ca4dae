"""What a finished run is and reached, read from its own files: for the model card and the pages in docs/runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import ModelError
from signs_edge.edge.metrics.intervals import Interval
from signs_edge.train.evaluation.score import Mean
from signs_edge.train.report.report import Report, flat_settings, interval_text, percent_text
from signs_edge.train.report.stored import read_json, read_report
from signs_edge.train.runs.config import PRESETS, TrainConfig
from signs_edge.train.runs.run_folder import RunFolder


@dataclass(frozen=True)
class Figure:
    """A share as a card shows it.

    Attributes:
        name: what was measured.
        share: 0..1; None where nothing was measured.
        interval: at 95 %.
        counts: such as "118 of 120"; empty for means.
    """

    name: str
    share: float | None
    interval: Interval | None
    counts: str = ""

    @classmethod
    def of(cls, name: str, values: Mapping[str, Any], k: str = "correct", share: str = "accuracy") -> Figure:
        """From a JSON object with "n", its count k, a share and an interval."""
        pair = values["interval"]
        return cls(name, values[share], Interval(*pair) if pair else None, f"{values[k]} of {values['n']}")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Figure:
        """What `dataclasses.asdict` made of one."""
        return cls(**{**values, "interval": Interval(**values["interval"]) if values["interval"] else None})

    def __str__(self) -> str:
        """For a table: share, counts, interval."""
        more = [self.counts] * bool(self.counts) + [interval_text(self.interval)] * bool(self.interval)
        return percent_text(self.share) + (f" ({', '.join(more)})" if more else "")


@dataclass(frozen=True)
class RunFacts:
    """A finished run.

    Attributes:
        command: that trains it again, data left to the default.
        preset: whose network it is; None for another network.
        parameters: of the network.
        report: as `signs-edge train` wrote it.
        leaked: test photos of which a copy was trained on.
        figures: of the Keras model.
    """

    command: str
    preset: str | None
    parameters: int
    report: Report
    leaked: int
    figures: tuple[Figure, ...]

    @classmethod
    def read(cls, run: Path) -> RunFacts:
        """From the files of a run folder; ModelError where it is not finished or not readable."""
        folder = RunFolder(run)
        config, _ = folder.read_config()
        report, metrics = read_report(folder), read_json(folder.metrics_file)
        try:
            leaked, figures = len(metrics["test"]["without_leaked"]["leaked"]), _figures(metrics, report)
        except KeyError as error:
            raise ModelError(f"{folder.metrics_file} lacks {error}: it is of another version; train again") from None
        preset, command = training_command(config)
        return cls(command, preset, count_parameters(folder.model_file), report, leaked, figures)

    @property
    def seconds(self) -> float:
        """Wall time of the training, without judging."""
        return self.report.seconds["training"]

    def settings(self) -> dict[str, str]:
        """The recipe as lines; nested names have dots."""
        return {**flat_settings(self.report.settings), "seed": str(self.report.seed)}


def training_command(config: TrainConfig) -> tuple[str | None, str]:
    """Name of the preset whose network this is, and the command that trains with this configuration."""
    preset = next((name for name, found in PRESETS.items() if found.model == config.model), None)
    base = PRESETS[preset or "slim"]
    default = asdict(TrainConfig(config.data, base.model, **base.recipe))
    given, network = asdict(config), asdict(config.model)
    changed = {name: value for name, value in network.items() if value != default["model"][name]}
    changed |= {name: value for name, value in given.items() if name != "model" and value != default[name]}
    options = "".join(f" {_option(name.replace('_', '-'), value)}" for name, value in changed.items())
    return preset, f"signs-edge train --preset {preset or 'slim'}{options}"


def count_parameters(model_file: Path) -> int:
    """Of a Keras model, those of its normalization included; ModelError where it cannot be loaded."""
    from signs_edge.train.network.keras_classifier import KerasClassifier

    return int(KerasClassifier.open(model_file).model.count_params())


def exported_figures(export: Mapping[str, Any]) -> tuple[Figure, ...]:
    """Of the .tflite files, from export.json: accuracy on the test photos, and how often int8 answers as float32."""
    try:
        test = export["test"]
        return (
            Figure.of("float32, test photos", test["float32"]),
            Figure.of("int8, test photos", test["int8"]),
            Figure(
                "int8 and float32 agree, test photos",
                test["float32_int8"]["agreement"],
                Interval(*test["float32_int8"]["interval"]),
                f"{len(test['float32_int8']['flips'])} of {test['float32_int8']['n']} flip",
            ),
        )
    except (KeyError, TypeError) as error:
        raise ModelError(f"export.json is not understood ({error!r}): export again, with int8") from None


def _option(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no-{name}"
    return f"--{name} {','.join(map(str, value)) if isinstance(value, tuple | list) else value}"


def _figures(metrics: Mapping[str, Any], report: Report) -> tuple[Figure, ...]:
    test, silence = metrics["test"], metrics["abstention"]
    leaked = len(test["without_leaked"]["leaked"])
    found = [
        Figure.of("test photos", test),
        Figure.of(f"test photos without the {leaked} leaked ones", test["without_leaked"]),
    ]
    names = {
        "validation": "held-out training photos",
        "varied": "held-out hands, on training's kinds of background, in other light",
    }
    found += [Figure.of(name, metrics[part]) for part, name in names.items() if part in metrics]
    if report.robustness:
        found += _of_robustness(report)
    found.append(Figure.of("test photos that get a count", silence["hands"], "kept", "coverage"))
    if silence["hand_free"]["n"]:
        found.append(
            Figure.of("unseen backgrounds without a hand that get one", silence["hand_free"], "counted", "share")
        )
    return tuple(found)


def _of_robustness(report: Report) -> list[Figure]:
    robustness = report.robustness
    assert robustness is not None
    means: list[tuple[str, Mean | None]] = [
        ("test photos under 12 corruptions at 5 strengths, mean", robustness.mean),
        ("test hands on unseen backgrounds, mean", robustness.background_mean),
    ]
    return [Figure(name, mean.accuracy, mean.interval) for name, mean in means if mean]
