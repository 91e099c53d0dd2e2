"""``mespot adapt``: a checkpoint only if it is better, and one line that says so."""

import json

import pytest
from tests.fixtures.face_clip import write_face_video
from tests.fixtures.still_face import write_still_face
from tests.learning.test_adapt import QUICK, hard_of_hearing

from napari_mespot.network import save_checkpoint

SETTINGS = [
    word
    for key in ("rendition_s", "learned_renditions", "judged_renditions", "replay_videos")
    for word in ("--set", f"{key}={getattr(QUICK, key)}")
] + ["--set", "context.steps=2", "--set", "checked_drawn_videos=1"]


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    path = tmp_path_factory.mktemp("net") / "old.safetensors"
    save_checkpoint(hard_of_hearing(), path)
    return path


def test_keeping_the_old_one_is_no_failure(mespot, old, tmp_path):
    video = write_still_face(tmp_path / "sitter.mp4")
    arguments = [video, "--from", old, "--out", "new.safetensors", *SETTINGS]
    done = mespot("adapt", *arguments)
    assert done.returncode == 0, done.stderr
    assert "keep the old checkpoint: " in done.stdout
    assert done.stdout.splitlines()[-1] == "nothing was written"
    assert not (tmp_path / "new.safetensors").exists()


def test_a_face_that_never_rests_is_said_in_one_line(mespot, old, tmp_path):
    video = write_face_video(tmp_path / "short.mp4", 6)
    done = mespot("adapt", video, "--from", old, "--out", "new.safetensors", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["better"] is False
    assert said["out"] is None
    assert said["notes"][0].startswith("keep the old checkpoint: too little of the face at rest")
    assert not (tmp_path / "new.safetensors").exists()


@pytest.mark.parametrize(
    ("extra", "code", "text"),
    [
        (["--out", "there.safetensors"], 1, "exists already"),
        (["--out", "new.pt"], 1, "ends in .safetensors"),
        (["--out", "new.safetensors", "--set", "stillness=3"], 2, "stillness"),
    ],
)
def test_what_does_not_fit_is_one_line(mespot, face_video, tmp_path, extra, code, text):
    (tmp_path / "there.safetensors").write_bytes(b"")
    done = mespot("adapt", face_video, *extra)
    assert done.returncode == code
    assert text in done.stderr
    assert "Traceback" not in done.stderr
