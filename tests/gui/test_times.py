"""The viewer shows, plays and reads the seconds of the video, however its frames are spaced."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.gui.reviews import MAE, ME, prediction, review_of, scores_with_peaks
from tests.reference.timed_films import TimedFilm, make

from napari_mespot.frames import open_frames
from napari_mespot.gui.closeup_pictures import timed_row
from napari_mespot.gui.lazy_video import video_layer_data
from napari_mespot.gui.opening import open_frames_of, open_review
from napari_mespot.gui.places import parse_place
from napari_mespot.gui.player import Player
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review_columns import COLUMNS, column_index
from napari_mespot.gui.session import Session
from napari_mespot.gui.session_file import SavedSession, read_session, write_session
from napari_mespot.gui.spotting_dock import SpotTarget
from napari_mespot.gui.timeline.readout import readout
from napari_mespot.gui.timeline.ruler import apart
from napari_mespot.io import read_table, write_annotations
from napari_mespot.model import Annotation, Clock, Expression, Interval

MS = Fraction(1, 1000)
# 20 frames 40 ms apart, five frozen seconds, 20 more; the sound began half a second before.
STAMPS = [*range(0, 800, 40), *range(800, 5800, 1000), *range(5800, 6600, 40)]
CALL = Clock.of_stamps(STAMPS, MS, Fraction(7), starts_late_s=Fraction(1, 2))
N = len(STAMPS)


class Wall:
    """A clock on the wall that only goes when it is told to."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def playhead():
    return Playhead(N, CALL.rate, CALL)


@pytest.fixture
def play(qapp, playhead):
    wall = Wall()
    player = Player(playhead, clock=wall)

    def play(seconds, tick=0.005):
        for _ in range(round(seconds / tick)):
            wall.now += tick
            if player.is_playing:
                player._tick()
        return playhead.frame

    play.player = player
    yield play
    player.pause()


def test_it_plays_at_true_speed(play, playhead):
    play.player.toggle()
    assert play(0.41) == 10
    assert play(0.9) == 20  # the second that is frozen is frozen here too
    assert play(4.6) == 27
    assert playhead.seconds == pytest.approx(0.5 + 5.88)


def test_a_loop_lasts_as_long_as_its_frames(play):
    play.player.toggle_loop(Interval(18, 20))  # 0.08 s and a second
    assert play(0.1) == 20
    assert play(0.9) == 20
    assert play(0.1) == 18
    assert play(1.08) == 18


def test_backwards_and_slower(play, playhead):
    playhead.seek(30)
    play.player.shuttle(-1)
    assert play(0.1) == 28
    assert play(1.3) == 24
    play.player.pause()
    playhead.seek(0)
    play.player.change_speed(-1)
    play.player.toggle()
    assert play(0.41) == 5


@pytest.mark.parametrize(
    ("text", "frame"), [("0.1 s", 0), ("0.54 s", 1), ("1.9 s", 20), ("0:06.38", 27), ("12", 12)]
)
def test_go_to_finds_the_frame_in_view(text, frame):
    assert parse_place(text, n_frames=N, clock=CALL) == frame


def test_the_last_second_is_that_of_the_last_frame():
    with pytest.raises(ValueError, match=r"7\.06 s"):
        parse_place("45", n_frames=N, clock=CALL)


def call_review():
    review = review_of(prediction(5, 9), prediction(18, 21, MAE), n_frames=N)
    return replace(review, frame_rate=CALL.rate, times=CALL)


def test_table_and_readout_tell_true_seconds(qapp):
    review = call_review()
    column = COLUMNS[column_index("duration")]
    assert [column.text(item, review.clock) for item in review.items] == ["0.20", "2.08"]
    assert "1.30 s" in readout(20, Session(review))
    assert review.length_remark(review.items[0]) == ""
    assert review.annotation().clock == CALL


def test_a_session_keeps_the_times(tmp_path):
    scores = scores_with_peaks((5, 9, 0.9), n_frames=N).with_clock(CALL)
    review = replace(call_review(), scores=replace(scores, video_id="v"))
    write_session(tmp_path / "v.mespot", SavedSession(review, tmp_path / "v.mp4"))
    back = read_session(tmp_path / "v.mespot").review
    assert back == review
    assert back.scores.clock == CALL


def film(folder, name="call.mp4"):
    return make(folder, TimedFilm(name, [500 + t for t in STAMPS], sound_s=(0, 4)))


def test_labels_of_other_tools_come_to_their_frames(qapp, tmp_path):
    path = film(tmp_path)
    with open_frames(path) as source:
        clock = source.clock
    labelled = Annotation("call", N, expressions=(Expression(Interval(27, 31), ME),))
    write_annotations(tmp_path / "call.eaf", [labelled.with_clock(clock)])
    text = (tmp_path / "call.eaf").read_text()
    kept = [line for line in text.splitlines() if "PROPERTY" not in line]
    (tmp_path / "call.eaf").write_text("\n".join(kept))
    opened = open_review(path, predictions=tmp_path / "call.eaf")
    try:
        assert [i.expression.interval for i in opened.session.review.items] == [Interval(27, 31)]
        assert opened.session.review.clock == clock
        assert any("variable frame rate" in text for text in opened.notices)
        assert any("0.5 s after the file begins" in text for text in opened.notices)
        # Out again: our own table has the seconds, and the times beside them.
        write_annotations(tmp_path / "out.csv", [opened.session.review.annotation()])
        assert read_table(tmp_path / "out.csv")[0].clock == clock
        opened.store.save()
    finally:
        opened.store.abandon()
        opened.source.close()
    # A saved session states the rate; the video keeps its own times nonetheless.
    with open_frames_of(path) as again:
        assert again.clock == clock
    with open_frames_of(path, fps=Fraction(25)) as again:
        assert again.clock == Clock(Fraction(25))


def test_spotting_opens_a_video_by_the_times_that_it_has(tmp_path):
    with open_frames(film(tmp_path)) as source:
        assert SpotTarget.of(source).frame_rate is None
    with open_frames(tmp_path / "call.mp4", fps=200) as source:
        assert SpotTarget.of(source).frame_rate == 200


def test_the_axis_of_napari_is_time_only_where_it_can_be(tmp_path):
    with open_frames(film(tmp_path)) as source:
        _, options, _ = video_layer_data(source)
        assert options["axis_labels"][0] == "frame"
        assert "scale" not in options
    late = make(tmp_path, TimedFilm("late.mp4", range(500, 1300, 40), sound_s=(0, 1)))
    with open_frames(late) as source:
        _, options, _ = video_layer_data(source)
        assert (options["scale"][0], options["translate"][0]) == pytest.approx((0.04, 0.5))


def test_the_close_up_loops_by_time():
    starts = np.array([0, 0.04, 0.08, 1.08])
    rows = [timed_row(t, starts, 1.0) for t in (0.01, 0.05, 0.09, 1.0, 1.09)]
    assert rows == [0, 1, 2, 2, 2]
    assert timed_row(0.1, starts, 0.5) == 1


def test_ticks_of_seconds_without_frames_do_not_lie_on_each_other():
    assert apart([0, 10, 50, 60, 95], 40) == [(0, 0), (2, 50), (4, 95)]
