"""The plot is a picture that shows every peak, at any length."""

import itertools
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ScoreSignal
from napari_mespot.batch import draw_tracks
from napari_mespot.batch.plot import COLOURS, envelope
from napari_mespot.errors import OutputError
from napari_mespot.spotting import DetectionParams, SpottingResult

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO


def result(n_frames: int, rate: int, *expressions: Expression) -> SpottingResult:
    values = np.full((n_frames, 2), 0.1, np.float32)
    for expression in expressions:
        column = int(expression.kind is MAE)
        values[expression.onset : expression.offset + 1, column] = 0.9
    found = np.ones(n_frames, np.bool_)
    signal = ScoreSignal(values, found, Fraction(rate), "v")
    annotation = Annotation("v", n_frames, Fraction(rate), expressions)
    return SpottingResult(signal, signal, annotation)


def pixels_of(image: np.ndarray, kind: ExpressionKind) -> np.ndarray:
    """Where the picture has the colour of a kind, (rows, columns)."""
    text = COLOURS[kind]
    bgr = [int(text[i : i + 2], 16) for i in (5, 3, 1)]
    return np.abs(image.astype(int) - bgr).max(axis=2) <= 3


def drawn(tmp_path, spotted: SpottingResult, title: str = "v") -> np.ndarray:
    path = tmp_path / "plot.png"
    draw_tracks(path, spotted, DetectionParams(), title=title)
    image = cv2.imread(str(path))
    assert image is not None
    return image


@given(
    hnp.arrays(np.float32, st.integers(1, 60), elements=st.floats(0, 1, width=32)),
    st.integers(1, 70),
    st.data(),
)
def test_envelope_holds_every_extreme(values, columns, data):
    holes = data.draw(hnp.arrays(np.bool_, values.shape))
    values = np.where(holes, np.float32(np.nan), values)
    rows, low, high = envelope(values, columns)
    assert len(rows) == min(len(values), columns)
    edges = [i * len(values) // len(rows) for i in range(len(rows) + 1)]
    for column, (start, stop) in enumerate(itertools.pairwise(edges)):
        part = [float(v) for v in values[start:stop] if not np.isnan(v)]
        if part:
            assert (low[column], high[column]) == (min(part), max(part))
        else:
            assert np.isnan(low[column])
        assert rows[column] == (start + stop - 1) / 2


@pytest.mark.parametrize(("n_frames", "rate"), [(1, 30), (60, 30), (720_000, 200)])
def test_any_length_gives_the_same_size(tmp_path, n_frames, rate):
    assert drawn(tmp_path, result(n_frames, rate)).shape[:2] == (744, 1560)


def test_an_interval_of_three_frames_in_an_hour_is_seen(tmp_path):
    short = Expression(Interval(54_000, 54_002), ME)
    silent = pixels_of(drawn(tmp_path, result(108_000, 30)), ME)
    with_one = pixels_of(drawn(tmp_path, result(108_000, 30, short)), ME)
    lanes = slice(590, 690)
    assert silent[lanes, 95:1380].sum() == 0
    columns = np.flatnonzero(with_one[lanes, 95:1380].any(axis=0))
    assert len(columns) >= 1
    assert columns.mean() == pytest.approx((1380 - 95) / 2, abs=15), "in the middle of the video"


def test_the_bar_lies_where_the_interval_lies(tmp_path):
    spotted = result(100, 25, Expression(Interval(25, 49), MAE, apex=30))
    columns = np.flatnonzero(pixels_of(drawn(tmp_path, spotted), MAE)[640:680, 95:].any(axis=0))
    width = columns[-1] - columns[0]
    full = 1390 - 92
    assert width / full == pytest.approx(0.25, abs=0.02)
    assert columns[0] / full == pytest.approx(0.25, abs=0.02)


def test_labels_are_framed(tmp_path):
    spotted = result(100, 25, Expression(Interval(25, 49), MAE))
    labels = Annotation("v", expressions=(Expression(Interval(60, 89), ME),))
    path = tmp_path / "plot.png"
    plain = drawn(tmp_path, spotted)
    draw_tracks(path, spotted, DetectionParams(), title="v", labels=labels)
    framed = cv2.imread(str(path))
    changed = np.flatnonzero((plain != framed).any(axis=2)[600:685, 95:1380].any(axis=0)) + 95
    assert (changed[0] - 92) / (1390 - 92) == pytest.approx(0.60, abs=0.02)
    assert (changed[-1] - 92) / (1390 - 92) == pytest.approx(0.90, abs=0.02)


def test_a_stretch_without_a_face_is_grey(tmp_path):
    spotted = result(100, 25)
    signal = replace(spotted.signal, found=np.arange(100) >= 50)
    image = drawn(tmp_path, replace(spotted, signal=signal))
    assert image[200, 400].max() < 235, "grey on the left"
    assert image[200, 1200].min() == 255, "white on the right"


@pytest.mark.parametrize("title", ["$x^2$ unclosed $", "表情", "two\nlines", "clip\udcff"])
def test_odd_names_are_drawn(tmp_path, title):
    drawn(tmp_path, result(60, 30), title)


def test_no_plot_where_none_can_be_written(tmp_path):
    with pytest.raises(OutputError):
        draw_tracks(tmp_path / "none" / "plot.png", result(9, 30), DetectionParams(), title="v")
