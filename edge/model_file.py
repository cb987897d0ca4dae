"""A .tflite file with its labels and preprocessing contract inside.

Both travel as associated files: a ZIP archive behind the flatbuffer, which is the TFLite metadata format's own
convention (https://ai.google.dev/edge/litert/models/metadata). Stock runtimes ignore it.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import ModelError

LABELS = "labels.txt"
CONTRACT = "signs_edge.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time, so that the same model gives the same bytes


@dataclass(frozen=True)
class ModelFile:
    """What stands in a signs-edge .tflite file.

    Attributes:
        content: all bytes, the ZIP archive included; an interpreter takes them as they are.
        labels: one name per output, in order.
        contract: what a picture must be.
    """

    content: bytes
    labels: tuple[str, ...]
    contract: Contract

    @classmethod
    def pack(cls, flatbuffer: bytes, labels: tuple[str, ...], contract: Contract) -> ModelFile:
        """A plain .tflite model with labels and contract appended."""
        packed = io.BytesIO(flatbuffer)
        with zipfile.ZipFile(packed, "a") as archive:
            archive.writestr(zipfile.ZipInfo(LABELS, _EPOCH), "".join(f"{label}\n" for label in labels))
            archive.writestr(zipfile.ZipInfo(CONTRACT, _EPOCH), json.dumps({"contract": contract.to_json()}, indent=2))
        return cls(packed.getvalue(), labels, contract)

    @classmethod
    def read(cls, path: Path) -> ModelFile:
        """Read and check a file; ModelError where it is missing, no model, or carries no labels."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"model {path} cannot be read ({error.strerror}): give a .tflite file from `signs-edge export`"
            ) from None
        if content[4:8] != b"TFL3":
            raise ModelError(
                f"{path} is not a TFLite model (no TFL3 mark): give a .tflite file from `signs-edge export`"
            )
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                labels = tuple(archive.read(LABELS).decode().splitlines())
                contract = Contract.from_json(json.loads(archive.read(CONTRACT))["contract"])
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise ModelError(
                f"{path} carries no readable labels and contract ({error}): only files written by `signs-edge export` can be used"
            ) from None
        return cls(content, labels, contract)
