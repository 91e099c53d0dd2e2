"""From videos to a checkpoint file, or to none."""

from dataclasses import replace

import pytest
from tests.fixtures.still_face import write_still_face
from tests.learning.test_adapt import QUICK, hard_of_hearing

from napari_mespot.batch.adapting import adapt_files
from napari_mespot.errors import CheckpointError, FrameReadError, OutputError
from napari_mespot.learning import adapt as module
from napari_mespot.network import load_checkpoint, save_checkpoint
from napari_mespot.progress import Cancelled


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return write_still_face(tmp_path_factory.mktemp("still") / "sitter.mp4")


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "old.safetensors"
    save_checkpoint(hard_of_hearing(), path)
    return path


def test_nothing_is_written_unless_it_is_better(video, old, tmp_path):
    stages = []
    out = tmp_path / "new.safetensors"
    outcome = adapt_files([video], str(old), QUICK, out, lambda p: stages.append(p.stage))
    assert not outcome.is_better
    assert list(tmp_path.iterdir()) == []
    assert {"loading the network", "training"} <= set(stages)


def test_a_better_one_is_written_with_its_card(video, old, tmp_path, monkeypatch):
    judge = module.compared

    def kind(*arguments):
        return replace(judge(*arguments), is_better=True, why="use the new checkpoint: it is")

    monkeypatch.setattr(module, "compared", kind)
    out = tmp_path / "new.safetensors"
    assert adapt_files([video], str(old), QUICK, out).is_better
    written = load_checkpoint(out)
    assert written.name == "new"
    assert written.card["adapted"]["videos"] == ["sitter.mp4"]
    assert written.card["adapted"]["notes"][0] == "use the new checkpoint: it is"


def test_what_is_there_is_left_alone(video, old, tmp_path):
    out = tmp_path / "new.safetensors"
    out.write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists already"):
        adapt_files([video], str(old), QUICK, out)
    assert out.read_bytes() == b"mine"


def test_no_video_and_a_checkpoint_that_cannot_learn_are_refused(video, tmp_path):
    out = tmp_path / "new.safetensors"
    with pytest.raises(FrameReadError, match="got none"):
        adapt_files([], None, QUICK, out)
    with pytest.raises(CheckpointError, match="context network"):
        adapt_files([video], "synthetic-v3", QUICK, out)


def test_a_run_that_is_cancelled_writes_nothing(video, old, tmp_path):
    def stop(progress):
        if progress.stage == "training":
            raise Cancelled

    with pytest.raises(Cancelled):
        adapt_files([video], str(old), QUICK, tmp_path / "new.safetensors", stop)
    assert list(tmp_path.iterdir()) == []
