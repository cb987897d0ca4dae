"""`signs-edge inspect`: what is in a .tflite file of any origin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.edge.errors import ModelError

if TYPE_CHECKING:
    from signs_edge.export.flatbuffer.graph import Tensor
    from signs_edge.export.flatbuffer.inspection import Inspection


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .tflite file of any origin.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Operators, types, multiply-adds, memory and sealed contents of a .tflite file.

    A file that calls itself int8, by its name or by its inputs and outputs, and computes in float after all or has
    weights that are not quantized per channel, is printed and then refused with exit code 1.
    """
    from signs_edge.edge.bundle.describe import describe_bundle
    from signs_edge.edge.bundle.model_file import ModelFile
    from signs_edge.export.flatbuffer.inspection import inspect_model, require_full_integer

    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelError(f"model {file} cannot be read ({error.strerror}): give a .tflite file") from None
    try:
        found = inspect_model(content)
    except ModelError as error:
        raise ModelError(f"{file}: {error}") from None
    if as_json:
        print(json.dumps({"model": file.name, **found.to_json()}))
    else:
        show(file.name, found)
        try:
            print("\n".join(describe_bundle(ModelFile.parse(content, str(file), trust=True))))
        except ModelError as error:
            print(f"sealed contents cannot be read: {error}")
    if found.calls_itself_int8 or "int8" in file.stem.lower():
        require_full_integer(content, file.name)


def show(name: str, found: Inspection) -> None:
    """The inspection as text, a line an operator."""
    appended = f" and {found.size - found.flatbuffer:,} appended" if found.size > found.flatbuffer else ""
    print(f"{name}: {found.kind}, {found.flatbuffer:,} bytes of model{appended}")
    print(f"sha256 of the model part: {found.sha256}")
    for word, tensors in (("input", found.inputs), ("output", found.outputs)):
        for tensor in tensors:
            print(f"{word:<7} {_describe(tensor)}  {tensor.name}")
    print(f"{found.parameters:,} parameters, {found.multiply_adds:,} multiply-adds a picture")
    print(f"memory arena {found.arena:,} bytes (greedy plan; the runtime's kernels may take more)")
    print(f"{len(found.ops)} operators: " + ", ".join(f"{count} {op}" for op, count in found.counts.items()))
    width = max((len(op.name) for op in found.ops), default=0)
    for number, op in enumerate(found.ops):
        result = ", ".join(_shape(tensor) for tensor in op.outputs)
        weights = {True: "weights per channel", False: "weights per tensor", None: ""}[op.per_channel]
        work = f"{op.multiply_adds:>12,}" if op.multiply_adds else " " * 12
        print(f"{number:>4} {op.name:<{width}} {work}  {result:<24} {weights}".rstrip())
    if found.full_integer:
        print("full integer: every operator computes in integers, every convolution's weights are per channel")
    for line in found.refusals:
        print(f"not full integer: {line}")


def _shape(tensor: Tensor) -> str:
    return f"{'×'.join(map(str, tensor.shape)) or 'scalar'} {tensor.dtype}"


def _describe(tensor: Tensor) -> str:
    if not tensor.scales:
        return _shape(tensor)
    return f"{_shape(tensor)}, scale {tensor.scales[0]:.6g}, zero point {(*tensor.zero_points, 0)[0]}"
