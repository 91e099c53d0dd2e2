"""Times of other tools and our frames: the one place where they are converted.

Frame f is shown from f / fps to (f + 1) / fps, so an interval starts at onset / fps and stops
at (offset + 1) / fps. A frame is found from a time by rounding: times in milliseconds lie
below the true one for a third of the frames at 30, 60 and 120 per second, and rounding
down would miss those.

What lies before the video, or stops before it starts, is no frame: it is left out and counted,
and what reaches into the video is cut at its first frame.
"""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.notices import Notice
from napari_mespot.model import Annotation, Interval

__all__ = [
    "MILLISECOND",
    "FrameClock",
    "milliseconds",
    "needed_rate",
    "parse_seconds",
    "rate_to_write",
    "start_stop",
]

_QUARTER = Fraction(1, 4)
_LONGEST_S = 10**8
_LARGEST_FRAME = 2**53
_SHORTEST_S = Decimal("1e-12")
MILLISECOND = Fraction(1, 1000)


def start_stop(interval: Interval, rate: Fraction) -> tuple[Fraction, Fraction]:
    """Return the times in seconds at which an interval starts and stops being shown."""
    return interval.onset / rate, (interval.offset + 1) / rate


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
    try:
        number = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or number.copy_abs() > _LONGEST_S:
        raise ValueError(f"expected a time in seconds, got {str(value)[:40]!r}")
    # An exponent of any size is a legal number, and its fraction would fill the memory.
    return Fraction(number if number.copy_abs() > _SHORTEST_S else 0)


def needed_rate(path: Path, given: Fraction | None, stated: Fraction | None) -> Fraction:
    """Return the frame rate given by the user, else the one that the file states.

    Raises
    ------
    AnnotationFormatError
        If there is neither.
    """
    rate = given or stated
    if rate is None:
        raise AnnotationFormatError(
            f"{path}: expected a frame rate to turn its times into frames, got none in the file; "
            "give it (--fps)"
        )
    return rate


def rate_to_write(annotation: Annotation, tool: str, *, in_milliseconds: bool) -> Fraction:
    """Return the frame rate that the times are written with.

    Raises
    ------
    OutputError
        If it is unknown, or frames are shorter than what the tool's clock tells apart.
    """
    rate = annotation.frame_rate
    if rate is None:
        raise OutputError(
            f"{annotation.video_id}: expected a frame rate to write times for {tool}, got none; "
            "give it (--fps)"
        )
    if in_milliseconds and rate > 1000:
        raise OutputError(
            f"{annotation.video_id}: expected at most 1000 frames per second, since {tool} counts "
            f"milliseconds, got {float(rate):g}; write another format"
        )
    return rate


class FrameClock:
    """Turns the times of one file into frames, and counts those that fit badly.

    Parameters
    ----------
    path
        The file, for what is said of it.
    rate
        Frames per second.
    unit
        Seconds between two times that the file can tell apart; 0 if it is exact enough.
    """

    def __init__(self, path: Path, rate: Fraction, unit: Fraction = Fraction(0)) -> None:
        self.path = path
        self.rate = rate
        self._tolerance = max(_QUARTER, unit * rate / 2)
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
            notice(
                f"{self.path}: {self._n_off} of {self._n_times} times lie more than a quarter "
                f"frame from the nearest frame (up to {farthest} away); check that "
                f"the video has {float(self.rate):g} frames per second"
            )
        if self._n_stretched:
            notice(
                f"{self.path}: {self._n_stretched} of its intervals are shorter than half a frame; "
                "each is taken as one frame"
            )

    def _nearest(self, time: Fraction) -> int:
        """Return the frame that begins nearest to `time`; below 0 if before the video."""
        exact = time * self.rate
        if abs(exact) > _LARGEST_FRAME:
            raise AnnotationFormatError(
                f"{self.path}: expected times within a video, got {float(time):g} s at "
                f"{float(self.rate):g} frames per second; check both"
            )
        frame = int((exact + Fraction(1, 2)) // 1)
        if frame < 0:
            return frame
        self._n_times += 1
        distance = abs(exact - frame)
        if distance > self._tolerance:
            self._n_off += 1
            self._farthest = max(self._farthest, distance)
        return frame
