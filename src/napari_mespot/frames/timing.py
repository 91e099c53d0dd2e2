"""When the frames of a video file are shown, from its stamps, and what the user should know."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.damage import frame_ranges
from napari_mespot.frames.layout import Layout
from napari_mespot.frames.rate import format_rate, steps_between, uneven_spacing
from napari_mespot.frames.survey import PacketTable, StreamFacts
from napari_mespot.model import Clock

__all__ = ["clock_of", "clock_warnings", "layout_warnings"]

# Containers state their beginning in microseconds.
_START_UNIT_S = Fraction(1, 1_000_000)
# What a missing end leaves may lack its in-between pictures; that is told elsewhere.
_LAST_FEW = 8
_SHOWN_HOLES = 4
#: Pictures that start later than this, and than a frame, are told of.
_NOTABLE_S = Fraction(1, 20)


def clock_of(
    kept: NDArray[np.int64],
    stamps: NDArray[np.int64],
    packets: PacketTable,
    facts: StreamFacts,
    rate: Fraction,
) -> Clock:
    """Make the clock of a video.

    Parameters
    ----------
    kept
        ``(n_frames,)`` rising stamps of the frames.
    stamps
        Rising stamps of all pictures, those included that cannot be decoded.
    packets, facts
        What the file states.
    rate
        Average frames per second.
    """
    if len(kept) == 0:
        return Clock(rate)
    after = int(np.searchsorted(stamps, kept[-1], side="right"))
    last = packets.last_duration if after == len(stamps) else int(stamps[after] - kept[-1])
    return Clock.of_stamps(
        kept,
        facts.time_base,
        rate,
        starts_late_s=_lateness(int(kept[0]), facts),
        last=last if last > 0 else None,
    )


def layout_warnings(name: str, layout: Layout) -> list[str]:
    """Tell of frames that repeat the one before, and of lost ones."""
    texts = []
    if layout.n_repeats:
        texts.append(
            f"{name}: {layout.n_repeats} of {len(layout.shows)} frames were dropped while "
            "recording (empty in the file); the picture before is shown again in their place."
        )
    if len(layout.lost):
        texts.append(
            f"{name} is damaged: {len(layout.lost)} of {len(layout.shows)} frames are lost "
            f"({frame_ranges(layout.lost)}); the others keep their number and time."
        )
    texts += [
        f"{name} is damaged: {count} frames at its {place} are lost and left out."
        for place, count in (("beginning", layout.n_lost_before), ("end", layout.n_lost_after))
        if count
    ]
    return texts


def clock_warnings(name: str, clock: Clock, *, overridden: bool = False) -> list[str]:
    """Tell of a variable rate and of a late first picture.

    Parameters
    ----------
    name
        Of the file.
    clock
        Of the file.
    overridden
        Whether the user gave a rate, in place of that clock.
    """
    uneven, texts = None, []
    if clock.ticks is not None and (steps := steps_between(clock.ticks[:-1])) is not None:
        texts += _holes_texts(name, steps, overridden=overridden)
    elif clock.ticks is not None:
        starts = clock.ticks[:-1]
        uneven = uneven_spacing(starts[: max(3, len(starts) - _LAST_FEW)], clock.tick_s, clock.rate)
    if uneven is not None:
        spacing = f"a frame every {uneven[0] * 1000:.4g} to {uneven[1] * 1000:.4g} ms"
        meaning = (
            "its own times are passed over, since a frame rate was given"
            if overridden
            else f"seconds are the video's own, {format_rate(clock.rate)} fps is their average"
        )
        texts.append(f"{name} has a variable frame rate ({spacing}): {meaning}.")
    late = clock.starts_late_s
    if not overridden and late >= max(_NOTABLE_S, 1 / clock.rate):
        texts.append(
            f"{name}: the first picture is shown {float(late):.4g} s after the file begins; "
            "seconds are counted from there, as players do."
        )
    return texts


def _holes_texts(name: str, steps: NDArray[np.int64], *, overridden: bool) -> list[str]:
    missing = int(np.sum(steps - 1))
    if missing == 0:
        return []
    places = ", ".join(str(frame) for frame in np.flatnonzero(steps > 1)[:_SHOWN_HOLES])
    noun = "frame is" if missing == 1 else "frames are"
    meaning = (
        "that is passed over, since a frame rate was given"
        if overridden
        else "the others keep their time"
    )
    return [
        f"{name}: {missing} of {missing + len(steps) + 1} {noun} missing, after frame {places} "
        f"(dropped while recording, or lost by damage); {meaning}."
    ]


def _lateness(first: int, facts: StreamFacts) -> Fraction:
    """Time of the first picture since the beginning of the file.

    What a file holds before 0 is run-in of the sound, which players pass over, unless pictures
    are there too.
    """
    shown = first * facts.time_base
    begins = shown if facts.starts_at_s is None else facts.starts_at_s
    if begins < 0 <= shown:
        begins = Fraction(0)
    late = max(shown - begins, Fraction(0))
    in_units = round(late / facts.time_base) * facts.time_base
    return in_units if abs(in_units - late) <= _START_UNIT_S else late
