"""Disks that fail for a moment, and files that change while they are read: never a result."""

import errno
import os
import shutil
import sys
from io import FileIO

import cv2
import numpy as np
import pytest
from tests.reference.frames import X264_SHORT, Recipe, draw, encode, number_of

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.frames import cache_root, open_frames, watched_file

FILMS = [
    Recipe("film.mp4", "libx264", X264_SHORT, n_frames=60, mux={"movflags": "faststart"}),
    Recipe("film.mkv", "libx264", X264_SHORT, n_frames=60),
    Recipe("film.avi", "mpeg4", n_frames=60, b_frames=2),
    Recipe("film.ts", "libx264", X264_SHORT, n_frames=60),
]


class Disk:
    """A disk on which the `fails_at`-th read from now on fails, once; counts from 1."""

    def __init__(self):
        self.reads = 0
        self.fails_at = 0
        self.before_read = lambda: None

    def opened(self, path):
        disk = self

        class File(FileIO):
            def read(self, size=-1):
                disk.reads += 1
                disk.before_read()
                if disk.reads == disk.fails_at:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                return super().read(size)

        with open(path, "rb"):
            return File(path)


@pytest.fixture
def disk(monkeypatch):
    disk = Disk()
    monkeypatch.setattr(watched_file, "_opened", disk.opened)
    return disk


@pytest.fixture(params=FILMS, ids=lambda recipe: recipe.file)
def film(request, films, tmp_path):
    path = tmp_path / request.param.file
    shutil.copy2(encode(films, request.param), path)
    return path


def numbers(path):
    with open_frames(path) as source:
        return [None if image is None else number_of(image) for image in source.iter_luma()]


def kept():
    return [entry for entry in cache_root().rglob("*") if entry.is_file()]


def test_a_read_that_fails_once_is_told_and_leaves_nothing(film, disk):
    right = numbers(film)
    assert right == list(range(60))
    n_reads = disk.reads
    shutil.rmtree(cache_root())
    for fails_at in range(1, n_reads + 1):
        disk.reads, disk.fails_at = 0, fails_at
        with pytest.raises(FileReadError, match="disk or network") as caught:
            numbers(film)
        assert "\n" not in str(caught.value)
        disk.fails_at = 0
        assert numbers(film) == right
        shutil.rmtree(cache_root())


def test_a_frame_that_could_not_be_read_is_read_at_the_next_try(film, disk):
    with open_frames(film) as source:
        disk.reads, disk.fails_at = 0, 1
        with pytest.raises(FileReadError):
            source.read(40)
        assert number_of(source.read(40)) == 40


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def grow(path):
    with path.open("ab") as file:
        file.write(bytes(5000))


def overwrite(path):
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(bytes(5000))
    os.utime(path, (1, 1))


def replace_by_another(path):
    """Size and time stay, as when a synchronised folder takes another version."""
    state = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes()[::-1])
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(path)


CHANGES = [cut, grow, overwrite, replace_by_another, os.remove]


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be changed there")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_file_that_changes_while_it_is_read_is_told(film, change):
    with open_frames(film) as source:
        images = source.iter_luma()
        next(images)
        change(film)
        with pytest.raises(FileReadError, match="changed while it was read"):
            list(images)


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open cannot be changed there")
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_file_that_changed_is_told_when_it_is_opened_again(film, change):
    with open_frames(film) as source:
        change(film)
        with pytest.raises(FrameReadError):
            source.read(30)
        with pytest.raises(FrameReadError):
            next(source.iter_luma())


def test_a_file_that_grows_while_it_is_indexed_is_not_kept(film, disk):
    disk.before_read = lambda: grow(film) if disk.reads == 3 else None
    with pytest.raises(FileReadError, match="changed while it was read"):
        open_frames(film)
    assert kept() == []


def test_images_that_change_while_they_are_read_are_told(tmp_path):
    for number in range(6):
        cv2.imwrite(str(tmp_path / f"f{number}.png"), draw(number))
    with open_frames(tmp_path, fps=30) as source:
        assert len(list(source.iter_luma())) == 6
        images = source.iter_luma()
        next(images)
        cv2.imwrite(str(tmp_path / "f6.png"), draw(6))
        with pytest.raises(FileReadError, match="changed while it was read"):
            list(images)
        (tmp_path / "f6.png").unlink()
        (tmp_path / "f3.png").unlink()
        with pytest.raises(FileReadError, match="changed while it was read"):
            list(source.iter_luma())


def test_an_image_that_the_disk_does_not_give_is_not_called_damaged(tmp_path, monkeypatch):
    for number in range(4):
        cv2.imwrite(str(tmp_path / f"f{number}.png"), draw(number))
    with open_frames(tmp_path, fps=30) as source:
        (tmp_path / "f2.png").unlink()
        (tmp_path / "f2.png").mkdir()  # any error of the system will do
        with pytest.raises(FileReadError):
            list(source.iter_luma())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(FrameReadError, match="pipe or device"):
        open_frames(tmp_path / "pipe.mp4")


def test_a_list_of_videos_is_no_video(film, tmp_path):
    playlist = tmp_path / "list.ffconcat"
    playlist.write_text(f"ffconcat version 1.0\nfile {film.name}\n")
    with pytest.raises(FrameReadError, match="not in a format"):
        open_frames(playlist)


@pytest.mark.parametrize("name", ["a:b.mp4", "f%03d.mp4", "pipe:0", "concat:x.mp4", "x?y#z.mp4"])
def test_a_name_means_a_file_and_nothing_else(films, tmp_path, name):
    path = tmp_path / name
    try:
        shutil.copy2(encode(films, FILMS[0]), path)
    except OSError:
        pytest.skip("this system has no such names")
    assert numbers(path) == list(range(60))
    assert np.array_equal(numbers(path), range(60))
