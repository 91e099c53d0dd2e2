"""A checkpoint with a context network: written, read, told apart, refused."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tests.reference.context import lively_context
from tests.reference.network import lively_checkpoint

from napari_mespot.errors import CheckpointError
from napari_mespot.face import AlignParams
from napari_mespot.network import load_checkpoint, read_document, save_checkpoint
from napari_mespot.network.lineage import checkpoint_digest, file_digest
from napari_mespot.network.metadata import METADATA_KEY


def whole(**changes):
    return lively_checkpoint(
        1, align=AlignParams(shape_hz=30), context=lively_context(3), **changes
    )


def test_it_comes_back_as_it_was(tmp_path):
    checkpoint, path = whole(), tmp_path / "c.safetensors"
    save_checkpoint(checkpoint, path)
    again = load_checkpoint(path)
    assert again.context is not None
    assert again.context.params == checkpoint.context.params
    for name, tensor in checkpoint.context.state_dict().items():
        assert torch.equal(tensor, again.context.state_dict()[name]), name
    assert checkpoint_digest(again) == checkpoint_digest(checkpoint) == file_digest(path)


def test_another_context_network_is_another_checkpoint():
    other = lively_checkpoint(1, align=AlignParams(shape_hz=30), context=lively_context(4))
    bare = lively_checkpoint(1, align=AlignParams(shape_hz=30))
    digests = {checkpoint_digest(c) for c in (whole(), other, bare)}
    assert len(digests) == 3


def test_a_file_without_one_keeps_the_first_format(tmp_path):
    path = tmp_path / "c.safetensors"
    save_checkpoint(lively_checkpoint(1), path)
    assert read_document(path).format_version == 1
    save_checkpoint(whole(), path)
    assert read_document(path).format_version == 2


def test_it_needs_the_shape_of_the_face():
    with pytest.raises(ValueError, match="shape_hz"):
        lively_checkpoint(1, context=lively_context(3))


def test_missing_weights_are_named(tmp_path):
    path = tmp_path / "c.safetensors"
    save_checkpoint(whole(), path)
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    del tensors["context.members.0.output.bias"]
    save_file(tensors, path, metadata)
    with pytest.raises(CheckpointError, match=r"missing, the first is members\.0\.output\.bias"):
        load_checkpoint(path)


def test_context_weights_without_its_sizes_are_refused(tmp_path):
    path = tmp_path / "c.safetensors"
    save_checkpoint(whole(), path)
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        document = json.loads(file.metadata()[METADATA_KEY])
    del document["context"]
    save_file(tensors, path, {METADATA_KEY: json.dumps(document)})
    with pytest.raises(CheckpointError, match=r"unknown weights, the first is context\."):
        load_checkpoint(path)


def test_bias_goes_to_the_network_that_decides():
    checkpoint = whole()
    streams = checkpoint.network.output.bias.clone()
    before = checkpoint.context.members[0].output.bias.clone()
    checkpoint.add_bias(1.0, -2.0)
    assert torch.equal(checkpoint.network.output.bias, streams)
    assert torch.allclose(
        checkpoint.context.members[0].output.bias, before + torch.tensor([1.0, -2.0])
    )
