"""The models of `signs-edge run`: the one on duty and, where it is asked for, its float twin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import ModelError

if TYPE_CHECKING:
    from signs_edge.edge.inference.classifier import TFLiteClassifier

if TYPE_CHECKING:
    from signs_edge.edge.inference.classifier import TFLiteClassifier


@dataclass(frozen=True)
class Models:
    """Open, and found to answer as recorded.

    Attributes:
        files: the paths, under "model" and, with a twin, "float".
        classifier: the one on duty.
        twin: its float32 twin; None where none is asked for.
        warnings: lines for the user about files that are run all the same.
    """

    files: dict[str, Path]
    classifier: TFLiteClassifier
    twin: TFLiteClassifier | None
    warnings: tuple[str, ...]


def open_models(
    model: Path | None, float_model: Path | None, threads: int = 1, runtime: str | None = None, trust: bool = False
) -> Models:
    """Find and open them, as the options of these names say.

    Raises:
        ModelError: one is not there, not usable, answers wrongly, or they are no twins.
        RuntimeMissingError, UsageError: no such runtime, or no such number of threads.
    """
    from signs_edge.edge.bundle.store import find_model, find_twin
    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.inference.self_test import check_self_test

    files, twin = {"model": find_model(model)}, None
    path = files["model"]
    classifier = TFLiteClassifier.open(path, threads=threads, runtime=runtime, trust=trust)
    warnings = [check_self_test(classifier, str(path), trust)]
    if float_model is not None:
        files["float"] = find_twin(float_model)
        twin = TFLiteClassifier.open(files["float"], threads=threads, runtime=runtime, trust=trust)
        check_twins(path, classifier, float_model, twin)
        warnings.append(check_self_test(twin, str(float_model), trust))
    return Models(files, classifier, twin, tuple(filter(None, warnings)))


def check_twins(path: Path, classifier: TFLiteClassifier, float_path: Path, twin: TFLiteClassifier) -> None:
    """Refuse to call drift what is not int8 against the float32 model of the same export."""
    if (twin.labels, twin.contract) != (classifier.labels, classifier.contract):
        raise ModelError(
            f"float model {float_path} and {path} differ in labels or preprocessing: give the twin of the same export"
        )
    for name, model, right in ((path, classifier, "int8"), (float_path, twin, "float32")):
        if str(model.input_dtype) != right:
            raise ModelError(f"{name} is {model.input_dtype}: drift is int8 --model against float32 --float-model")
