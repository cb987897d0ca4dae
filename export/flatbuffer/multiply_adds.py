"""How much a .tflite operator computes."""

from __future__ import annotations

from signs_edge.export.flatbuffer.graph import Graph, Op


def count_multiply_adds(op: Op, graph: Graph) -> int:
    """Multiplications with an addition of one call of an operator; 0 for those without weights.

    Of a convolution every output takes height × width × channels of the kernel (Sze et al., arXiv:1703.09039,
    section III); how it strides and pads is in the size of its output.
    """
    tensors = [graph.tensors[index] for index in op.inputs if index >= 0]
    if len(tensors) < 2 or not op.outputs or op.outputs[0] < 0:
        return 0
    outputs = graph.tensors[op.outputs[0]].elements
    shape = tensors[1].shape
    if op.name in ("CONV_2D", "FULLY_CONNECTED") and shape:  # (out, height, width, in) and (out, in)
        return outputs * (tensors[1].elements // shape[0])
    if op.name == "DEPTHWISE_CONV_2D" and len(shape) == 4:  # (1, height, width, out)
        return outputs * shape[1] * shape[2]
    if op.name == "CONV_3D" and len(shape) == 5:  # (depth, height, width, in, out)
        return outputs * (tensors[1].elements // shape[4])
    if op.name == "TRANSPOSE_CONV" and len(tensors) > 2 and len(shape) == 4:  # every input goes to a kernel's area
        return tensors[2].elements * (tensors[1].elements // shape[3])
    if op.name == "BATCH_MATMUL" and tensors[0].shape:
        return outputs * tensors[0].shape[-1]
    return 0
