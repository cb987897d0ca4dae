"""The parts of an export's report that look at the files themselves: operators, layers, time, other runtimes."""

from __future__ import annotations

import base64
import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Images
from signs_edge.edge.bench.measure import run_bench
from signs_edge.edge.bench.result import BenchConfig
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.runtime import RUNTIMES, find_runtime
from signs_edge.export.convert.convert import FLOAT32, INT8
from signs_edge.export.diagnosis.layers import DIAGNOSIS_PICTURES, compare_layers, spread
from signs_edge.export.diagnosis.names import layer_names
from signs_edge.export.diagnosis.plot import draw_diagnosis
from signs_edge.export.diagnosis.result import Diagnosis
from signs_edge.export.flatbuffer.graph import Tensor
from signs_edge.export.flatbuffer.inspection import Inspection, inspect_model
from signs_edge.export.gate.pictures import GatePictures
from signs_edge.export.report.extra_sections import ExtraSections
from signs_edge.export.settings import ReportSettings
from signs_edge.train.report.stored import read_json
from signs_edge.train.runs.run_folder import RunFolder

_RUNTIME_PICTURES = 120


def make_sections(
    run: RunFolder, flatbuffers: Mapping[str, bytes], asked: GatePictures, settings: ReportSettings
) -> ExtraSections:
    """Inspect, diagnose and time the flatbuffers of an export.

    Args:
        run: the run folder.
        flatbuffers: plain flatbuffers by format, float32 among them.
        asked: the gate's pictures.
        settings: what is measured, and what is known of other machines.
    """
    contract = Contract()
    files = {form: ModelFile.pack(content, asked.pictures.names, contract) for form, content in flatbuffers.items()}
    diagnosis = None
    if INT8 in flatbuffers:
        pictures = spread(asked.pictures.images[: asked.tests], DIAGNOSIS_PICTURES)
        diagnosis = layers_section(
            compare_layers(flatbuffers[FLOAT32], flatbuffers[INT8], pictures, contract, layer_names(run))
        )
    return ExtraSections(
        {form: inspection_section(inspect_model(content), form) for form, content in flatbuffers.items()},
        diagnosis,
        bench_section(files, settings.bench_seconds) if settings.bench_seconds else None,
        {
            "on this machine": runtimes_section(files, spread(asked.pictures.images, _RUNTIME_PICTURES)),
            "on other machines": recorded_section(settings.record, flatbuffers),
        },
    )


def refusals(form: str, content: bytes) -> tuple[str, ...]:
    """Why a flatbuffer is not the full-integer model that its format promises; empty where it is, or promises none."""
    return tuple(f"not full-integer int8: {line}" for line in inspect_model(content).refusals) if form == INT8 else ()


def inspection_section(found: Inspection, form: str) -> dict[str, Any]:
    """What is in one file; the list of operators of int8 only."""
    section: dict[str, Any] = {
        "kind": found.kind,
        "input": ", ".join(_tensor(tensor) for tensor in found.inputs),
        "output": ", ".join(_tensor(tensor) for tensor in found.outputs),
        "parameters": f"{found.parameters:,}",
        "multiply-adds": f"{found.multiply_adds:,}",
        "memory arena": f"{found.arena:,} bytes (greedy plan)",
        "operators": ", ".join(f"{count} {name}" for name, count in found.counts.items()),
        "sha256 of the model part": found.sha256,
    }
    if form == INT8:
        weights = {True: "per channel", False: "per tensor", None: ""}
        section["operators by depth"] = [
            {
                "operator": op.name,
                "gives": ", ".join(_tensor(tensor, scale=False) for tensor in op.outputs),
                "multiply-adds": f"{op.multiply_adds:,}",
                "weights": weights[op.per_channel],
            }
            for op in found.ops
        ]
    return section


