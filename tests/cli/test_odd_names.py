"""Names of files that are no text: nothing ends with a traceback, and nothing is confused."""

import os
import subprocess
import sys

import pytest
from tests.reference.frames import Recipe, encode

from napari_mespot.cli import main

LATIN = b"M\xfcller.mp4"
OTHER = b"M\xe4ller.mp4"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MESPOT_CACHE_DIR", str(tmp_path / "cache"))
    film = encode(tmp_path, Recipe("plain.mp4", "libx264", n_frames=10))
    longer = encode(tmp_path, Recipe("longer.mp4", "libx264", n_frames=20))
    videos = tmp_path / "videos"
    videos.mkdir()
    try:
        for source, name in ((film, LATIN), (longer, OTHER)):
            with open(os.path.join(os.fsencode(videos), name), "wb") as target:
                target.write(source.read_bytes())
    except OSError:
        pytest.skip("file names are text on this system")
    (videos / "Müller.mp4").write_bytes(film.read_bytes())
    return videos


def told(folder, name, **environment):
    path = os.path.join(os.fsencode(folder), name)
    done = subprocess.run(
        [sys.executable, "-m", "napari_mespot", "info", path],
        capture_output=True,
        env={**os.environ, **environment},
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "utf-8:strict"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["strict", "C"],
)
def test_each_file_is_itself(folder, environment):
    for _ in range(2):  # the second time from the index that is kept
        assert b"frames: 10" in told(folder, LATIN, **environment)
        assert b"frames: 20" in told(folder, OTHER, **environment)
        assert b"frames: 10" in told(folder, "Müller.mp4".encode(), **environment)


def test_a_folder_of_images_may_have_such_names(folder, tmp_path):
    import cv2
    import numpy as np

    images = os.path.join(os.fsencode(tmp_path), b"b\xe4lder")
    os.mkdir(images)
    content = cv2.imencode(".png", np.zeros((64, 64), np.uint8))[1].tobytes()
    for number in range(3):
        with open(os.path.join(images, b"\xfc%d.png" % number), "wb") as file:
            file.write(content)
    assert b"frames: 3" in told(tmp_path, b"b\xe4lder")


def test_the_cache_is_cleared_of_what_can_be_made_again(folder, tmp_path, capsys):
    told(folder, LATIN)
    cache = tmp_path / "cache"
    assert list((cache / "index").iterdir())
    (cache / "index" / "notes.txt").write_text("mine")
    assert main(["doctor", "--clear-cache"]) == 0
    assert "removed from" in capsys.readouterr().out
    assert [entry.name for entry in (cache / "index").iterdir()] == ["notes.txt"]
