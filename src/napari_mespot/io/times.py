"""Times of other tools and our frames: the one place where they are converted.

The clock of a video says when each frame starts; an interval starts with its first frame and
stops as the frame after its last one starts. Without a clock a video is taken to be steady:
frame f is shown from f / fps to (f + 1) / fps. A frame is found from a time by rounding: times
in milliseconds lie below the true one for a third of the frames at 30, 60 and 120 per second,
and rounding down would miss those.

What lies before the video, or stops before it starts, is no frame: it is left out and counted,
and what reaches into the video is cut at its first frame.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.notices import Notice
from napari_mespot.model import Annotation, Clock, Interval
from napari_mespot.model.bounds import LARGEST_FRAME, LONGEST_S, exact_number, short

__all__ = [
    "MILLISECOND",
    "ClockFinder",
    "FrameClock",
    "clock_to_write",
    "milliseconds",
    "needed_clock",
    "no_clocks",
    "parse_seconds",
    "start_stop",
]

#: Finds the clock of a video by its name; None if that video is not at hand.
ClockFinder = Callable[[str], Clock | None]

_QUARTER = Fraction(1, 4)
MILLISECOND = Fraction(1, 1000)


def start_stop(interval: Interval, clock: Clock) -> tuple[Fraction, Fraction]:
    """Return the times in seconds at which an interval starts and stops being shown."""
    return clock.second_of(interval.onset), clock.end_of(interval.offset)


def milliseconds(time: Fraction) -> int:
    """Round seconds to milliseconds; halves go up, so that no frame loses its length."""
    return int((time * 1000 + Fraction(1, 2)) // 1)


def parse_seconds(value: object) -> Fraction:
    """Read a time in seconds.

    Raises
    ------
    ValueError
        If it is no finite number, or longer than any video.
    """
    text = value if isinstance(value, bool | Fraction) else str(value).strip().replace(",", ".")
    try:
        time = exact_number(text)
    except ValueError:
        time = None
    if time is None or abs(time) > LONGEST_S:
        raise ValueError(f"expected a time in seconds, got {short(value)}")
    return time


def no_clocks(video_id: str) -> None:
    """Find the clock of no video: what is taken where none is at hand."""


def needed_clock(
    path: Path,
    video_id: str,
    given: Fraction | ClockFinder | None,
    *,
    ours: Clock | None = None,
    stated: Clock | None = None,
) -> Clock:
    """Return the clock that the times of a file go by.

    Parameters
    ----------
    path
        The file, for what is said of it.
    video_id
        Name of the video that the file speaks of.
    given
        A frame rate that the user states, which goes before all, or what finds the clock of
        a video at hand.
    ours
        What this program has written into the file: its times were made by that.
    stated
        What another tool has written, which often rounds; the video knows better.

    Raises
    ------
    AnnotationFormatError
        If there is none.
    """
    if isinstance(given, Fraction):
        return Clock(given)
    if ours is not None:
        return ours
    found = None if given is None else given(video_id)
    clock = found or stated
    if clock is None:
        raise AnnotationFormatError(
            f"{path}: expected a frame rate or the video to turn its times into frames, got "
            "neither in the file; give it (--fps or --video)"
        )
    return clock


def clock_to_write(annotation: Annotation, tool: str, *, in_milliseconds: bool) -> Clock:
    """Return the clock that the times are written by.

    Raises
    ------
    OutputError
        If not even the frame rate is known, or frames are shorter than what the tool's clock
        tells apart.
    """
    clock = annotation.clock
    if clock is None:
        raise OutputError(
            f"{annotation.video_id}: expected a frame rate to write times for {tool}, got none; "
            "give it (--fps) or the video (--video)"
        )
    if in_milliseconds and clock.rate > 1000:
        raise OutputError(
            f"{annotation.video_id}: expected at most 1000 frames per second, since {tool} counts "
            f"milliseconds, got {float(clock.rate):g}; write another format"
        )
    return clock


class FrameClock:
    """Turns the times of one file into frames, and counts those that fit badly.

    Parameters
    ----------
    path
        The file, for what is said of it.
    clock
        Of the video.
    unit
        Seconds between two times that the file can tell apart; 0 if it is exact enough.
    """

    def __init__(self, path: Path, clock: Clock, unit: Fraction = Fraction(0)) -> None:
        self.path = path
        self.clock = clock
        self._unit = unit
        self._n_times = self._n_off = self._n_stretched = 0
        self._n_before = self._n_cut = self._n_turned = 0
        self._farthest = Fraction(0)

    def frame(self, time: Fraction) -> int | None:
        """Return the frame that begins nearest to `time`; None if that is before the video.

        Raises
        ------
        AnnotationFormatError
            If the frame has a number that no video reaches.
        """
        frame = self._nearest(time)
        if frame < 0:
            self._n_before += 1
            return None
        return frame

    def interval(self, start: Fraction, stop: Fraction) -> Interval | None:
        """Return the frames shown from `start` to `stop`, at least one.

        Returns
        -------
        Interval or None
            None if it lies before the video, or stops before it starts.

        Raises
        ------
        AnnotationFormatError
            If a frame has a number that no video reaches.
        """
        if stop < start:
            self._n_turned += 1
            return None
        onset, after = self._nearest(start), self._nearest(stop)
        if onset < 0 and after <= 0:
            self._n_before += 1
            return None
        if onset < 0:
            self._n_cut += 1
            onset = 0
        if after <= onset:
            self._n_stretched += 1
        return Interval(onset, max(onset, after - 1))

    def give_notice(self, notice: Notice) -> None:
        """Say what was left out or cut, and how many times lay off the frames, if any did."""
        if self._n_before or self._n_cut:
            notice(
                f"{self.path}: left out, as they lie before the first frame of the video: "
                f"{self._n_before}; cut, as they begin before it: {self._n_cut}"
            )
        if self._n_turned:
            notice(
                f"{self.path}: left out, as they stop before they start: {self._n_turned}; "
                "correct them where they were made"
            )
        if self._n_off:
            farthest = f"{float(self._farthest):.2f}"
            advice = (
                f"has {float(self.clock.rate):g} frames per second"
                if self.clock.is_plain
                else "is the one that was coded"
            )
            notice(
                f"{self.path}: {self._n_off} of {self._n_times} times lie more than a quarter "
                f"frame from the nearest frame (up to {farthest} away); check that "
                f"the video {advice}"
            )
        if self._n_stretched:
            notice(
                f"{self.path}: {self._n_stretched} of its intervals are shorter than half a frame; "
                "each is taken as one frame"
            )

    def _nearest(self, time: Fraction) -> int:
        """Return the frame that begins nearest to `time`; below 0 if before the video."""
        frame = self.clock.frame_at(time) if abs(time) <= LONGEST_S else LARGEST_FRAME + 1
        if abs(frame) > LARGEST_FRAME:
            seconds = f"{float(time):g} s" if abs(time) < 10**300 else "a number of 300 digits"
            raise AnnotationFormatError(
                f"{self.path}: expected times within a video, got {seconds} at "
                f"{float(self.clock.rate):g} frames per second; check both"
            )
        if frame < 0:
            return frame
        self._n_times += 1
        start = self.clock.second_of(frame)
        around = frame - (time < start)
        length = self.clock.end_of(around) - self.clock.second_of(around)
        distance = abs(time - start) / length
        if distance > max(_QUARTER, self._unit / length / 2):
            self._n_off += 1
            self._farthest = max(self._farthest, distance)
        return frame
