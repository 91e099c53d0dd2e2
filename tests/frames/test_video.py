"""A video as a user meets it: sizes, rates, warnings, errors, sharing, memory."""

import pickle
import threading
from fractions import Fraction

import av
import numpy as np
import pytest
from tests.reference.frames import X264_SHORT, Recipe, encode, number_of

from napari_mespot.errors import FrameReadError
from napari_mespot.frames import FrameSource, VideoFrames, open_frames
from napari_mespot.model import Clock


def write_audio(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.float32), "fltp", "mono")
        silence.sample_rate = 16000
        container.mux(stream.encode(silence))
        container.mux(stream.encode())


def write_no_pictures(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        container.start_encoding()


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("absent.mp4", lambda path: None, "found nothing at"),
        ("empty.mp4", lambda path: path.touch(), "is empty"),
        ("text.mp4", lambda path: path.write_text("onset,apex,offset\n" * 99), "not in a format"),
        ("noise.mkv", lambda path: path.write_bytes(bytes(range(256)) * 99), "not in a format"),
        ("sound.m4a", write_audio, "no moving pictures"),
        ("sound_only.mp4", write_audio, "no moving pictures"),
        ("nothing.avi", write_no_pictures, "pictures"),
    ],
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path, name, make, says):
    path = tmp_path / name
    make(path)
    with pytest.raises(FrameReadError, match=says) as caught:
        open_frames(path)
    text = str(caught.value)
    assert name in text
    assert text.startswith("Expected")
    assert "\n" not in text


def test_a_video_is_a_frame_source(short_gop):
    with open_frames(str(short_gop)) as source:
        assert isinstance(source, FrameSource)
        assert source.path == short_gop
        assert source.video_id == "short_gop"
        assert (source.height, source.width) == (64, 96)
        assert source.frame_rate == 30
        assert source.warnings == ()
        image = source.read(7)
        assert image.dtype == np.uint8
        assert image.shape == (64, 96, 3)
        image[:] = 0  # the reader's own copy stays as it is
        assert number_of(source.read(7)) == 7


def test_one_picture_is_a_video(films):
    with open_frames(encode(films, Recipe("one.mp4", "libx264", n_frames=1))) as source:
        assert source.n_frames == 1
        assert source.frame_rate == 30
        assert number_of(source.read(0)) == 0
        assert len(list(source.iter_luma())) == 1


def test_frames_outside_the_video_do_not_exist(short_gop):
    with open_frames(short_gop) as source:
        for index in (-1, 400, 10**9):
            with pytest.raises(IndexError, match="from 0 to 399"):
                source.read(index)
        with pytest.raises(IndexError):
            list(source.iter_luma(0, 401))
        with pytest.raises(IndexError):
            list(source.iter_luma(5, 4))
        assert list(source.iter_luma(400)) == []


def test_read_many_keeps_the_order_asked_for(short_gop):
    with open_frames(short_gop) as source:
        images = source.read_many([300, 2, 2, np.int64(150)])
        assert [number_of(image) for image in images] == [300, 2, 2, 150]
        assert source.read_many([]).shape == (0, 64, 96, 3)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        ("200", Fraction(200)),
        (200, Fraction(200)),
        ("30000/1001", Fraction(30000, 1001)),
        (29.97, Fraction(2997, 100)),
        (30000 / 1001, Fraction(30000, 1001)),
        (Fraction(25, 2), Fraction(25, 2)),
    ],
)
def test_the_user_overrides_the_rate(short_gop, fps, rate):
    with open_frames(short_gop, fps=fps) as source:
        assert source.frame_rate == rate


@pytest.mark.parametrize("fps", [0, -30, float("nan"), float("inf"), "fast", "1/0", "", True])
def test_an_impossible_rate_is_refused(short_gop, fps):
    with pytest.raises(FrameReadError, match="frame rate above 0"):
        open_frames(short_gop, fps=fps)


@pytest.mark.parametrize("file", ["ntsc.mp4", "ntsc.mkv", "ntsc.ts"])
def test_a_rate_rounded_by_the_container_is_found_again(films, file):
    rate = Fraction(30000, 1001)
    with open_frames(encode(films, Recipe(file, "libx264", n_frames=90, rate=rate))) as source:
        assert source.frame_rate == rate
        assert source.warnings == ()