def layers_section(diagnosis: Diagnosis) -> dict[str, Any]:
    """Signal to noise of int8 against float32: the picture, the branches, the layers."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "diagnosis.png"
        draw_diagnosis(diagnosis, path)
        picture = "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
    return {
        "picture": picture,
        "what it says": f"signal-to-noise ratio in dB of int8 against float32 on {diagnosis.pictures} test pictures: of all "
        "errors up to a layer, and of the error that the layer makes by itself",
        "most suspect": ", ".join(layer.name for layer in diagnosis.suspects[:3]),
        "branches": [
            {
                "add": one.add, "shortcut": one.shortcut, "its dB": round(one.shortcut_sqnr, 1),
                "residual": one.residual, "its dB too": round(one.residual_sqnr, 1),
            }
            for one in diagnosis.junctions
        ],
        "layers": [
            {
                "layer": layer.name, "dB": _decibels(layer.sqnr), "own dB": _decibels(layer.own_sqnr),
                "clipped": f"{layer.saturated:.3%}",
            }
            for layer in diagnosis.layers
        ],
    }  # fmt: skip


def bench_section(files: Mapping[str, ModelFile], seconds: float) -> dict[str, Any]:
    """Every file in turns, on one thread of the runtime that the device would take."""
    with TemporaryDirectory() as folder:
        paths = []
        for form, file in files.items():
            path = Path(folder) / f"{form}.tflite"
            path.write_bytes(file.content)
            paths.append(path)
        config = BenchConfig(tuple(paths), (1,), (find_runtime().name,), seconds=seconds, rounds=4)
        found = run_bench(config)
    rows = []
    for case in found.cases:
        whole = case.predict or case.invoke
        rows.append(
            {
                "file": case.file, "p50 ms": round(whole.p50, 3), "p90 ms": round(whole.p90, 3),
                "p99 ms": round(whole.p99, 3), "a second": round(whole.per_second, 1),
                "times the bare interpreter": round(case.overhead or 1, 3), "first call ms": round(case.first[0], 3),
                "peak memory MB": None if case.peak_mb is None else round(case.peak_mb, 1),
            }
        )  # fmt: skip
    return {"machine": str(found.board), "measured": "one thread, picture in and count out", "files": rows}


def runtimes_section(files: Mapping[str, ModelFile], pictures: Images) -> list[dict[str, Any]]:
    """Every runtime that is installed here against the one that checked the files."""
    first, rows = find_runtime().name, []
    for form, file in files.items():
        expected = predict_all(TFLiteClassifier(file), pictures)
        for name in RUNTIMES:
            if name == first:
                continue
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # TensorFlow says that its interpreter will go
                    other = TFLiteClassifier(file, runtime=name)
            except RuntimeMissingError:
                continue
            scores = predict_all(other, pictures)
            rows.append(
                {
                    "file": form, "runtime": other.runtime, "pictures": len(pictures),
                    "other answers": int((scores.argmax(axis=1) != expected.argmax(axis=1)).sum()),
                    "largest difference": float(np.abs(scores - expected).max()),
                }
            )  # fmt: skip
    return rows


def recorded_section(record: Path | None, flatbuffers: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """What was recorded of these very flatbuffers elsewhere; empty without a record, or where it is of others."""
    if record is None or not record.is_file():
        return []
    known, rows = read_json(record), []
    digests = {hashlib.sha256(content).hexdigest(): form for form, content in flatbuffers.items()}
    for model in known["models"]:
        form = digests.get(model["flatbuffer_sha256"])
        for place, against in model["against_first"].items() if form else ():
            other = against["other_answers"]
            rows.append(
                {
                    "file": form, "place": place, "runtime": known["places"][place]["runtime"],
                    "pictures": against["pictures"], "other answers": len(other),
                    "their confidences": ", ".join(f"{each['confidence']:.2f}" for each in other) or "none",
                    "largest difference": against["largest_difference"],
                }
            )  # fmt: skip
    return rows


def _tensor(tensor: Tensor, scale: bool = True) -> str:
    shape = f"{'×'.join(map(str, tensor.shape)) or 'scalar'} {tensor.dtype}"
    if not scale or not tensor.scales:
        return shape
    return f"{shape}, scale {tensor.scales[0]:.6g}, zero point {(*tensor.zero_points, 0)[0]}"


def _decibels(value: float) -> str:
    return f"{value:.1f}" if np.isfinite(value) else "exact"
