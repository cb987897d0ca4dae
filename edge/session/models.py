"""The models of a run: the model on duty and, where it is asked for, its float twin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import ModelError

if TYPE_CHECKING:
    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.run.config import RunConfig
    from signs_edge.edge.session.settings import RunSettings


@dataclass(frozen=True)
class Models:
    """Open models that passed their self-test.

    Attributes:
        files: the paths, under "model" and, with a twin, "float".
        classifier: the model on duty.
        twin: its float32 twin; None where none is asked for.
        warnings: lines for the user about files that are run all the same.
        reason: why the model was chosen, for people.
        reach: how often it is known to be right, for people; None: nothing is known.
    """

    files: dict[str, Path]
    classifier: TFLiteClassifier
    twin: TFLiteClassifier | None
    warnings: tuple[str, ...]
    reason: str
    reach: str | None

    def __str__(self) -> str:
        """For people: which model is on duty, why, on what runtime, and what it is known to reach."""
        named = f"{self.files['model']} ({self.classifier.input_dtype}) on {self.classifier.runtime}"
        return f"{named}: {self.reason}; {self.reach or 'nothing is known of its accuracy'}"


def open_models(settings: RunSettings) -> Models:
    """Find the models of some settings, open them and run their self-tests.

    Raises:
        ModelError: a file is not there, not usable or answers wrongly, or the two are no twins.
        RuntimeMissingError, UsageError: no such runtime, or no such number of threads.
    """
    from signs_edge.edge.bundle.reach import known_reach
    from signs_edge.edge.bundle.store import choose_model, find_twin
    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.inference.self_test import check_self_test

    def opened(path: Path) -> TFLiteClassifier:
        return TFLiteClassifier.open(
            path, threads=settings.threads, runtime=settings.runtime, trust=settings.trust
        )  # fmt: skip

    chosen = choose_model(settings.model)
    path, twin = chosen.path, None
    files = {"model": path}
    classifier = opened(path)
    warnings = [check_self_test(classifier, str(path), settings.trust)]
    if settings.float_model is not None:
        files["float"] = find_twin(settings.float_model)
        twin = opened(files["float"])
        check_twins(path, classifier, settings.float_model, twin)
        warnings.append(check_self_test(twin, str(settings.float_model), settings.trust))
    reach = known_reach(path, classifier.provenance)
    return Models(files, classifier, twin, tuple(filter(None, warnings)), chosen.reason, reach)


def check_twins(path: Path, classifier: TFLiteClassifier, float_path: Path, twin: TFLiteClassifier) -> None:
    """Refuse a pair that is not int8 and float32 of the same export: its difference would be no drift."""
    if (twin.labels, twin.contract) != (classifier.labels, classifier.contract):
        raise ModelError(
            f"float model {float_path} and {path} differ in labels or preprocessing: give the twin of the same export"
        )
    for name, model, right in ((path, classifier, "int8"), (float_path, twin, "float32")):
        if str(model.input_dtype) != right:
            raise ModelError(f"{name} is {model.input_dtype}: drift is int8 --model against float32 --float-model")


def run_config(settings: RunSettings, classifier: TFLiteClassifier) -> RunConfig:
    """How a model's frames are counted, by some settings; UsageError where a value is not allowed.

    Unless one least confidence was given for all frames, less is asked of a hand that the finder found.
    """
    from signs_edge.edge.metrics.abstention import effective_threshold
    from signs_edge.edge.region.tracked import BEHIND_FINDER
    from signs_edge.edge.run.config import RunConfig
    from signs_edge.edge.run.smoothing import SmoothingConfig

    given, from_model = settings.min_confidence, classifier.abstain_below
    return RunConfig(
        classifier.contract,
        effective_threshold(given, from_model),
        from_model * BEHIND_FINDER if given is None else None,
        settings.max_frames,
        SmoothingConfig(settings.smooth),
    )
