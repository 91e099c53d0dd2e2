"""Playing at true speed, backwards, in loops and flickering; by the wall's clock or a test's."""

from fractions import Fraction
from time import perf_counter

import pytest

from napari_mespot.gui.player import FLICKER_HZ, Player, speeds
from napari_mespot.gui.playhead import Playhead
from napari_mespot.model import Interval

RATE = Fraction(30)


class Clock:
    """A clock that only goes when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def playhead():
    return Playhead(300, RATE)


@pytest.fixture
def player(qapp, playhead, clock):
    player = Player(playhead, clock=clock)
    yield player
    player.pause()


@pytest.fixture
def after(player, clock):
    """Let some seconds pass, with ticks at each hundredth."""

    def after(seconds, tick=0.01):
        for _ in range(round(seconds / tick)):
            clock.now += tick
            if player.is_playing:
                player._tick()
        return player._playhead.frame

    return after


@pytest.fixture
def frames(playhead):
    frames = []
    playhead.moved.connect(frames.append)
    return frames


def test_frames_follow_the_clock_one_by_one(player, after, frames):
    player.toggle()
    assert after(1.005) == 30
    assert frames == list(range(1, 31))


def test_slow_drawing_drops_frames_and_does_not_lag(player, after, frames):
    player.toggle()
    assert after(2.0, tick=0.25) == 60
    assert len(frames) == 8


@pytest.mark.parametrize(("notches", "speed"), [(0, 1), (1, 2), (2, 4), (9, 4), (-1, 0.5)])
def test_speeds(player, after, notches, speed):
    for _ in range(abs(notches)):
        player.change_speed(1 if notches > 0 else -1)
    player.toggle()
    assert player.speed == speed
    assert after(1.001) == pytest.approx(30 * speed, abs=1)


def test_the_slowest_speed_is_one_frame_per_second(player, after):
    for _ in range(20):
        player.change_speed(-1)
    assert player.speed * RATE == pytest.approx(1)
    player.toggle()
    assert after(3.05) == 3
    assert speeds(200.0)[:2] == (1 / 200, 1 / 8)
    assert speeds(5.0) == (1 / 8, 1 / 4, 1 / 2, 1, 2, 4)  # 1/8 is slower still


def test_another_speed_goes_on_from_here(player, after, frames):
    player.toggle()
    after(1.0)
    player.change_speed(1)
    after(1.0)
    player.change_speed(-1)
    after(1.0)
    assert frames == sorted(frames)
    assert frames[-1] == pytest.approx(120, abs=1)


def test_shuttle_goes_faster_turns_round_and_starts_anew(player, playhead, after):
    playhead.seek(150)
    player.shuttle(1)
    player.shuttle(1)
    assert player.speed == 2
    assert after(1.0) == pytest.approx(210, abs=1)
    player.shuttle(-1)
    assert player.speed == -1
    assert after(1.0) == pytest.approx(180, abs=1)
    player.shuttle(-1)
    assert player.speed == -2
    player.pause()
    player.toggle()
    assert player.speed == 2
    assert player.is_playing


def test_backwards_every_frame_comes(player, playhead, after, frames):
    playhead.seek(100)
    frames.clear()
    player.shuttle(-1)
    after(1.005)
    assert frames == list(range(99, 69, -1))


@pytest.mark.parametrize(("start", "direction", "end"), [(280, 1, 299), (20, -1, 0)])
def test_it_stops_at_the_ends(player, playhead, after, qtbot, start, direction, end):
    playhead.seek(start)
    player.shuttle(direction)
    with qtbot.waitSignal(player.playing_changed, check_params_cb=lambda playing: not playing):
        assert after(2.0) == end
    assert not player.is_playing


def test_play_at_the_end_begins_anew(player, playhead, after):
    playhead.seek(299)
    player.toggle()
    assert after(1.001) == 30


def test_a_jump_while_playing_goes_on_from_there(player, playhead, after):
    player.toggle()
    after(1.0)
    playhead.seek(200)
    assert after(1.0) == pytest.approx(230, abs=1)


def test_a_loop_shows_exactly_its_frames(player, after, frames):
    loop = Interval(50, 59)
    player.toggle_loop(loop)
    after(2.0)
    assert set(frames) == set(loop.frames)
    assert frames[:12] == [*range(50, 60), 50, 51]
    player.toggle_loop(loop)
    assert not player.is_playing
    assert player.loop is None


def test_a_loop_may_run_backwards_and_be_paused(player, after, frames):
    player.toggle_loop(Interval(50, 59))
    player.shuttle(-1)
    frames.clear()
    after(1.0)
    assert set(frames) == set(range(50, 60))
    player.toggle()
    assert not player.is_playing
    player.toggle()
    frames.clear()
    after(1.0)
    assert set(frames) == set(range(50, 60))


def test_another_interval_takes_the_loop(player, after, frames):
    player.toggle_loop(Interval(50, 59))
    player.toggle_loop(Interval(10, 14))
    frames.clear()
    after(1.0)
    assert set(frames) <= set(range(10, 15))
    player.toggle_loop(None)
    assert not player.is_playing


def test_nothing_to_loop_is_nothing(player):
    player.toggle_loop(None)
    assert not player.is_playing


def test_a_jump_out_of_the_loop_ends_it(player, playhead, after):
    player.toggle_loop(Interval(50, 59))
    after(0.5)
    playhead.seek(200)
    assert after(1.0) == pytest.approx(230, abs=1)
    assert player.loop is None


def test_a_loop_of_one_frame_stays_there(player, after):
    player.toggle_loop(Interval(50, 50))
    assert after(1.0) == 50


def test_flicker_shows_two_frames_and_comes_back(player, playhead, after, frames):
    playhead.seek(7)
    frames.clear()
    player.toggle_flicker(50, 60)
    after(2.0)
    assert set(frames) == {50, 60}
    assert len(frames) == pytest.approx(2 * 2 * FLICKER_HZ, abs=1)
    player.toggle_flicker(50, 60)
    assert playhead.frame == 7
    assert not player.is_flickering


def test_a_jump_ends_the_flicker(player, playhead, after):
    player.toggle_flicker(50, 60)
    after(0.5)
    playhead.seek(200)
    assert after(0.5) == 200
    assert not player.is_playing


def test_a_view_may_stop_it_while_a_frame_is_shown(player, playhead, after):
    playhead.moved.connect(lambda frame: player.pause() if frame >= 10 else None)
    player.toggle()
    assert after(1.0) == 10


@pytest.mark.parametrize("drawing_s", [0.0, 0.02])
def test_fast_material_plays_at_true_speed(qtbot, drawing_s):
    playhead = Playhead(2000, Fraction(200))
    player = Player(playhead)
    seen = []

    def draw(frame):
        seen.append((perf_counter(), frame))
        while perf_counter() < seen[-1][0] + drawing_s:
            pass

    playhead.moved.connect(draw)
    start = perf_counter()
    player.toggle()
    qtbot.waitUntil(lambda: perf_counter() - start > 1.2, timeout=60_000)
    player.pause()
    (t0, f0), (t1, f1) = seen[0], seen[-1]
    assert (f1 - f0) / (t1 - t0) == pytest.approx(200, rel=0.1)
    assert len(seen) > 10
    stopped = playhead.frame
    qtbot.wait(60)
    assert playhead.frame == stopped
