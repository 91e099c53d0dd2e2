"""The packet index is made once, kept on disk, and never trusted beyond its video."""

import os
import stat
import subprocess
import sys
import threading

import numpy as np
import pytest
from tests.reference.frames import X264_SHORT, Recipe, encode, number_of

from napari_mespot.frames import indexing, open_frames, video
from napari_mespot.frames.index_cache import cache_root, load_index, store_index
from napari_mespot.frames.indexing import build_index
from napari_mespot.frames.watched_file import file_identity


@pytest.fixture
def no_demultiplexing(monkeypatch):
    def refuse(path, *_):
        pytest.fail(f"{path} is indexed again")

    monkeypatch.setattr(video, "build_index", refuse)
    monkeypatch.setattr(indexing, "survey_packets", refuse)


def stored_files():
    return sorted(cache_root().rglob("*.npz"))


def same(one, two):
    return (
        np.array_equal(one.stamps, two.stamps)
        and np.array_equal(one.shown_at, two.shown_at)
        and all(np.array_equal(a, b) for a, b in zip(vars(one.keys), vars(two.keys), strict=True))
        and (one.height, one.width, one.spare_bits) == (two.height, two.width, two.spare_bits)
        and (one.clock, one.warnings, one.seek_by) == (two.clock, two.warnings, two.seek_by)
    )


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("by_stamp.mp4", "libx264", X264_SHORT, n_frames=60, rotation=90),
        Recipe("by_count.h264", "libx264", X264_SHORT, n_frames=60),
        Recipe("uneven.mkv", "libx264", rate=1000, n_frames=4, stamps=[0, 33, 900, 1000]),
    ],
    ids=lambda recipe: recipe.file,
)
def test_an_index_comes_back_as_it_was(films, recipe):
    path = encode(films, recipe)
    index = build_index(path)
    assert load_index(path, file_identity(path)) is None
    store_index(path, index)
    assert same(load_index(path, file_identity(path)), index)


def test_the_second_opening_does_not_demultiplex(short_gop, request):
    open_frames(short_gop).close()
    request.getfixturevalue("no_demultiplexing")
    with open_frames(short_gop) as source:
        assert number_of(source.read(123)) == 123
        assert number_of(next(source.iter_luma(321))) == 321


def test_a_changed_video_is_indexed_again(films, tmp_path):
    path = tmp_path / "clip.mp4"
    for n_frames in (40, 60):
        encode(tmp_path, Recipe("clip.mp4", "libx264", X264_SHORT, n_frames=n_frames))
        with open_frames(path) as source:
            assert source.n_frames == n_frames
    assert len(stored_files()) == 1
    os.utime(path, (1, 1))
    assert load_index(path, file_identity(path)) is None


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 half a zip"])
def test_a_spoilt_cache_file_is_made_anew(short_gop, content):
    open_frames(short_gop).close()
    (file,) = stored_files()
    whole = file.read_bytes()
    for spoilt in (content, whole[: len(whole) // 2]):
        file.write_bytes(spoilt)
        with open_frames(short_gop) as source:
            assert source.n_frames == 400
        assert load_index(short_gop, file_identity(short_gop)) is not None


def test_a_cache_that_cannot_be_written_is_done_without(short_gop, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("MESPOT_CACHE_DIR", str(blocked))
    with open_frames(short_gop) as source:
        assert number_of(source.read(5)) == 5


def test_writers_at_the_same_time_leave_one_whole_file(short_gop):
    index = build_index(short_gop)
    failures = []

    def write():
        for _ in range(20):
            store_index(short_gop, index)
            if load_index(short_gop, file_identity(short_gop)) is None:
                failures.append("torn")

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert len(stored_files()) == 1
    assert list(cache_root().rglob("*.part")) == []


def test_no_flipped_byte_makes_a_wrong_index(short_gop):
    open_frames(short_gop).close()
    (file,) = stored_files()
    whole = file.read_bytes()
    made_from = file_identity(short_gop)
    for place in range(0, len(whole), max(1, len(whole) // 400)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 8
        file.write_bytes(spoilt)
        assert load_index(short_gop, made_from) is None
    with open_frames(short_gop) as source:
        assert source.n_frames == 400
    assert load_index(short_gop, made_from) is not None


@pytest.mark.skipif(os.name != "posix", reason="needs permissions of files")
def test_only_the_user_can_look_at_indexes(short_gop):
    open_frames(short_gop).close()
    (file,) = stored_files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="needs another user")
def test_a_user_without_a_home_has_a_cache_of_its_own(short_gop):
    script = (
        "import os, sys\nfrom napari_mespot.frames import cache_root\n"
        "os.setuid(54321); os.environ.pop('HOME', None); os.environ.pop('MESPOT_CACHE_DIR', None)\n"
        "print(cache_root())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "54321" in done.stdout
