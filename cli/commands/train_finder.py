"""`signs-edge train --task find`: the network that finds the hand in a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signs_edge.cli.options.extras import needing_training
from signs_edge.edge.errors import UsageError

if TYPE_CHECKING:
    from signs_edge.train.runs.finder_config import FinderConfig

TASKS = ("count", "find")
_TAKEN = ("epochs", "batch_size", "learning_rate", "width", "drawings", "ramp", "validation", "seed")


def finder_config(data: str | None, options: Mapping[str, Any]) -> FinderConfig:
    """From the options that were given; UsageError for one that the finder does not have."""
    from signs_edge.cli.options.data_source import data_source
    from signs_edge.train.runs.finder_config import FinderConfig

    given = {name: value for name, value in options.items() if value is not None}
    foreign = [name for name in given if name not in _TAKEN]
    if foreign:
        raise UsageError(
            f"--{foreign[0].replace('_', '-')} is not for --task find: allowed are "
            + ", ".join("--" + name.replace("_", "-") for name in _TAKEN)
        )
    return FinderConfig(data_source(data), **given)


def import_finder_fit() -> Callable[..., dict[str, Any]]:
    """The training function; one clear line where a backend of Keras is not installed."""
    from signs_edge.train.network.keras_import import import_keras

    with needing_training("training"):
        import_keras()
        from signs_edge.train.finder.fit import fit_finder
    return fit_finder


def summarize_finder(metrics: Mapping[str, Any], folder: Path) -> None:
    """What it finds of hands that it never saw."""
    if "held_out" in metrics:
        score = metrics["held_out"]
        low, high = score["interval"]
        print(
            f"finds {score['kept'] / score['hands']:.1%} of {score['hands']} held-out hands in their place (95 % interval "
            f"{low:.1%} to {high:.1%}), at a score of {score['threshold']:.2f}, which 5 % of {score['empty']} scenes "
            "without a hand reach"
        )
    print(f"trained in {metrics['seconds']:.0f} s; model and pictures are in {folder}, see {folder / 'found.png'}")
    print(f"next: signs-edge export {folder} --int8")
