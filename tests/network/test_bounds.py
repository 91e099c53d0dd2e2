"""Parameters that no checkpoint of ours has are refused before they are computed with."""

import json
import shutil
import struct

import pytest

from napari_mespot.errors import CheckpointError
from napari_mespot.network import load_checkpoint
from napari_mespot.network.lineage import find_checkpoints
from napari_mespot.network.metadata import METADATA_KEY, locate

INF = float("inf")


@pytest.fixture(scope="module")
def parts():
    whole = locate("synthetic-v3").read_bytes()
    (length,) = struct.unpack("<Q", whole[:8])
    return json.loads(whole[8 : 8 + length]), whole[8 + length :]


def write(path, parts, document):
    head, body = parts
    text = document if isinstance(document, str) else json.dumps(document)
    data = json.dumps({**head, "__metadata__": {METADATA_KEY: text}}).encode()
    data += b" " * (-len(data) % 8)
    path.write_bytes(struct.pack("<Q", len(data)) + data + body)
    return path


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("contrast", "sigma_px"), 1e6),
        (("contrast", "truncate"), INF),
        (("align", "check_interval_s"), INF),
        (("align", "max_deviation_px"), 1e9),
        (("clips", "skip_mae_s"), INF),
        (("spotting", "smoothing", "cutoff_me_hz"), INF),
        (("spotting", "detection", "mae", "max_duration_s"), INF),
        (("spotting", "detection", "me", "onset_shift_s"), float("nan")),
        (("temperature",), [0.0, INF]),
        (("format_version",), INF),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_altered_parameters_are_refused(tmp_path, parts, place, value):
    document = json.loads(parts[0]["__metadata__"][METADATA_KEY])
    inner = document
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(write(tmp_path / "e.safetensors", parts, document))


def test_deep_metadata_are_refused(tmp_path, parts):
    path = write(tmp_path / "e.safetensors", parts, "[" * 100_000)
    with pytest.raises(CheckpointError, match="damaged"):
        load_checkpoint(path)


def test_a_checkpoint_of_other_numbers_does_not_hide_the_others(tmp_path, parts):
    import torch
    from safetensors.torch import load_file, save_file

    source = locate("synthetic-v3")
    shutil.copy(source, tmp_path / "good.safetensors")
    halved = {
        name: value.to(torch.bfloat16) if value.is_floating_point() else value
        for name, value in load_file(source).items()
    }
    save_file(halved, tmp_path / "half.safetensors", metadata=parts[0]["__metadata__"])
    found = [item.path.name for item in find_checkpoints(tmp_path) if not item.is_shipped]
    assert found == ["good.safetensors"]
