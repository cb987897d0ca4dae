"""What an ablation found: one result per network, and the table of all."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from signs_edge.edge.errors import ModelError
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.train.ablation.config import AblationConfig, Twin
from signs_edge.train.ablation.gradients import LayerGradient


@dataclass(frozen=True)
class TwinResult:
    """One network's figures.

    Attributes:
        twin: which network.
        parameters: how many it has.
        history: per finished epoch `epoch`, `loss` and `accuracy` while training, and where pictures were held out
            `val_loss` and `val_accuracy` after it.
        gradients: by number of finished epochs, the gradient norms of its convolutions.
        diverged: the epoch whose loss was no finite number and ended it; None where it was trained to the end.
        evaluations: answers of the trained network on "train", "validation" and "test"; None where it diverged.
        seconds: of wall time.
    """

    twin: Twin
    parameters: int
    history: tuple[dict[str, float], ...]
    gradients: dict[int, tuple[LayerGradient, ...]]
    diverged: int | None
    evaluations: dict[str, Evaluation | None]
    seconds: float

    def main_path(self, epoch: int) -> tuple[LayerGradient, ...]:
        """Gradients after so many epochs, without those of the shortcuts, which the plain twin lacks."""
        return tuple(layer for layer in self.gradients[epoch] if layer.position is not None)

    def median_gradient(self, epoch: int) -> float:
        """The gradient norm of the convolution in the middle, ordered by size, after so many epochs.

        One figure per network. The first over the last would hide much: without batch normalization a plain
        network's activations shrink forwards as its gradients do backwards, and all its kernels get little alike.
        """
        return float(np.median([layer.gradient for layer in self.main_path(epoch)]))

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them. A gradient that is not finite is null."""
        gradients = {
            str(epoch): [asdict(layer) | {"gradient": _finite(layer.gradient)} for layer in layers]
            for epoch, layers in self.gradients.items()
        }
        evaluations = {name: found and found.to_json() for name, found in self.evaluations.items()}
        own = {"name": self.twin.name, "depth": self.twin.depth}
        return own | asdict(self) | {"gradients": gradients, "evaluations": evaluations}

    @classmethod
    def from_json(cls, values: dict[str, Any], origin: str) -> TwinResult:
        """What `to_json` wrote; ModelError naming `origin` where it is not understood."""
        try:
            twin = dict(values["twin"], stages=tuple(values["twin"]["stages"]))
            return cls(
                twin=Twin(**twin),
                parameters=values["parameters"],
                history=tuple(values["history"]),
                gradients={int(key): tuple(map(_layer, layers)) for key, layers in values["gradients"].items()},
                diverged=values["diverged"],
                evaluations={name: found and _evaluation(found) for name, found in values["evaluations"].items()},
                seconds=values["seconds"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{origin} is not understood ({error!r}): delete it, and it is made again") from None


@dataclass(frozen=True)
class Ablation:
    """A whole ablation; `results` in the order of `config.twins()`, `names` of the classes."""

    config: AblationConfig
    names: tuple[str, ...]
    results: tuple[TwinResult, ...]

    def of(self, *, batch_norm: bool) -> list[tuple[TwinResult, TwinResult]]:
        """The residual network and its plain twin for each depth, the shallow ones first."""
        chosen = [result for result in self.results if result.twin.batch_norm == batch_norm]
        return list(zip(chosen[::2], chosen[1::2], strict=True))

    def to_json(self) -> dict[str, Any]:
        """Everything, for ablation.json."""
        results = [result.to_json() for result in self.results]
        return {"config": self.config.to_json(), "names": list(self.names), "results": results}

    def table(self) -> str:
        """The Markdown table of all networks; a dash where a network diverged or no picture was held out."""
        head = (
            "layers", "batch norm", "network", "parameters", "median gradient norm at the start",
            "training loss, last epoch", "training photos right", "validation photos right", "test photos right",
        )  # fmt: skip
        rows = [head, ("---",) * len(head), *map(_row, self.results)]
        return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(result: TwinResult) -> tuple[str, ...]:
    def share(part: str) -> str:
        found = result.evaluations.get(part)
        if found is None or found.interval is None:
            return "–"
        return f"{found.accuracy:.1%} ({found.interval.percent()})"

    loss = f"{result.history[-1]['loss']:.3f}" if result.diverged is None else f"diverged in epoch {result.diverged}"
    return (
        str(result.twin.depth), "yes" if result.twin.batch_norm else "no", result.twin.kind, f"{result.parameters:,}",
        f"{result.median_gradient(0):.1e}", loss, share("train"), share("validation"), share("test"),
    )  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _layer(values: dict[str, Any]) -> LayerGradient:
    gradient = math.nan if values["gradient"] is None else values["gradient"]
    return LayerGradient(values["layer"], values["position"], gradient, values["weight"])


def _evaluation(values: dict[str, Any]) -> Evaluation:
    return Evaluation(tuple(values["labels"]), np.array(values["confusion"], np.int64))