def test_a_variable_rate_is_averaged_and_told(films):
    stamps = np.cumsum([0, *([20, 60] * 100)])[:200].tolist()
    recipe = Recipe("vfr.mp4", "libx264", X264_SHORT, rate=1000, n_frames=200, stamps=stamps)
    with open_frames(encode(films, recipe)) as source:
        assert float(source.frame_rate) == pytest.approx(25, rel=0.01)
        assert len(source.warnings) == 1
        assert "variable frame rate" in source.warnings[0]
        assert "20 to 60 ms" in source.warnings[0]
        assert "seconds are the video's own" in source.warnings[0]
        assert [source.clock.second_of(i) * 1000 for i in range(200)] == stamps
    with open_frames(films / recipe.file, fps=25) as source:
        assert source.clock == Clock(Fraction(25))
        assert "passed over" in source.warnings[0]


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
@pytest.mark.parametrize("mirrored", [False, True])
def test_pictures_are_upright(films, rotation, mirrored):
    recipe = Recipe(
        f"turn{rotation}{mirrored}.mp4",
        "libx264",
        {"qp": "0"},
        n_frames=3,
        rotation=rotation,
        mirrored=mirrored,
    )
    path = encode(films, recipe)
    with av.open(str(path)) as container:
        stored = next(container.decode(video=0)).to_ndarray(format="gray")
    # Turned anticlockwise first, the result mirrored left to right.
    shown = np.rot90(stored, rotation // 90)
    shown = shown[:, ::-1] if mirrored else shown
    with open_frames(path) as source:
        assert (source.height, source.width) == shown.shape
        for image in (
            source.read(0).mean(axis=2),
            source.read_luma(0),
            next(source.iter_luma()),
            source.read_many([0])[0].mean(axis=2),
        ):
            assert image.shape == shown.shape
            assert np.corrcoef(image.ravel(), shown.ravel())[0, 1] > 0.99


def test_threads_share_one_source(short_gop):
    wrong = []

    def read(seed):
        for i in np.random.default_rng(seed).integers(0, 400, 80):
            if number_of(source.read(i)) != i:
                wrong.append(i)

    with VideoFrames(short_gop, cache_bytes=100_000) as source:
        threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_two_sources_on_one_file_do_not_disturb_each_other(short_gop):
    with open_frames(short_gop) as one, open_frames(short_gop) as two:
        for i in range(0, 400, 13):
            assert number_of(one.read(i)) == i
            assert number_of(two.read(399 - i)) == 399 - i
    assert one.fingerprint == two.fingerprint


def test_a_source_travels_by_its_path(short_gop):
    with open_frames(short_gop, fps="50") as source:
        source.read(3)
        with pickle.loads(pickle.dumps(source)) as twin:
            assert twin.frame_rate == 50
            assert number_of(twin.read(33)) == 33


def test_a_closed_source_says_so(short_gop):
    source = open_frames(short_gop)
    source.read(0)
    source.close()
    source.close()
    with pytest.raises(ValueError, match="closed"):
        source.read(1)


def test_the_cache_of_pictures_keeps_its_budget(short_gop):
    frame = 64 * 96 * 3 // 2
    with VideoFrames(short_gop, cache_bytes=20 * frame) as source:
        for i in range(0, 400, 3):
            source.read(i)
            assert source._access.cache.n_bytes <= 20 * frame
        assert 10 <= len(source._access.cache) <= 20


def test_a_step_back_does_not_decode_again(long_gop):
    with open_frames(long_gop) as source:
        source.read(200)
        runs = []
        original = source._access._swift.run
        source._access._swift.run = lambda key: runs.append(key) or original(key)
        for i in range(199, 150, -1):
            assert number_of(source.read(i)) == i
    assert runs == []


def test_fingerprints_tell_contents_apart(films, short_gop, long_gop):
    with open_frames(short_gop) as one, open_frames(long_gop) as two:
        assert one.fingerprint != two.fingerprint
        assert int(one.fingerprint, 16) >= 0


def test_rates_are_plain_fractions(short_gop):
    # PyAV 19 gives ratios of a kind of its own, which other code need not know.
    with open_frames(short_gop) as source:
        assert type(source.frame_rate) is Fraction


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_title_in_another_encoding_stops_nothing(films, tmp_path, suffix):
    recipe = Recipe(f"titled{suffix}", "mpeg4", n_frames=5, title="interview MARK")
    data = encode(films, recipe).read_bytes()
    assert b"interview MARK" in data
    path = tmp_path / recipe.file
    path.write_bytes(data.replace(b"interview MARK", b"M\xfcller, Stra\xdfe"))
    with open_frames(path) as source:
        assert source.n_frames == 5
