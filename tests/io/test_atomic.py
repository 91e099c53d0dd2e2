"""A file is written whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from napari_mespot.errors import OutputError
from napari_mespot.io import atomic_write


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_new_content_replaces_old(tmp_path):
    for data in (b"old", b"new"):
        with atomic_write(tmp_path / "a.txt") as file:
            file.write(data)
        assert content(tmp_path) == {"a.txt": data}


@pytest.mark.parametrize("error", [ValueError("mistake"), KeyboardInterrupt()])
def test_an_interrupted_write_changes_nothing(tmp_path, error):
    (tmp_path / "a.txt").write_bytes(b"old")

    def interrupted() -> None:
        with atomic_write(tmp_path / "a.txt") as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)):
        interrupted()
    assert content(tmp_path) == {"a.txt": b"old"}


def test_permissions_of_the_old_file_are_kept(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with atomic_write(path) as file:
        file.write(b"new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    with atomic_write(tmp_path / "a.txt") as file:
        file.write(b"new")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_bytes(b"old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real" / "a.txt")
    with atomic_write(tmp_path / "link.txt") as file:
        file.write(b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert content(tmp_path / "real") == {"a.txt": b"new"}


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The limit on file size stands for the disk: writing beyond it fails in the system."""
    (tmp_path / "a.txt").write_bytes(b"old")
    script = (
        "import resource, sys\n"
        "from napari_mespot.errors import OutputError\n"
        "from napari_mespot.io import atomic_write\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    with atomic_write(sys.argv[1]) as file:\n"
        "        file.write(bytes(5000))\n"
        "except OutputError as error:\n"
        "    print(error)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "expected to write this file" in done.stdout
    assert done.stdout.count("\n") == 1
    assert content(tmp_path) == {"a.txt": b"old"}


def test_a_folder_a_device_and_a_file_as_folder_are_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    for path in ("folder", "pipe", "file/a.txt", "none/a.txt", "n" * 300, "\0"):
        with pytest.raises(OutputError), atomic_write(tmp_path / path) as file:
            file.write(b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder", "pipe"]
