import os
import stat
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.face.conftest import ArraySource

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.face import AlignParams, FaceCache, FaceSequence, extract_faces, stream_faces
from napari_mespot.face import cache as cache_module

ROOT = Path(__file__).parents[2]

# A process of its own that aligns a slow video into the cache.
WRITER = """
import sys, time
from napari_mespot.face import AlignParams, FaceCache, stream_faces
from tests.face.conftest import ArraySource, astronaut_face

class Slow(ArraySource):
    def iter_luma(self, start=0, stop=None):
        for frame in self.frames:
            time.sleep(float(sys.argv[2]))
            yield frame

source = Slow([astronaut_face()] * 40)
stream = stream_faces(source, AlignParams(), chunk_frames=4, cache=FaceCache(sys.argv[1]))
for chunk in stream:
    print(chunk.first_frame, flush=True)
print(stream.warnings)
"""


def start_writer(cache, pause=0.0):
    command = [sys.executable, "-c", WRITER, str(cache), str(pause)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def source(portrait):
    return ArraySource([portrait] * 40)


@pytest.fixture
def cache(tmp_path):
    return FaceCache(tmp_path)


def same(first, second):
    return (
        np.array_equal(np.asarray(first.images), np.asarray(second.images))
        and np.array_equal(first.found, second.found)
        and np.array_equal(first.confidence, second.confidence)
        and np.array_equal(first.transforms, second.transforms)
    )


def test_the_second_run_reads_no_frame_and_gives_the_same(source, cache):
    plain = extract_faces(source)
    first = extract_faces(source, cache=cache)
    source.read.clear()
    second = extract_faces(source, cache=cache)
    assert source.read == []
    assert same(plain, first)
    assert same(first, second)
    stream = stream_faces(source, AlignParams(), chunk_frames=7, cache=cache)
    images = np.concatenate([chunk.images for chunk in stream])
    np.testing.assert_array_equal(images, plain.images)
    assert stream.summary.from_cache
    assert source.read == []


@pytest.mark.parametrize("change", ["params", "content", "rate", "length"])
def test_another_video_or_other_parameters_are_not_confused(source, cache, change):
    extract_faces(source, cache=cache)
    params = AlignParams()
    if change == "params":
        params = AlignParams(crop_px=64)
    elif change == "content":
        source.fingerprint = "another"
    elif change == "rate":
        source.frame_rate = Fraction(200)
    else:
        source.frames.append(source.frames[0])
    assert cache.load(source, params) is None


def test_a_killed_writer_leaves_nothing_wrong(source, cache, tmp_path):
    writer = start_writer(tmp_path, 0.02)
    for _ in range(3):
        writer.stdout.readline()
    writer.kill()
    writer.wait()
    writer.stdout.close()
    parts = list(cache.folder.glob("*.part"))
    assert len(parts) == 1
    assert cache.load(source, AlignParams()) is None
    assert same(extract_faces(source, cache=cache), extract_faces(source))
    # The next writer sweeps away what a dead one left; elsewhere it takes a day.
    if sys.platform != "win32":
        assert not parts[0].exists()
    remains = cache.folder / "somebody-elses.part"
    remains.touch()
    old = time.time() - 2 * 24 * 3600
    os.utime(remains, (old, old))
    source.fingerprint = "another"
    extract_faces(source, cache=cache)
    assert not remains.exists()


def test_two_writers_at_once(source, cache, tmp_path):
    writers = [start_writer(tmp_path, 0.005) for _ in range(2)]
    outputs = [writer.communicate(timeout=300)[0] for writer in writers]
    assert [output.splitlines()[-1] for output in outputs] == ["()", "()"]
    assert len(list(cache.folder.iterdir())) == 1
    stored = cache.load(source, AlignParams())
    assert same(stored, extract_faces(source))


def test_a_stream_that_is_not_read_to_the_end_is_not_kept(source, cache):
    with stream_faces(source, AlignParams(), chunk_frames=4, cache=cache) as stream:
        next(stream)
    assert list(cache.folder.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 30, 2000, 300_000])
def test_a_damaged_file_is_made_again(source, cache, cut):
    extract_faces(source, cache=cache)
    path = cache.path(source, AlignParams())
    path.write_bytes(path.read_bytes()[:-cut])
    assert cache.load(source, AlignParams()) is None
    assert isinstance(extract_faces(source, cache=cache), FaceSequence)
    assert cache.load(source, AlignParams()) is not None


