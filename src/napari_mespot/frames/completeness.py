"""Compare what a video states about itself with what was found in it."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from napari_mespot.frames.avi_index import read_main_rate
from napari_mespot.frames.index import PacketIndex
from napari_mespot.frames.mp4_tables import SampleTables, video_tables
from napari_mespot.frames.rate import format_rate, steps_between
from napari_mespot.frames.survey import PacketTable, StreamFacts
from napari_mespot.model import Clock

__all__ = ["completeness_warnings"]

#: Rates of moving pictures lie between these; others come from damaged heads, or from slides.
_LIKELY_FPS = (Fraction(1, 2), Fraction(100_000))
_SAME_RATE = 1.05
#: Part of a frame by which a stated duration may exceed the last frame's end.
_SLACK_FRAMES = 0.75


def completeness_warnings(
    path: Path, packets: PacketTable, facts: StreamFacts, index: PacketIndex
) -> list[str]:
    """Say what is missing or contradicts itself, in a file that is not cut short.

    Parameters
    ----------
    path
        The video.
    packets, facts
        What was found in it, and what it states.
    index
        The index that was made of it.
    """
    texts = []
    tables = video_tables(path, len(packets))
    counts = tables.counts if tables is not None else ()
    stated = max(_stated(facts, index), *counts, 0)
    there = len(packets) if counts else index.n_frames + _missing_inside(index.clock)
    if tables is not None and stated > there and tables.leaves_frames_out:
        texts.append(
            f"{path.name} shows {index.n_frames} of the {stated} frames it holds: an edit list "
            "leaves the others out, or its head is damaged."
        )
    elif stated > there:
        texts.append(
            f"{path.name} states {stated} frames, and {index.n_frames} are there: it is damaged, "
            "or part of a longer one; copy it again if more should be there."
        )
    return texts + _rate_warnings(path, index.clock.rate, tables)


def _rate_warnings(path: Path, rate: Fraction, tables: SampleTables | None) -> list[str]:
    texts = []
    main = read_main_rate(path)
    if main is not None and not 1 / _SAME_RATE < main / rate < _SAME_RATE:
        texts.append(
            f"{path.name} states {format_rate(rate)} frames per second in one place and "
            f"{format_rate(main)} in another: its head may be damaged; give the frame rate if "
            "times are wrong."
        )
    if not _LIKELY_FPS[0] <= rate <= _LIKELY_FPS[1]:
        texts.append(
            f"{path.name} states {format_rate(rate)} frames per second, which is unlikely: its "
            "head may be damaged; give the frame rate, or copy the file again."
        )
    elif tables is not None and not tables.times_agree:
        texts.append(
            f"{path.name} lasts {tables.media_s:.5g} s by one of its tables and "
            f"{tables.track_s:.5g} s by another: its head may be damaged, and times may be wrong; "
            "give the frame rate, or copy the file again."
        )
    return texts


def _stated(facts: StreamFacts, index: PacketIndex) -> int:
    """Frames by the stated duration of a file that holds nothing but pictures; 0 if unknown."""
    clock = index.clock
    if facts.stated_s is None or (clock.ticks is not None and _missing_inside(clock) == 0):
        return 0
    begins_s = int(index.stamps[0]) * facts.time_base if len(index.stamps) else 0
    exact = float((facts.stated_s - begins_s) * clock.rate)
    slack = _SLACK_FRAMES + float(2 * facts.time_base * clock.rate)
    there = index.n_frames + _missing_inside(clock)
    return round(exact) if exact - there >= slack else 0


def _missing_inside(clock: Clock) -> int:
    if clock.ticks is None:
        return 0
    steps = steps_between(clock.ticks[:-1])
    return 0 if steps is None else int(np.sum(steps - 1))
