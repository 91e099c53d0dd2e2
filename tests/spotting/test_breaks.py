"""On either side of a break, as a cut, everything is as if the other side were not there."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.network import lively_checkpoint

from napari_mespot.clips import ClipParams
from napari_mespot.face import FaceSequence
from napari_mespot.io import read_scores, write_scores
from napari_mespot.io.packed_scores import pack_scores, unpack_scores
from napari_mespot.model import ScoreSignal
from napari_mespot.spotting import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    find_expressions,
    score_faces,
    smooth,
)

RATE = Fraction(10)


def split(n, breaks):
    edges = [0, *breaks, n]
    return [slice(a, b) for a, b in pairwise(edges)]


def places(largest):
    return st.sets(st.integers(1, largest - 1), max_size=4).map(sorted).map(tuple)


@given(data=st.data(), reference=st.sampled_from(["past", "future", "both"]))
@settings(max_examples=25, deadline=None)
def test_no_frame_is_compared_across(data, reference):
    n, breaks = 40, data.draw(places(40))
    found = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
    images = np.random.default_rng(1).integers(0, 256, (n, 24, 24), dtype=np.uint8)
    clips = ClipParams(skip_me_s=0.2, skip_mae_s=0.7, reference=reference)
    model = lively_checkpoint(1, clips)

    def score(rows, breaks=()):
        part = FaceSequence(
            "v", RATE, images[rows], found[rows], found[rows].astype(np.float32),
            np.zeros((rows.stop - rows.start, 2, 3)), (), breaks,
        )  # fmt: skip
        seen = []
        signal = score_faces(
            model,
            part.chunks(data.draw(st.integers(1, 20))),
            n_frames=part.n_frames,
            frame_rate=RATE,
            on_scores=seen.append,
        )
        joined = np.concatenate([stretch.values for stretch in seen])
        np.testing.assert_array_equal(joined, signal.values)
        return signal

    whole = score(slice(0, n), breaks)
    assert whole.breaks == breaks
    parts = np.concatenate([score(rows).values for rows in split(n, breaks)])
    np.testing.assert_allclose(whole.values, parts, atol=1e-5)


def signals(breaks, values):
    found = np.isfinite(values).all(axis=1)
    whole = ScoreSignal(values, found, RATE, breaks=breaks)
    parts = [
        ScoreSignal(values[rows], found[rows], RATE, first_frame=rows.start)
        for rows in split(len(values), breaks)
    ]
    return whole, parts


@st.composite
def broken_scores(draw):
    scores = st.sampled_from([0.1, 0.4, 0.6, 0.9, np.nan])
    rows = draw(st.lists(scores, min_size=30, max_size=30))
    return draw(places(30)), np.array([rows, rows[::-1]], dtype=np.float32).T


@given(broken_scores())
def test_smoothing_and_intervals_stay_on_their_side(drawn):
    whole, parts = signals(*drawn)
    params = SmoothingParams(cutoff_me_hz=2.0, cutoff_mae_hz=0.5)
    smoothed = smooth(whole, params)
    apart = [smooth(part, params) for part in parts]
    np.testing.assert_array_equal(smoothed.values, np.concatenate([p.values for p in apart]))
    kind = KindDetectionParams(
        threshold=0.5, low_threshold=0.3, merge_gap_s=0.4, min_duration_s=0.1,
        max_duration_s=9, onset_shift_s=-0.2, offset_shift_s=0.3,
    )  # fmt: skip
    rules = DetectionParams(me=kind, mae=kind)
    found = find_expressions(smoothed, rules)
    assert set(found) == {e for part in apart for e in find_expressions(part, rules)}
    for frame in whole.breaks:
        assert not any(e.onset < frame <= e.offset for e in found)


@given(broken_scores())
def test_breaks_are_kept_in_files(tmp_path_factory, drawn):
    whole, _ = signals(*drawn)
    path = tmp_path_factory.mktemp("scores") / "clip.scores.csv"
    write_scores(path, whole)
    assert read_scores(path).breaks == whole.breaks
    assert unpack_scores(pack_scores(whole), "").breaks == whole.breaks
    plain = replace(whole, breaks=())
    assert (whole == plain) == (not whole.breaks)
    assert path.read_text().startswith("frame,time_s,p_me,p_mae,found" + ",shot" * bool(drawn[0]))


def test_breaks_outside_of_the_rows_say_nothing():
    signal = ScoreSignal(np.zeros((5, 2), np.float32), np.ones(5, bool), RATE, first_frame=10,
                         breaks=(20, 12, 10, 3, 12, 15, 14))  # fmt: skip
    assert signal.breaks == (12, 14)
    assert signal.stretches == (slice(0, 2), slice(2, 4), slice(4, 5))
