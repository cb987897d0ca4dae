"""What a model file carries, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signs_edge.edge.bundle.model_file import ModelFile


def describe_bundle(model: ModelFile) -> list[str]:
    """Origin and digest, labels, contract, thresholds, golden vectors and provenance, a line each."""
    contract = model.contract
    lines = [f"origin: {model.origin.value}"]
    if model.digest:
        lines.append(f"digest: sha256 {model.digest}, checked")
    lines += [
        f"size: {len(model.content):,} bytes, {model.flatbuffer_size:,} of them the model",
        f"labels: {', '.join(model.labels) or 'numbered from 0'}",
        f"picture: {contract.height}×{contract.width} {contract.colour}, {contract.crop}, {contract.interpolation}, "
        f"values / {contract.divisor:g}",
        "least confidence: " + ("not chosen" if model.abstain_below is None else f"{model.abstain_below:.4g}"),
        "temperature: " + ("not known" if model.temperature is None else f"{model.temperature:.4g}, folded in"),
    ]
    if model.golden is None:
        lines.append("golden vectors: none")
    else:
        n, height, width, _ = model.golden.frames.shape
        lines.append(f"golden vectors: {n}, from drawn frames of {width}×{height}")
    if model.expectation is not None and model.expectation.known:
        lines.append(f"drift reference: of {model.expectation.reference.n} pictures")
    return lines + [f"provenance: {name}: {value}" for name, value in _flat(model.provenance)]


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested values under dotted names."""
    for key, value in values.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        else:
            yield name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