@pytest.mark.parametrize("place", [0, 5, 22, 30_000, 300_000, 501_790, -2000, -200, -40, -20, -1])
def test_a_changed_byte_anywhere_is_noticed(source, cache, place):
    right = extract_faces(source, cache=cache)
    images = np.asarray(right.images)
    path = cache.path(source, AlignParams())
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert cache.load(source, AlignParams()) is None
    anew = extract_faces(source, cache=cache)
    np.testing.assert_array_equal(np.asarray(anew.images), images)


def test_a_file_under_the_name_of_another_video_is_not_taken(source, cache):
    extract_faces(source, cache=cache)
    first = cache.path(source, AlignParams())
    source.fingerprint = "another"
    first.rename(cache.path(source, AlignParams()))
    assert cache.load(source, AlignParams()) is None


@pytest.mark.skipif(os.name != "posix", reason="needs permissions of files")
def test_only_the_user_can_look_at_faces(source, tmp_path):
    (tmp_path / "faces").mkdir(mode=0o755)
    cache = FaceCache(tmp_path)
    extract_faces(source, cache=cache)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(cache.path(source, AlignParams()).stat().st_mode) == 0o600


def test_a_video_that_cannot_be_read_to_its_end_is_not_kept(source, cache):
    class Failing(ArraySource):
        def iter_luma(self, start=0, stop=None):
            yield from self.frames
            raise FileReadError("the disk went away")

    with pytest.raises(FileReadError):
        extract_faces(Failing(source.frames), cache=cache)
    assert list(cache.folder.iterdir()) == []


def test_big_files_are_told_of(source, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "_NOTABLE_BYTES", 1000)
    with stream_faces(source, AlignParams(), cache=FaceCache(tmp_path)) as stream:
        for _ in stream:
            pass
    assert any("GB in" in text and str(tmp_path) in text for text in stream.warnings)
    with stream_faces(source, AlignParams(), cache=FaceCache(tmp_path)) as stream:
        for _ in stream:
            pass
    assert stream.warnings == ()


def test_a_folder_that_cannot_be_written_only_warns(source, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    faces = extract_faces(source, cache=FaceCache(blocked))
    assert faces.n_frames == 40
    stream = stream_faces(source, AlignParams(), cache=FaceCache(blocked))
    assert sum(chunk.n_frames for chunk in stream) == 40
    (text,) = stream.warnings
    assert "not cached" in text
    assert "\n" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_only_warns(tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    result = subprocess.run(
        [sys.executable, "-c", limit + WRITER, str(tmp_path), "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = result.stdout.splitlines()
    assert len(lines) == 11
    assert "not cached" in lines[-1]
    assert list((tmp_path / "faces").iterdir()) == []


def test_the_oldest_files_go_when_there_is_no_room(source, tmp_path):
    size = 40 * 112 * 112
    cache = FaceCache(tmp_path, max_bytes=int(2.5 * size))
    paths = []
    for i, name in enumerate("abcd"):
        source.fingerprint = name
        extract_faces(source, cache=cache)
        paths.append(cache.path(source, AlignParams()))
        os.utime(paths[-1], (time.time() - 100 + i,) * 2)
    assert [path.exists() for path in paths] == [False, False, True, True]


def test_crops_in_a_file_are_sliced_like_an_array(source, cache):
    extract_faces(source, cache=cache)
    stored = cache.load(source, AlignParams()).images
    array = np.asarray(stored)
    assert stored.shape == array.shape == (40, 112, 112)
    for index in (0, -1, slice(3, 9), slice(None, None, 7), slice(5, 2), slice(38, 99)):
        np.testing.assert_array_equal(stored[index], array[index])
    with pytest.raises(IndexError):
        stored[40]


def test_a_cache_file_that_vanishes_is_a_clear_error(source, cache):
    faces = extract_faces(source, cache=cache)
    cache.path(source, AlignParams()).unlink()
    with pytest.raises(FrameReadError, match="run again"):
        list(faces.chunks())


def test_the_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("MESPOT_CACHE_DIR", str(tmp_path / "here"))
    assert FaceCache().folder == tmp_path / "here" / "faces"
    monkeypatch.delenv("MESPOT_CACHE_DIR")
    assert "napari-mespot" in str(FaceCache().folder)
