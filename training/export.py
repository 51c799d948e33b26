"""Writes the network as an ONNX file in few bits: 4-bit blocks as published where it matters, else 8 bits.

Eight bits: weights with one scale for each output, activations with one scale for each run, found on the way
(`quantize_dynamic`). The weights use 7 of the 8 bits, because processors without VNNI add pairs of products in 16
bits and would overflow. Four bits: the blocks of the published file unchanged (`MatMulNBits`, activations with a
scale for each block), for the word table and for those matrices whose inputs have such outliers that one scale
does not do.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from training.e5_weights import BLOCK, Blocks, Weights

OPSET = 17
CONTRIB = "com.microsoft"
INT8_ACTIVATIONS = 4  # the accuracy level of MatMulNBits that multiplies in 8-bit integers
# Second feed-forward matrices of these layers, counted from 0: in 8 bits they cause two thirds of the whole error.
OUTLIER_LAYERS = (0, 4, 5)


@dataclass(frozen=True, slots=True)
class Interface:
    """What a network takes, each int64 (batch, length), and what it gives; `flat` outputs are (batch, …)."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    flat: tuple[str, ...]


ENCODER = Interface(("ids", "mask"), ("vectors",), ("vectors",))


def export(
    network: nn.Module, weights: Weights, kept: NDArray[np.int64], out: Path, interface: Interface = ENCODER
) -> None:
    """Write a network over the published trunk: what `interface` says in and out, float32.

    The word table and the matrices of OUTLIER_LAYERS must be the published ones.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, mixed = Path(folder, "plain.onnx"), Path(folder, "mixed.onnx")
        trace(network, plain, interface)
        model = onnx.load(plain)
        _use_blocks(model, weights, kept)
        onnx.save(model, mixed)
        quantize_dynamic(
            mixed,
            out,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul"],
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
        )


def trace(network: nn.Module, out: Path, interface: Interface) -> None:
    """Write a network as it is, in 32-bit floats."""
    ids = torch.arange(4, 24).reshape(2, 10)
    axes = {0: "batch", 1: "length"}
    torch.onnx.export(
        network,
        (ids, *(torch.ones_like(ids) for _ in interface.inputs[1:])),
        str(out),
        opset_version=OPSET,
        dynamo=False,
        input_names=list(interface.inputs),
        output_names=list(interface.outputs),
        dynamic_axes=dict.fromkeys((*interface.inputs, *interface.outputs), axes)
        | {name: {0: "batch"} for name in interface.flat},
    )


def _use_blocks(model: ModelProto, weights: Weights, kept: NDArray[np.int64]) -> None:
    """Put the published 4-bit blocks in place of the word table and of the matrices with outliers."""
    graph = model.graph
    replaced = {f"layers.{n}.narrow.weight": weights.matrices[f"l{n}.fo.w"] for n in OUTLIER_LAYERS}
    words = weights.matrices["emb.word"].take(kept)
    for node in list(graph.node):
        if node.op_type == "MatMul" and node.input[1] in replaced:
            _block_product(graph, node, replaced[node.input[1]])
        elif node.op_type == "Gather" and node.input[0] == "words":
            _block_lookup(graph, node, words)
    for tensor in list(graph.initializer):
        if tensor.name in replaced or tensor.name == "words":
            graph.initializer.remove(tensor)
    model.opset_import.append(helper.make_opsetid(CONTRIB, 1))


def _packed(blocks: Blocks) -> NDArray[np.uint8]:
    """Two neighbouring weights in a byte, the first in the low nibble; (rows, columns / 2)."""
    pairs = blocks.codes.reshape(blocks.codes.shape[0], -1, 2)
    return (pairs[..., 0] | (pairs[..., 1] << 4)).astype(np.uint8)


def _block_product(graph: GraphProto, node: NodeProto, blocks: Blocks) -> None:
    rows, columns = blocks.codes.shape
    name = node.input[1]
    packed = _packed(blocks).reshape(rows, columns // BLOCK, BLOCK // 2)
    graph.initializer.append(numpy_helper.from_array(packed, name + ".blocks"))
    graph.initializer.append(numpy_helper.from_array(blocks.scales.reshape(-1), name + ".scales"))
    made = helper.make_node(
        "MatMulNBits",
        [node.input[0], name + ".blocks", name + ".scales"],
        list(node.output),
        name=node.name,
        domain=CONTRIB,
        K=columns,
        N=rows,
        bits=4,
        block_size=BLOCK,
        accuracy_level=INT8_ACTIVATIONS,
    )
    node.CopyFrom(made)


def _block_lookup(graph: GraphProto, node: NodeProto, blocks: Blocks) -> None:
    graph.initializer.append(numpy_helper.from_array(_packed(blocks), "words.blocks"))
    graph.initializer.append(numpy_helper.from_array(blocks.scales, "words.scales"))
    made = helper.make_node(
        "GatherBlockQuantized",
        ["words.blocks", node.input[1], "words.scales"],
        list(node.output),
        name=node.name,
        domain=CONTRIB,
        bits=4,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    node.CopyFrom(made)
