"""`signs-edge ablate`: residual networks against their plain twins, by depth."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.options.extras import needing_training, require_training
from signs_edge.cli.signals import end_with
from signs_edge.edge.errors import UsageError

if TYPE_CHECKING:
    from signs_edge.train.ablation.config import AblationConfig
    from signs_edge.train.ablation.result import Ablation

_NARROW = 16  # up to this width an operation is too small to be shared out between threads


def ablate(
    data: Annotated[
        str | None,
        typer.Option(
            help="Folder with the HDF5 pair or with images by class, or synthetic. [default: $SIGNS_EDGE_DATA, the cache, synthetic]"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; an interrupted ablation goes on there. [default: runs/ablation-TIME]"
        ),
    ] = None,
    depths: Annotated[str, typer.Option(help="Layers, between commas, among 14, 26, 38, 50, 101, 152.")] = "14,26,50",
    batch_norm: Annotated[
        bool | None,
        typer.Option("--batch-norm/--no-batch-norm", help="Only with or only without. [default: both]"),
    ] = None,
    width: Annotated[int, typer.Option(help="Channels of the first stage, 64 in the ResNet-50.")] = 8,
    epochs: Annotated[int, typer.Option(help="Passes over the pictures, for each network.")] = 12,
    batch_size: Annotated[int, typer.Option(help="Pictures per step.")] = 32,
    learning_rate: Annotated[float, typer.Option(help="Adam's at the start; it falls to 0 as a cosine.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
) -> None:
    """Show what skip connections do: gradients, learning and accuracy with and without them."""
    require_training("an ablation")
    from signs_edge.cli.options.data_source import data_source
    from signs_edge.edge.bundle.store import runs_folder
    from signs_edge.train.ablation.config import AblationConfig, networks_of

    norms = (True, False) if batch_norm is None else (batch_norm,)
    networks = networks_of(_depths(depths))
    config = AblationConfig(
        data_source(data), networks, norms, width=width, epochs=epochs, batch_size=batch_size,
        learning_rate=learning_rate, seed=seed,
    )  # fmt: skip
    folder = out or runs_folder() / f"ablation-{datetime.now():%Y%m%d-%H%M%S}"
    if width <= _NARROW:  # read by TensorFlow when it is first used; a user's own setting stays
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    found = _run(config, folder)
    print(found.table(), end="")
    print(f"\ntable, figures and pictures are in {folder}; look at skip-connections.png first")


def _run(config: AblationConfig, folder: Path) -> Ablation:
    """Train all networks with a progress display; Ctrl-C ends the process with a line that says how to go on."""
    from signs_edge.cli.progress.ablation import AblationProgress
    from signs_edge.train.network.keras_import import import_keras

    with AblationProgress() as progress:
        try:
            with needing_training("an ablation"):
                import_keras()  # takes seconds; mistakes are said before
                from signs_edge.train.ablation import ablation
            return ablation.ablate(config, folder, progress)
        except KeyboardInterrupt:
            progress.stop()
            end_with(f"interrupted: finished networks are kept; go on with the same options and --out {folder}")


def _depths(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"depths {text!r} are not allowed: give layers between commas, such as 14,26,50") from None
