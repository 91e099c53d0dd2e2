"""Parts of killed writers are taken away; those of writers at work, and other files, are not."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from napari_mespot.io.atomic import atomic_write
from napari_mespot.model.part_files import part_path, sweep_parts

WRITER = """
import sys, time
from pathlib import Path
from napari_mespot.model.part_files import part_path
part = part_path(Path(sys.argv[1]))
part.write_text("half")
print(part, flush=True)
time.sleep(60)
"""


@pytest.fixture
def writer(tmp_path):
    command = [sys.executable, "-c", WRITER, str(tmp_path / "clip.csv")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.part = Path(process.stdout.readline().strip())
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be asked after there")
def test_a_part_goes_once_its_writer_is_gone(writer, tmp_path):
    sweep_parts(tmp_path)
    assert writer.part.exists()
    writer.kill()
    writer.wait()
    sweep_parts(tmp_path)
    assert not writer.part.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be asked after there")
def test_the_next_file_written_there_takes_it_away(writer, tmp_path):
    writer.kill()
    writer.wait()
    with atomic_write(tmp_path / "other.csv") as file:
        file.write(b"whole")
    assert [entry.name for entry in tmp_path.iterdir()] == ["other.csv"]


def test_own_parts_stay(tmp_path):
    part = part_path(tmp_path / "clip.csv")
    part.touch()
    os.utime(part, (1, 1))
    sweep_parts(tmp_path)
    assert part.exists()


@pytest.mark.parametrize(
    "name",
    [
        "film.part",
        ".film.part",
        ".film.0123456789ab.part~",
        "film.0123456789ab.part",
        ".film.0123456789AB.part",
        ".film.download.part",
    ],
)
def test_files_of_others_stay_however_old(tmp_path, name):
    (tmp_path / name).touch()
    os.utime(tmp_path / name, (1, 1))
    sweep_parts(tmp_path)
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("name", [".a.0123456789ab.part", ".a.01234567-1-0123456789ab.part"])
def test_parts_of_unknown_writers_go_after_a_day(tmp_path, name):
    part = tmp_path / name
    part.touch()
    sweep_parts(tmp_path)
    assert part.exists()
    old = time.time() - 2 * 24 * 3600
    os.utime(part, (old, old))
    sweep_parts(tmp_path)
    assert not part.exists()


def test_a_folder_of_that_name_or_no_folder_at_all_is_no_harm(tmp_path):
    (tmp_path / ".a.0123456789ab.part").mkdir()
    os.utime(tmp_path / ".a.0123456789ab.part", (1, 1))
    sweep_parts(tmp_path)
    assert (tmp_path / ".a.0123456789ab.part").is_dir()
    sweep_parts(tmp_path / "absent")


@pytest.mark.parametrize("name", ["a", "x" * 240, "表情" * 40, "🙂" * 60])
def test_a_part_has_a_name_that_a_file_can_have(tmp_path, name):
    try:
        (tmp_path / name).touch()
    except OSError:
        pytest.skip("not even the file can have that name here")
    part = part_path(tmp_path / name)
    part.touch()
    assert part.parent == tmp_path
    assert part_path(tmp_path / name) != part
