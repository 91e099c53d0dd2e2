"""What is seen: every peak, gaps, crowds; and signals that do not cover the video."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import QPointF
from tests.gui.reviews import prediction, scores_with_peaks
from tests.gui.timeline.desk import MAE, ME, Desk, rules

from napari_mespot.gui import edits
from napari_mespot.gui.timeline.decimate import bars, columns, points
from napari_mespot.gui.timeline.readout import readout
from napari_mespot.gui.timeline.ruler import second_step, time_text
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import Interval, ReviewStatus, ScoreSignal


def slow_columns(values, view, n_columns, first_frame):
    """Frame by frame and column by column."""
    lists = [[] for _ in range(n_columns)]
    for row, value in enumerate(values.tolist()):
        frame = first_frame + row
        if view.start <= frame <= view.end and not np.isnan(value):
            column = int((frame - view.start) / view.span * n_columns)
            lists[min(column, n_columns - 1)].append(value)
    low = [min(held, default=np.nan) for held in lists]
    return low, [max(held, default=np.nan) for held in lists]


@given(
    st.integers(1, 400),
    st.integers(1, 60),
    st.integers(0, 50),
    st.integers(0, 2**31),
    st.floats(0.05, 1),
    st.floats(0, 1),
)
def test_columns_are_those_of_going_frame_by_frame(n, n_columns, first, seed, share, where):
    rng = np.random.default_rng(seed)
    values = rng.random(n)
    values[rng.random(n) < 0.3] = np.nan
    view = TimeView.whole(n + first + 7, 58, 500).zoomed(share, 58 + 500 * where)
    # Off the borders of columns, where rounding decides.
    view = replace(view, start=view.start + 0.0137, end=view.end - 0.0071)
    _, low, high = columns(values, view, n_columns=n_columns, first_frame=first)
    slow_low, slow_high = slow_columns(values, view, n_columns, first)
    np.testing.assert_array_equal(low, slow_low)
    np.testing.assert_array_equal(high, slow_high)


def test_points_know_where_a_signal_begins():
    x, values = points(np.array([3.0, 4.0]), TimeView.whole(10, 0, 100), first_frame=5)
    assert x.tolist() == [55, 65]
    assert values.tolist() == [3, 4]


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 20)), max_size=30))
def test_bars_cover_the_pixels_of_all_stretches_and_never_touch_twice(spans):
    spans = sorted(spans)
    lefts = np.array([left for left, _ in spans])
    rights = np.array([left + width for left, width in spans])
    wanted = set()
    for left, right in zip(lefts, rights, strict=True):
        wanted |= set(range(int(np.floor(left)), int(max(np.ceil(right), np.floor(left) + 1))))
    drawn = [p for left, width in bars(lefts, rights) for p in range(int(left), int(left + width))]
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == wanted


def curve_rows(desk, kind, frame, picture=None):
    """Rows of the picture of a track in which its colour is seen at a frame."""
    band = desk.timeline.bands().band(f"track:{kind.value}")
    picture, colour = picture or desk.picture(), desk.timeline._colours.of_kind(kind)
    x = int(desk.lane(kind, frame).x())
    found = []
    for y in range(int(band.top), int(band.bottom)):
        seen = picture.pixelColor(x, y)
        if abs(seen.hue() - colour.hue()) < 12 and seen.saturation() > 90:
            found.append((y - band.top) / band.height)
    return found


def desk_with(qtbot, values, found=None, first=0, n_frames=None):
    found = np.ones(len(values), np.bool_) if found is None else found
    both = np.repeat(values[:, np.newaxis], 2, axis=1).astype(np.float32)
    scores = ScoreSignal(both, found, Fraction(30), "v", first_frame=first)
    desk = Desk(qtbot, n_frames=n_frames or len(values), scores=scores)
    desk.playhead.seek(0)
    return desk


def test_a_peak_of_a_few_frames_is_seen_in_a_long_video(qtbot):
    values = np.full(100_000, 0.02)
    values[50_010:50_016] = 1.0
    desk = desk_with(qtbot, values)
    assert min(curve_rows(desk, ME, 50_012)) < 0.35
    assert min(curve_rows(desk, ME, 60_000)) > 0.8


@pytest.mark.parametrize("zoomed", [False, True])
def test_no_curve_where_there_is_no_score(qtbot, zoomed):
    values = np.full(3000, 0.8)
    values[1500:1600] = np.nan
    desk = desk_with(qtbot, values)
    if zoomed:
        desk.timeline.fit(Interval(1500, 1599))
    assert not curve_rows(desk, ME, 1550)
    assert curve_rows(desk, ME, 1450 if not zoomed else 1485)


def test_scores_that_begin_later_than_the_video_are_drawn_where_they_belong(qtbot):
    desk = desk_with(qtbot, np.full(200, 0.9), first=1000, n_frames=2000)
    assert curve_rows(desk, ME, 1100)
    assert not curve_rows(desk, ME, 100)
    assert "ME –" in readout(5, desk.session)
    assert "ME 0.9" in readout(1100, desk.session)


@pytest.mark.parametrize("n_frames", [40, 200, 280, 300, 500, 900, 1000, 1700])
def test_curves_have_no_holes_at_any_zoom(qtbot, n_frames):
    desk = desk_with(qtbot, np.full(n_frames, 0.75))
    view = desk.timeline.view
    inside = range(70, 780, 3)  # between the curve's ends, beside what is written on the right
    picture = desk.picture()
    assert all(curve_rows(desk, ME, view.place(x + 0.5), picture) for x in inside)


def test_five_thousand_intervals_are_drawn_and_each_can_be_taken_when_zoomed_in(qtbot):
    many = [prediction(20 * k, 20 * k + 9, (ME, MAE)[k % 2]) for k in range(5000)]
    desk = Desk(qtbot, *many, n_frames=100_000)
    desk.picture()
    chosen = many[3210]
    desk.timeline.fit(chosen.expression.interval)
    desk.drag(desk.place(chosen.uid, "offset"), desk.px(3))
    assert desk.span(chosen.uid) == (chosen.onset, chosen.offset + 3)


def test_thousands_of_reviewed_ranges_and_statuses_are_drawn(qtbot):
    many = [prediction(10 * k, 10 * k + 5) for k in range(3000)]
    desk = Desk(qtbot, *many, n_frames=30_000)
    review = desk.session.review
    for status, part in ((ReviewStatus.ACCEPTED, many[::30]), (ReviewStatus.REJECTED, many[1::30])):
        review = edits.set_status(review, [item.uid for item in part], status)
    desk.session.commit(review, "decide")
    whole = desk.picture()
    desk.timeline.fit(Interval(0, 500))
    assert desk.picture() != whole


def test_a_long_rejected_interval_is_quick_to_draw_when_zoomed_in(qtbot):
    long = prediction(0, 99_999)
    desk = Desk(qtbot, long, n_frames=100_000)
    desk.session.commit(
        edits.set_status(desk.session.review, [long.uid], ReviewStatus.REJECTED), "reject"
    )
    desk.timeline.fit(Interval(50_000, 50_003))
    picture = desk.picture()
    lane = desk.lane(ME, 50_001)
    colour = desk.timeline._colours.of_kind(ME)
    row = [picture.pixelColor(x, int(lane.y())) for x in range(100, 900)]
    assert any(abs(seen.hue() - colour.hue()) < 12 for seen in row), "dashes cross the view"


def test_axes_stay_while_a_threshold_is_dragged_and_fit_afterwards(qtbot):
    desk = Desk(qtbot, scores=scores_with_peaks((60, 79, 0.3)))
    desk.session.commit_rules(rules(0.1, 0.05))
    before = dict(desk.timeline.score_tops())
    start = desk.timeline.threshold_position(ME)
    with desk.held(start) as move:
        move(QPointF(0, -30))
        assert dict(desk.timeline.score_tops()) == before
    assert desk.timeline.score_tops()[ME] > before[ME]


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [
        (62.5, 0.5, "1:02.5"),
        (59.99, 0.5, "1:00.0"),
        (3725, 5, "1:02:05"),
        (500.25, 0.05, "8:20.25"),
    ],
)
def test_times_behind_the_first_minute_are_clock_times_at_any_zoom(seconds, step, text):
    assert time_text(seconds, step) == text


def test_a_step_of_hours_is_whole_hours():
    assert second_step(0, 100 * 3600, 10) == 10 * 3600


def test_the_wheel_beside_the_time_axis_zooms_about_its_end():
    view = TimeView.whole(1000, 58, 900).zoomed(0.5, 500)
    zoomed = view.zoomed(0.5, 10)
    assert zoomed.start == pytest.approx(view.start)
