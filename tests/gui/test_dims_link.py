"""The playhead and napari's time slider show the same frame."""

import numpy as np
import pytest
from tests.gui.folders import image_folder

from napari_mespot.frames import open_frames
from napari_mespot.gui.dims_link import DimsLink
from napari_mespot.gui.lazy_video import video_layer_data
from napari_mespot.gui.playhead import Playhead

N_FRAMES = 90


@pytest.fixture
def source(tmp_path):
    with open_frames(image_folder(tmp_path, N_FRAMES), fps="30000/1001") as source:
        yield source


@pytest.fixture
def viewer(make_napari_viewer_proxy):
    return make_napari_viewer_proxy()


@pytest.fixture
def layer(viewer, source):
    data, options, _ = video_layer_data(source)
    return viewer.add_image(data, **options)


@pytest.fixture
def playhead(source):
    return Playhead(source.n_frames, source.frame_rate)


@pytest.fixture
def link(viewer, layer, playhead):
    link = DimsLink(viewer, layer, playhead)
    yield link
    link.disconnect()


def test_the_viewer_begins_where_the_playhead_is(viewer, layer, playhead):
    assert viewer.dims.current_step[0] != 0
    link = DimsLink(viewer, layer, playhead)
    assert viewer.dims.current_step[0] == 0
    assert playhead.frame == 0
    link.disconnect()


def test_every_frame_is_the_same_on_both_sides(viewer, playhead, link):
    for frame in range(N_FRAMES):
        playhead.seek(frame)
        assert viewer.dims.current_step[0] == link.frame == frame
    for frame in range(N_FRAMES):
        viewer.dims.set_current_step(0, frame)
        assert playhead.frame == frame


def test_a_step_is_one_event_on_each_side(viewer, playhead, link):
    points, moves = [], []
    viewer.dims.events.point.connect(lambda event: points.append(event.value))
    playhead.moved.connect(moves.append)
    playhead.seek(10)
    assert (len(points), moves) == (1, [10])
    viewer.dims.set_current_step(0, 20)
    assert (len(points), moves) == (2, [10, 20])


def test_a_longer_layer_may_be_looked_at_without_a_fight(viewer, playhead, link):
    viewer.add_image(
        np.zeros((3 * N_FRAMES, 9, 9)),
        scale=(1001 / 30000, 1, 1),
        units=("s", "pixel", "pixel"),
    )
    viewer.dims.set_current_step(0, 2 * N_FRAMES)
    assert playhead.frame == N_FRAMES - 1
    assert viewer.dims.current_step[0] == 2 * N_FRAMES
    playhead.seek(5)
    assert viewer.dims.current_step[0] == 5


def test_it_finds_time_among_more_axes_and_finer_steps(viewer, layer, playhead, link):
    viewer.add_image(
        np.zeros((2, 50, 9, 9)),
        scale=(1, 1001 / 90000, 1, 1),
        translate=(0, -1, 0, 0),
        units=("pixel", "s", "pixel", "pixel"),
    )
    for frame in (7, 0, 88):
        playhead.seek(frame)
        assert link.frame == frame
        assert layer.world_to_data(viewer.dims.point[-3:])[0] == pytest.approx(frame, abs=0.2)


def test_it_ends_with_the_layer(viewer, layer, playhead, link):
    playhead.seek(9)
    viewer.layers.remove(layer)
    playhead.seek(30)
    viewer.add_image(np.zeros((9, 4, 4)))
    viewer.dims.set_current_step(0, 2)
    assert playhead.frame == 30


def test_after_disconnecting_each_goes_its_way(viewer, playhead, link):
    link.disconnect()
    link.disconnect()
    playhead.seek(40)
    assert viewer.dims.current_step[0] == 0
    viewer.dims.set_current_step(0, 3)
    assert playhead.frame == 40
