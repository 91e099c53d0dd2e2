"""Frames and pixels, columns, rows and ticks: the parts that need no screen."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gui.reviews import MAE, ME, prediction, review_of, reviews

from napari_mespot.gui.timeline.decimate import columns, runs
from napari_mespot.gui.timeline.hit import Part, target_at
from napari_mespot.gui.timeline.lanes import lanes_of
from napari_mespot.gui.timeline.layout import Layout
from napari_mespot.gui.timeline.ruler import frame_ticks, nice_top, second_ticks, time_text
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import Interval
from napari_mespot.spotting.params import DetectionParams


@st.composite
def views(draw):
    n = draw(st.integers(1, 100_000))
    view = TimeView.whole(n, 58.0, draw(st.floats(1, 3000)))
    for _ in range(draw(st.integers(0, 4))):
        factor, x = draw(st.floats(0.1, 4)), draw(st.floats(58, 3058))
        view = view.zoomed(factor, min(x, view.left + view.width))
        view = view.panned(draw(st.floats(-1e5, 1e5)))
    return view


def is_inside(view):
    return view.start >= -0.5 - 1e-6 and view.end <= view.n_frames - 0.5 + 1e-6


@given(views(), st.data())
def test_a_frame_goes_to_a_pixel_and_back(view, data):
    first, last = int(np.ceil(view.start)), int(np.floor(view.end))
    frame = data.draw(st.integers(min(first, last), max(first, last)))
    assert view.frame(view.x(frame)) == min(max(frame, 0), view.n_frames - 1)


@given(views(), st.floats(0, 1), st.floats(0.2, 5))
def test_zoom_keeps_the_place_under_the_cursor_unless_the_video_ends(view, share, factor):
    x = view.left + share * view.width
    zoomed = view.zoomed(factor, x)
    assert is_inside(zoomed)
    at_an_end = zoomed.start <= -0.5 + 1e-6 or zoomed.end >= view.n_frames - 0.5 - 1e-6
    if not at_an_end:
        assert zoomed.place(x) == pytest.approx(view.place(x), abs=1e-3)


@given(views(), st.floats(-1e6, 1e6))
def test_panning_never_leaves_the_video_nor_zooms(view, frames):
    panned = view.panned(frames)
    assert is_inside(panned)
    assert panned.span == pytest.approx(view.span)


@given(views(), st.data())
def test_a_fitted_interval_is_all_in_view(view, data):
    onset = data.draw(st.integers(0, view.n_frames - 1))
    offset = data.draw(st.integers(onset, view.n_frames - 1))
    fitted = view.fitted(Interval(onset, offset))
    assert is_inside(fitted)
    assert fitted.start <= onset - 0.5 + 1e-6
    assert offset + 0.5 <= fitted.end + 1e-6


@given(views(), st.data())
def test_a_view_that_holds_a_frame_shows_it(view, data):
    frame = data.draw(st.integers(0, view.n_frames - 1))
    held = view.holding(frame)
    assert held.start <= frame <= held.end
    assert held.span == pytest.approx(view.span)


@given(views(), st.integers(0, 2**31))
def test_columns_lose_no_peak_and_invent_none(view, seed):
    rng = np.random.default_rng(seed)
    values = rng.random(view.n_frames).astype(np.float32)
    values[rng.random(view.n_frames) < 0.3] = np.nan
    x, low, high = columns(values, view)
    assert len(x) == len(low) == len(high) <= 2 * max(1, int(view.width)) + 4
    shown = values[max(0, int(np.ceil(view.start))) : int(np.floor(view.end)) + 1]
    known = shown[~np.isnan(shown)]
    if known.size:
        assert np.nanmax(high) >= known.max()
        assert np.nanmin(low) <= known.min()
        assert np.isin(high[~np.isnan(high)].astype(np.float32), values).all()
    assert (low[~np.isnan(low)] <= high[~np.isnan(high)]).all()


def test_a_gap_stays_a_gap():
    values = np.ones(1000, np.float32)
    values[400:600] = np.nan
    x, low, _ = columns(values, TimeView.whole(1000, 0, 100))
    assert np.isnan(low[(x > 41) & (x < 59)]).all()
    assert not np.isnan(low[(x < 39) | (x > 61)]).any()


@given(st.lists(st.booleans(), max_size=60))
def test_runs_are_the_stretches_of_true(flags):
    mask = np.array(flags, np.bool_)
    again = np.zeros(len(flags), np.bool_)
    found = runs(mask).tolist()
    for first, last in found:
        again[first : last + 1] = True
    assert (again == mask).all()
    assert all(a[1] + 1 < b[0] for a, b in itertools.pairwise(found))


@given(reviews(), st.floats(-5, 300), st.floats(0, 100))
def test_what_is_visible_is_found(review, start, span):
    for kind, lane in lanes_of(review).items():
        found = {lane.items[i].uid for i in lane.visible(start, start + span)}
        seen = {
            item.uid
            for item in review.items
            if item.kind is kind and item.onset - 0.5 < start + span and item.offset + 0.5 > start
        }
        assert seen <= found


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 12)), max_size=12, unique=True))
def test_of_intervals_that_overlap_no_two_share_a_row_unless_more_than_four_do(spans):
    review = review_of(*(prediction(a, a + n) for a, n in spans))
    lane = lanes_of(review)[ME]
    for i, one in enumerate(lane.items):
        assert 0 <= lane.rows[i] < lane.n_rows[i] <= 4
        for j, other in enumerate(lane.items[:i]):
            overlap = one.expression.interval.overlap(other.expression.interval)
            if overlap and lane.n_rows[i] < 4:
                assert lane.rows[i] != lane.rows[j]


def test_intervals_that_overlap_none_have_the_whole_lane():
    lane = lanes_of(review_of(prediction(0, 9), prediction(10, 19), prediction(30, 39)))[ME]
    assert lane.n_rows.tolist() == [1, 1, 1]


@given(
    st.integers(320, 3000),
    st.integers(0, 900),
    st.sampled_from([(), ("ME",), ("ME", "MaE")]),
    st.integers(0, 5),
)
def test_bands_lie_below_each_other_and_fill_the_height(width, height, tracks, n_extras):
    extras = tuple(f"AU{n}" for n in range(n_extras))
    layout = Layout.of(width, height, tracks=tracks, extras=extras)
    assert len(layout.bands) == 4 + len(tracks) + n_extras
    for above, below in zip(layout.bands, layout.bands[1:], strict=False):
        assert above.bottom <= below.top
    least = Layout.of(width, 0, tracks=tracks, extras=extras).needed_height
    assert layout.bands[-1].bottom <= max(height, least)
    for band in layout.bands:
        assert layout.at((band.top + band.bottom) / 2) == band
        assert band.share(band.y(0.3)) == pytest.approx(0.3)


def hit(review, x, y, selected=None, width=3000.0):
    layout = Layout.of(width + 68, 280, tracks=("ME", "MaE"), extras=())
    return target_at(
        x,
        y,
        layout=layout,
        view=TimeView.whole(review.n_frames, layout.left, width),
        lanes=lanes_of(review),
        detection=DetectionParams(),
        tops={ME: 1.0, MAE: 1.0},
        selected=selected,
    )


LAYOUT = Layout.of(3068, 280, tracks=("ME", "MaE"), extras=())
ME_Y = LAYOUT.lane(ME).top + 20


@pytest.mark.parametrize(
    ("x", "part"),
    [
        (58 + 994, Part.LANE),
        (58 + 996, Part.ONSET),
        (58 + 1004, Part.ONSET),
        (58 + 1006, Part.BODY),
        (58 + 1194, Part.BODY),
        (58 + 1196, Part.OFFSET),
        (58 + 1204, Part.OFFSET),
        (58 + 1206, Part.LANE),
    ],
)
def test_five_pixels_on_either_side_of_an_edge_take_hold_of_it(x, part):
    item = prediction(100, 119)  # 1000 to 1200 pixels behind the left end
    target = hit(review_of(item), x, ME_Y)
    assert target.part is part
    assert target.kind is ME
    assert target.uid == ("" if part is Part.LANE else item.uid)


def test_of_two_intervals_near_the_cursor_the_selected_one_is_meant():
    left, right = prediction(100, 109), prediction(110, 119)
    review, border = review_of(left, right), 58 + 1100.0
    assert hit(review, border, ME_Y, left.uid) == hit(review, border - 2, ME_Y, left.uid)
    assert hit(review, border, ME_Y, left.uid).part is Part.OFFSET
    assert hit(review, border, ME_Y, right.uid).uid == right.uid
    assert hit(review, border, ME_Y, right.uid).part is Part.ONSET


def test_names_beside_the_time_axis_are_not_the_lane():
    assert hit(review_of(), 10, ME_Y).part is Part.GUTTER


def test_below_the_last_band_lies_nothing():
    assert hit(review_of(), 500, 5000) is None


@given(st.floats(0, 90_000), st.floats(8, 100_000), st.integers(2, 30))
def test_frame_ticks_are_round_and_few(start, span, most):
    ticks = frame_ticks(start, start + span, most)
    assert len(ticks) <= most + 2
    steps = {b - a for a, b in itertools.pairwise(ticks)}
    assert len(steps) <= 1
    assert all(str(step).rstrip("0") in {"1", "2", "5"} for step in steps)


@given(st.floats(0, 4000), st.floats(0.05, 4000), st.integers(2, 30))
def test_second_ticks_lie_inside_and_are_few(start, span, most):
    ticks = second_ticks(start, start + span, most)
    assert len(ticks) <= most + 2
    assert all(start <= t <= start + span for t in ticks)


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [
        (0, 1, "0 s"),
        (12.5, 0.5, "12.5 s"),
        (12.25, 0.05, "12.25 s"),
        (90, 30, "1:30"),
        (3600, 600, "1:00:00"),
    ],
)
def test_times_are_written_as_short_as_their_step_allows(seconds, step, text):
    assert time_text(seconds, step) == text


def test_an_axis_for_low_scores_is_short():
    assert nice_top(0.9, 0.5) == 1.0
    assert nice_top(0.2, 0.1) == pytest.approx(0.25)
    assert nice_top(0.0, 0.0) == 0.1
