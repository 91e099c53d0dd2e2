"""A video as an array that holds only what is looked at."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gui.folders import HEIGHT, WIDTH, grey_of, image_folder

from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic.sample import sample_path
from napari_mespot.gui.lazy_video import (
    LazyVideo,
    source_of,
    time_axis,
    video_layer_data,
)


@pytest.fixture
def source(tmp_path):
    with open_frames(image_folder(tmp_path, 100), fps=200) as source:
        yield source


@pytest.fixture
def whole(source):
    return np.concatenate([source.read_many(range(50)), source.read_many(range(50, 100))])


@pytest.mark.parametrize(
    "key",
    [
        5,
        -1,
        np.int64(7),
        slice(3, 4),
        slice(90, 200, 3),
        (slice(8, 9), slice(None), slice(None)),
        (slice(8, 9), slice(2, 9), slice(1, 5), slice(None)),
        (4, slice(None, None, 2)),
        (4, 2, 3, 1),
        (Ellipsis, slice(0, 4), 1),
        np.array([3, 1, 1, -2]),
        [2, 9],
        (np.array([True] + 98 * [False] + [True]),),
        (slice(5, 8), Ellipsis),
        slice(9, 3),
    ],
    ids=str,
)
def test_it_is_indexed_like_an_array(source, whole, key):
    video = LazyVideo(source)
    if isinstance(key, tuple) and key[0] is Ellipsis:
        with pytest.raises(MemoryError):  # all frames
            video[key]
        return
    np.testing.assert_array_equal(video[key], whole[key])


def test_it_says_what_it_is_without_reading(source):
    video = LazyVideo(source)
    assert (video.shape, video.dtype, video.ndim) == ((100, HEIGHT, WIDTH, 3), np.uint8, 4)
    assert video.size == 100 * HEIGHT * WIDTH * 3
    assert len(video) == 100


def test_the_whole_video_is_refused_with_an_advice(source):
    with pytest.raises(MemoryError, match="2D view"):
        LazyVideo(source)[:]
    with pytest.raises(MemoryError):
        np.asarray(LazyVideo(source))


@pytest.mark.parametrize("key", [100, -101, [3, 100], (0, 1, 2, 0, 0)])
def test_what_is_not_there_is_an_index_error(source, key):
    with pytest.raises(IndexError):
        LazyVideo(source)[key]


def test_the_nearest_whole_frame_stands_in_for_a_damaged_one(source):
    texts = []
    video = LazyVideo(source, on_damage=texts.append)
    for frame in range(10, 13):
        source.files[frame].write_bytes(b"no image")
    assert {int(video[frame].max()) for frame in (10, 11)} == {grey_of(9)}
    assert video[12].max() == grey_of(13)

    assert video.damaged == {10, 11, 12}
    assert len(texts) == 1
    assert "\n" not in texts[0]


def test_where_all_is_damaged_it_is_black(source):
    for file in source.files:
        file.write_bytes(b"no image")
    assert LazyVideo(source)[50].max() == 0


def test_many_threads_get_the_frames_they_ask_for():
    with open_frames(sample_path(200)) as source:
        video = LazyVideo(source)
        wanted = [0, 300, 1, 299, 500, 2] * 3
        expected = {frame: source.read(frame) for frame in set(wanted)}
        with ThreadPoolExecutor(4) as pool:
            for frame, image in zip(wanted, pool.map(video.__getitem__, wanted), strict=True):
                np.testing.assert_array_equal(image, expected[frame])


def test_napari_shows_a_frame_and_reads_no_more(source, make_napari_viewer_proxy, monkeypatch):
    viewer = make_napari_viewer_proxy(show=True)
    read = []
    plain = source.read
    monkeypatch.setattr(source, "read", lambda frame: (read.append(frame), plain(frame))[1])
    data, options, kind = video_layer_data(source)
    layer = getattr(viewer, f"add_{kind}")(data, **options)
    viewer.dims.set_current_step(0, 20)
    assert set(read) <= {0, 49, 50, 20}
    assert source_of(layer) is source
    assert [str(unit) for unit in layer.units] == ["second", "pixel", "pixel"]
    assert viewer.dims.range[0].step == pytest.approx(1 / 200)
    picture = viewer.screenshot(canvas_only=True, flash=False)
    height, width = picture.shape[:2]
    assert picture[height // 2, width // 2, :3].tolist() == [grey_of(20)] * 3


@given(
    st.fractions(Fraction(1, 100), 2000, max_denominator=1001),
    st.just(Fraction(0)) | st.fractions(0, 600, max_denominator=90_000),
    st.integers(2, 10_000_000),
    st.floats(0, 1),
)
def test_every_frame_is_a_whole_step_of_napari(rate, late, n_frames, where):
    step, start = time_axis(rate, late, n_frames)
    stop = start + (n_frames - 1) * step
    assert int((stop - start) / step) + 1 == n_frames, "as napari counts steps"
    frame = round(where * (n_frames - 1))
    assert (start + frame * step - start) / step == frame
    assert step == pytest.approx(float(1 / rate), rel=1e-7)
    assert start == pytest.approx(float(late), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("n_frames", [32, 63, 124, 1008])
def test_the_slider_reaches_the_last_frame(tmp_path, make_napari_viewer_proxy, n_frames):
    """Lengths at which 1/30 s a frame gives one step too few."""
    with open_frames(image_folder(tmp_path, n_frames), fps=30) as source:
        viewer = make_napari_viewer_proxy()
        data, options, _ = video_layer_data(source)
        viewer.add_image(data, **options)
        assert viewer.dims.nsteps[0] == n_frames
        for frame in (n_frames - 1, n_frames // 2, 0):
            viewer.dims.set_current_step(0, frame)
            assert viewer.dims.current_step[0] == frame
