"""Trained student -> generator folder: ONNX with 8-bit weights, tokenizer, header, tag vectors."""

import json
import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from tagrouter.network import GENERATOR_FORMAT_VERSION, Network
from tagrouter.tags.training.student import Student

if TYPE_CHECKING:
    import onnx
    from tokenizers import Tokenizer

WEIGHT_FLOOR = 0.01
_OPSET = 18
_WORDS = "word_table"
_SCALES = "word_scales"


class _Inference(nn.Module):
    """The student for one unpadded query: ids in, probabilities and unit vector out."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        encoder = student.encoder
        words = encoder.embeddings.word_embeddings.weight.detach()
        table = torch.cat([words, student.new_embeddings.detach()])
        # One scale per row keeps rare words as exact as frequent ones.
        scales = table.abs().amax(dim=1, keepdim=True).clamp_min(1e-8) / 127.0
        self.register_buffer(_WORDS, torch.round(table / scales).to(torch.int8))
        self.register_buffer(_SCALES, scales)
        self.positions = encoder.embeddings.position_embeddings
        segment = encoder.embeddings.token_type_embeddings.weight[0].detach().clone()
        self.register_buffer("segment", segment)
        self.norm = encoder.embeddings.LayerNorm
        self.layers = encoder.encoder.layer
        self.head = student.head

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Run one query of shape (1, n_tokens)."""
        tokens = self.get_buffer(_WORDS)[ids].float() * self.get_buffer(_SCALES)[ids]
        places = torch.arange(ids.shape[1])
        hidden = self.norm(tokens + self.positions(places) + self.get_buffer("segment"))
        for layer in self.layers:
            hidden = _layer(layer, hidden)
        vector = nn.functional.normalize(hidden.mean(dim=1), dim=-1)
        return torch.sigmoid(self.head(vector)), vector


def _layer(layer: Any, hidden: Tensor) -> Tensor:  # noqa: ANN401 - a transformers BertLayer
    """Spell one BERT layer out, without the masks and caches that one full query never needs."""
    attention = layer.attention.self
    heads, width = attention.num_attention_heads, attention.attention_head_size

    def split(states: Tensor) -> Tensor:
        return states.view(1, -1, heads, width).transpose(1, 2)

    query = split(attention.query(hidden))
    key = split(attention.key(hidden))
    value = split(attention.value(hidden))
    weights = torch.softmax(query @ key.transpose(-1, -2) / width**0.5, dim=-1)
    mixed = (weights @ value).transpose(1, 2).reshape(1, -1, heads * width)
    output = layer.attention.output
    hidden = output.LayerNorm(output.dense(mixed) + hidden)
    inner = nn.functional.gelu(layer.intermediate.dense(hidden))
    states: Tensor = layer.output.LayerNorm(layer.output.dense(inner) + hidden)
    return states


def export_network(student: Student, tokenizer: "Tokenizer", folder: Path) -> None:
    """Write ``model.onnx`` and ``tokenizer.json``.

    Args:
        student: A trained student.
        tokenizer: Its tokenizer.
        folder: An existing folder.
    """
    student.eval()
    graph = _quantize(_trace(_Inference(student).eval()))
    (folder / "model.onnx").write_bytes(graph.SerializeToString(deterministic=True))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    _write_json(folder / "tokenizer.json", json.loads(tokenizer.to_str()), indent=None)


def write_header(
    folder: Path,
    *,
    version: str,
    tags: tuple[str, ...],
    threshold: float,
    max_tokens: int,
    unknown_token_id: int,
    provenance: Mapping[str, Any],
) -> None:
    """Write ``generator.json``.

    Args:
        folder: An existing folder.
        version: Goes into profiles fitted on its tags.
        tags: Names of the network's outputs.
        threshold: Probability from which a tag is reported.
        max_tokens: Longest input at run time.
        unknown_token_id: What the tokenizer gives for characters it does not know.
        provenance: What the network was trained from and how.
    """
    header = {
        "format_version": GENERATOR_FORMAT_VERSION,
        "name": "embedded",
        "version": version,
        "tags": list(tags),
        "threshold": threshold,
        "weight_floor": WEIGHT_FLOOR,
        "max_tokens": max_tokens,
        "unknown_token_id": unknown_token_id,
        "provenance": dict(provenance),
    }
    _write_json(folder / "generator.json", header, indent=1)


def write_tag_vectors(folder: Path) -> None:
    """Write ``tag_vectors.safetensors``: what the finished network makes of the tags' names.

    Args:
        folder: A folder with network, tokenizer and header.
    """
    from safetensors.numpy import save

    network = Network(folder)
    vectors = np.stack([network.run(tag)[1] for tag in network.header.tags]).astype(np.float16)
    (folder / "tag_vectors.safetensors").write_bytes(save({"tag_vectors": vectors}))


def _trace(module: nn.Module) -> "onnx.ModelProto":

    example = torch.full((1, 7), 5, dtype=torch.long)
    with warnings.catch_warnings(), torch.no_grad(), _quiet():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            (example,),
            input_names=["ids"],
            output_names=["probabilities", "vector"],
            dynamic_shapes=({1: torch.export.Dim("tokens", min=2, max=512)},),
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    for node in model.graph.node:
        # Traces of the exporting machine's source folders; they have no use at run time.
        del node.metadata_props[:]
        node.doc_string = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for value in (*model.graph.value_info, *model.graph.initializer):
        del value.metadata_props[:]
    return model


def _quantize(model: "onnx.ModelProto") -> "onnx.ModelProto":
    """Store matrices in 8 bits, one scale per column, and quantize activations at run time.

    Seven bits of the eight are used: processors without VNNI instructions would saturate at eight,
    and give other tags than those that have them.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as scratch, _quiet():
        path = Path(scratch) / "model.onnx"
        quantize_dynamic(
            model,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )
        return onnx.load_model(path)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what libraries write to the root logger about every single matrix."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _write_json(path: Path, value: object, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
