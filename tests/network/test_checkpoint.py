"""Checkpoints: what is written comes back, and what does not fit is refused in one line."""

import io
import json
import pickle
import subprocess
import sys

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save_file
from tests.reference.network import lively_checkpoint, lively_network

from napari_mespot.clips import ClipParams
from napari_mespot.errors import CheckpointError, OutputError
from napari_mespot.face import AlignParams, ContrastParams
from napari_mespot.network import (
    Checkpoint,
    NetworkParams,
    TwoStream3DCNN,
    choose_device,
    list_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from napari_mespot.network.metadata import FORMAT_VERSION, METADATA_KEY
from napari_mespot.spotting.params import SmoothingParams, SpottingParams


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mine.safetensors"


@pytest.fixture
def saved(path):
    save_checkpoint(lively_checkpoint(), path)
    return path


def metadata_of(path):
    size = int.from_bytes(path.read_bytes()[:8], "little")
    return json.loads(path.read_bytes()[8 : 8 + size])["__metadata__"]


def rewrite(path, *, document=None, tensors=None):
    """Write the file again with a part of its document or its tensors changed."""
    content = json.loads(metadata_of(path)[METADATA_KEY])
    content.update(document or {})
    weights = load(path.read_bytes())
    weights.update(tensors or {})
    weights = {name: value for name, value in weights.items() if value is not None}
    save_file(weights, path, metadata={METADATA_KEY: json.dumps(content)})


def refusal(path):
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_everything_comes_back(path):
    checkpoint = Checkpoint(
        lively_network(4, NetworkParams(channels=(8, 12, 16), dropout=0.3)),
        "mine",
        align=AlignParams(check_interval_s=0.5),
        contrast=ContrastParams(sigma_px=2.5),
        clips=ClipParams(skip_me_s=0.1, reference="future"),
        spotting=SpottingParams(smoothing=SmoothingParams(cutoff_me_hz=7)),
        temperature=(1.5, 0.7),
        card={"training_data": "drawn faces", "figures": {"auc": [0.9, 0.8]}, "licence": None},
    )
    save_checkpoint(checkpoint, path)
    read = load_checkpoint(path)
    for name in ("name", "align", "contrast", "clips", "spotting", "temperature", "card"):
        assert getattr(read, name) == getattr(checkpoint, name)
    assert read.network_params == checkpoint.network_params
    assert not read.network.training
    clips = torch.randn(2, 2, 2, 32, 32)
    with torch.no_grad():
        assert torch.equal(read.network(clips), checkpoint.network(clips))


def test_the_path_may_be_text(saved):
    assert load_checkpoint(str(saved)).name == "lively-0"


def test_an_existing_file_is_replaced(saved):
    save_checkpoint(lively_checkpoint(1), saved)
    assert load_checkpoint(saved).name == "lively-1"
    assert [file.name for file in saved.parent.iterdir()] == [saved.name]


def test_only_safetensors_are_written(tmp_path):
    with pytest.raises(ValueError, match=r"\.safetensors"):
        save_checkpoint(lively_checkpoint(), tmp_path / "mine.pt")


def test_a_folder_that_is_not_there_is_an_output_error(tmp_path):
    with pytest.raises(OutputError):
        save_checkpoint(lively_checkpoint(), tmp_path / "none" / "mine.safetensors")


@pytest.mark.parametrize("temperature", [(0.0, 1.0), (1.0, float("nan")), (1.0, float("inf"))])
def test_a_temperature_must_be_positive(temperature):
    with pytest.raises(ValueError, match="temperatures > 0"):
        lively_checkpoint(temperature=temperature)


def test_every_shipped_checkpoint_loads():
    for name in list_checkpoints():
        assert load_checkpoint(name).name == name


def test_an_unknown_name_is_answered_with_what_there_is():
    text = refusal("syntetic-v0")
    assert "syntetic-v0" in text
    assert all(name in text for name in list_checkpoints())


def test_a_missing_file_and_a_folder(tmp_path):
    assert "No checkpoint" in refusal(tmp_path / "none.safetensors")
    assert "folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    "name", ["weights.pt", "weights.pth", "weights.ckpt", "weights.safetensors"]
)
@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_is_refused_whatever_its_name(tmp_path, name, legacy):
    buffer = io.BytesIO()
    torch.save({"w": torch.zeros(3)}, buffer, _use_new_zipfile_serialization=not legacy)
    (tmp_path / name).write_bytes(buffer.getvalue())
    text = refusal(tmp_path / name)
    assert "never loaded, because it can run code" in text


