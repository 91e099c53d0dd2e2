"""Seconds of a video are those at which players show its pictures."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.frames import Recipe, copy_packets, encode
from tests.reference.timed_films import TimedFilm, make

from napari_mespot.frames import open_frames
from napari_mespot.frames.rate import settle_rate
from napari_mespot.model import Clock

STEADY = [40 * i for i in range(50)]
# A call: steady, then four frozen seconds, then steady again.
CALL = [*STEADY[:20], *(800 + 1000 * i for i in range(4)), *(4800 + 40 * i for i in range(20))]


def clock_of(path, **options) -> Clock:
    with open_frames(path, **options) as source:
        assert source.frame_rate == source.clock.rate
        assert pickle.loads(pickle.dumps(source)).clock == source.clock
        return source.clock


def times_ms(clock, n):
    return [float(clock.second_of(i) * 1000) for i in range(n)]


@pytest.mark.parametrize("file", ["call.mp4", "call.mkv", "call.mov", "call.ts", "call.flv"])
def test_each_frame_of_a_call_has_its_own_time(films, file):
    clock = clock_of(make(films, TimedFilm(file, CALL)))
    np.testing.assert_allclose(times_ms(clock, len(CALL)), CALL, atol=0.01)
    assert float(clock.end_of(len(CALL) - 1) * 1000) == pytest.approx(CALL[-1] + 40, abs=0.01)


def test_a_rate_put_in_place_of_holes_is_told(films):
    stamps = np.delete(np.arange(0, 4000, 40), 50).tolist()
    path = make(films, TimedFilm("hole.mp4", stamps))
    with open_frames(path) as source:
        assert "the others keep their time" in source.warnings[0]
    with open_frames(path, fps=25) as source:
        assert source.clock == Clock(Fraction(25))
        assert "passed over" in source.warnings[0]


def test_times_are_as_exact_as_the_file(films):
    unit = Fraction(1001, 30000)
    stamps = np.delete(np.arange(60), [20, 21, 40]).tolist()
    clock = clock_of(make(films, TimedFilm("ntsc_gaps.mp4", stamps, unit)))
    assert [clock.second_of(i) for i in range(57)] == [stamp * unit for stamp in stamps]


@pytest.mark.parametrize("file", ["late.mp4", "late.mov", "late.mkv", "late.webm"])
def test_pictures_may_start_after_the_sound(films, file):
    is_webm = file.endswith("webm")
    film = TimedFilm(
        file,
        [1200 + t for t in STEADY],
        sound_s=(0, 3),
        sound_codec="libopus" if is_webm else "aac",
        codec="libvpx-vp9" if is_webm else "libx264",
        options={} if is_webm else {"bf": "2"},
    )
    with open_frames(make(films, film)) as source:
        assert source.clock == Clock(Fraction(25), Fraction(12, 10))
        (warning,) = source.warnings
        assert "1.2 s" in warning
    with open_frames(films / file, fps=25) as source:
        assert source.clock == Clock(Fraction(25))
        assert source.warnings == ()


def test_what_the_muxer_moves_is_moved_for_all(films):
    # MPEG-TS and FLV have no negative times: the run-in of the sound moves all to later.
    for file in ("run_in.ts", "run_in.flv"):
        clock = clock_of(make(films, TimedFilm(file, STEADY, sound_s=(0, 2))))
        assert float(clock.starts_late_s) == pytest.approx(1024 / 48_000, abs=1e-3)


@pytest.mark.parametrize("file", ["in.mp4", "in.mkv", "in.mov", "in.webm"])
def test_the_run_in_of_the_sound_moves_nothing(films, file):
    sound = "libopus" if file == "in.webm" else "aac"
    codec = "libvpx-vp9" if file == "in.webm" else "libx264"
    film = TimedFilm(file, STEADY, sound_s=(0, 2), sound_codec=sound, codec=codec, options={})
    assert clock_of(make(films, film)) == Clock(Fraction(25))


@pytest.mark.parametrize("file", ["alone.mp4", "alone.mkv", "alone.ts", "alone.flv"])
def test_without_sound_a_file_begins_with_its_pictures(films, file):
    clock = clock_of(make(films, TimedFilm(file, [5000 + t for t in STEADY])))
    assert clock == Clock(Fraction(25))


@pytest.mark.parametrize("file", ["later.mp4", "later.mkv", "later.ts"])
def test_sound_may_start_after_the_pictures(films, file):
    clock = clock_of(make(films, TimedFilm(file, STEADY, sound_s=(1.5, 3))))
    assert clock == Clock(Fraction(25))


def test_frames_hidden_by_an_edit_list_are_before_the_beginning(films):
    source = encode(films, Recipe("whole.mp4", "libx264", {"g": "30", "bf": "2"}, n_frames=90))
    clock = clock_of(copy_packets(source, films / "trimmed.mp4", 0, shift=7))
    assert clock == Clock(Fraction(30))


def test_a_shift_of_b_frames_without_edit_list_is_shown(films):
    film = TimedFilm("no_list.mp4", STEADY, sound_s=(0, 2), mux={"use_editlist": "0"})
    assert clock_of(make(films, film)) == Clock(Fraction(25), Fraction(80, 1000))


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(1000, 8), Fraction(1000)])
@pytest.mark.parametrize("file", ["odd.mp4", "odd.mkv"])
def test_odd_rates_are_steady(films, rate, file):
    clock = clock_of(make(films, TimedFilm(file, range(80), 1 / rate)))
    assert clock == Clock(rate)


def test_one_dropped_frame_is_not_averaged_away(films):
    stamps = np.delete(np.arange(400), 100).tolist()
    with open_frames(make(films, TimedFilm("drop.mp4", stamps, Fraction(1, 30)))) as source:
        assert source.clock.second_of(99) == Fraction(99, 30)
        assert source.clock.second_of(100) == Fraction(101, 30)
        assert source.clock.second_of(398) == Fraction(399, 30)


def test_a_rate_near_the_usual_ones_does_not_drift():
    for spacing in (7, 33):
        stamps = spacing * np.arange(20_000)
        assert settle_rate(stamps, Fraction(1, 1000), (Fraction(30),)) == Fraction(1000, spacing)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([Fraction(24000, 1001), Fraction(30), Fraction(60000, 1001), Fraction(200)]),
    st.integers(2, 40_000),
)
def test_steady_stamps_give_a_steady_clock_at_their_rate(rate, n):
    unit = Fraction(1, 90_000)
    stamps = np.round(np.arange(n) * float(1 / rate / unit)).astype(np.int64)
    settled = settle_rate(stamps, unit, (rate,))
    assert Clock.of_stamps(stamps, unit, settled) == Clock(rate)