class _Bomb:
    fired = False

    def __reduce__(self):
        return (setattr, (_Bomb, "fired", True))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_not_run(tmp_path, protocol):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(pickle.dumps(_Bomb(), protocol=protocol))
    refusal(path)
    assert not _Bomb.fired


@pytest.mark.parametrize("content", [b"", b"{}", b"text, not weights\n" * 50, b"\xff" * 64])
def test_what_is_not_safetensors_is_refused(path, content):
    path.write_bytes(content)
    assert "not a safetensors file" in refusal(path)


def test_a_file_cut_short_is_refused(saved):
    saved.write_bytes(saved.read_bytes()[:-100])
    assert "cut short" in refusal(saved)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_weights_of_another_program_are_refused(path, metadata):
    save_file({"w": torch.zeros(3)}, path, metadata=metadata)
    assert "another program" in refusal(path)


@pytest.mark.parametrize("text", ["", "[]", "not json", '{"format_version": "x"}', "{}", "1"])
def test_a_document_that_is_none_is_refused(path, text):
    save_file({"w": torch.zeros(3)}, path, metadata={METADATA_KEY: text})
    assert "metadata cannot be read" in refusal(path)


def test_a_newer_format_asks_for_an_update(saved):
    rewrite(saved, document={"format_version": FORMAT_VERSION + 1})
    assert "update napari-mespot" in refusal(saved)


@pytest.mark.parametrize(
    "document",
    [
        {"surprise": 1},
        {"temperature": [1.0]},
        {"temperature": [0.0, 1.0]},
        {"clips": {"skip_me_s": -1}},
        {"network": {"channels": [24, 48]}},
        {"network": {"channels": [0, 0, 0]}},
        {"network": {"channels": [10**7, 10**7, 10**7]}},
    ],
)
def test_a_document_that_does_not_fit_is_refused(saved, document):
    rewrite(saved, document=document)
    assert "damaged or was altered" in refusal(saved)


@pytest.mark.parametrize(
    ("tensors", "text"),
    [
        ({"output.bias": None}, "missing, the first is output.bias"),
        ({"extra": torch.zeros(1)}, "unknown weights, the first is extra"),
        ({"output.bias": torch.zeros(3)}, r"output.bias expected shape (2,), got (3,)"),
        ({"output.bias": torch.tensor([0.0, float("nan")])}, "NaN"),
        ({"stem.norm.running_var": -torch.ones(24)}, "negative"),
        ({"output.bias": torch.zeros(2, dtype=torch.int64)}, "float32"),
    ],
)
def test_weights_that_do_not_fit_are_refused(saved, tensors, text):
    rewrite(saved, tensors=tensors)
    assert text in refusal(saved)


@given(position=st.floats(0, 1), byte=st.integers(0, 255))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_flipped_byte_is_refused_or_harmless(saved, position, byte):
    content = bytearray(saved.read_bytes())
    # Half of the draws into the header, where the damage does most.
    size = len(content) if position < 0.5 else 8 + int.from_bytes(content[:8], "little")
    content[int(2 * position % 1 * (size - 1))] = byte
    damaged = saved.with_name("damaged.safetensors")
    damaged.write_bytes(content)
    try:
        checkpoint = load_checkpoint(damaged)
    except CheckpointError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert isinstance(checkpoint.network, TwoStream3DCNN)


def test_the_room_is_light_until_a_name_is_used():
    code = (
        "import sys, napari_mespot.network, napari_mespot.spotting;"
        "assert not {'torch', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_devices():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in {"cpu", "cuda", "mps"}
    with pytest.raises(CheckpointError, match="expected one of auto, cpu, cuda, mps"):
        choose_device("toaster")
    with pytest.raises(CheckpointError, match="not available"):
        choose_device("cuda:99")


def test_every_listed_device_can_be_chosen():
    from napari_mespot.network.devices import list_devices

    names = list_devices()
    assert names[-1] == "cpu"
    assert [str(choose_device(name)) for name in names] == list(names)


def test_a_network_that_takes_another_number_of_images_than_the_clips_is_refused():
    with pytest.raises(ValueError, match="3 images per stream"):
        Checkpoint(lively_network(), "odd", clips=ClipParams(reference="both"))
