"""Plays a video at true speed: the clock on the wall says which frame is due.

What cannot be drawn in time is left out, so playing never lags behind and never hurries
afterwards to catch up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from time import perf_counter

from qtpy.QtCore import QObject, Qt, QTimer, Signal

from napari_mespot.gui.playhead import Playhead
from napari_mespot.model import Interval

__all__ = ["FLICKER_HZ", "Player", "speeds"]

FLICKER_HZ = 4.0
"""How often per second each of the two flickering frames comes."""

_SPEEDS = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0)
_SHORTEST_MS = 8  # leaves time for drawing and for the user's keys
_LONGEST_MS = 100  # soon enough to see that the user has gone elsewhere


def speeds(frame_rate: float) -> tuple[float, ...]:
    """Return the speeds that there are, rising; the slowest is one frame per second."""
    slowest = 1 / frame_rate
    return (*((slowest,) if slowest < _SPEEDS[0] else ()), *_SPEEDS)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Where in the video (in frames) we were at a time of the clock (in seconds)."""

    at: float
    place: float


class Player(QObject):
    """Moves a playhead as time goes by.

    Parameters
    ----------
    playhead
        What it moves. If somebody else moves it meanwhile, playing goes on from there.
    parent
        Owner.
    clock
        Time in seconds, rising.
    """

    playing_changed = Signal(bool)
    """Playing has begun or ended."""
    speed_changed = Signal(float)
    """The speed is another; below 0 backwards."""
    loop_changed = Signal(object)
    """Another interval is looped; None: no longer."""

    def __init__(
        self,
        playhead: Playhead,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        super().__init__(parent)
        self._playhead, self._clock = playhead, clock
        self._playing = False
        self._speed = 1.0
        self._loop: Interval | None = None
        self._flicker: tuple[int, int, int] | None = None  # two frames, and where we came from
        self._anchor = _Anchor(0.0, 0.0)
        self._due = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def is_playing(self) -> bool:
        """Whether frames follow each other, or flicker."""
        return self._playing

    @property
    def speed(self) -> float:
        """Factor on true speed; below 0 backwards."""
        return self._speed

    @property
    def loop(self) -> Interval | None:
        """The interval that is looped."""
        return self._loop

    @property
    def is_flickering(self) -> bool:
        """Whether two frames flicker."""
        return self._flicker is not None

    def toggle(self) -> None:
        """Play forwards, at the chosen speed, or pause; a loop is kept meanwhile."""
        if self.is_playing:
            self._halt()
            return
        self._set_speed(abs(self._speed))
        if self._loop is None and self._playhead.frame == self._playhead.n_frames - 1:
            self._playhead.seek(0)
        self._start()

    def pause(self) -> None:
        """Stop where we are; looping and flickering end too."""
        self._halt()
        self._set_loop(None)

    def shuttle(self, direction: int) -> None:
        """Play forwards (+1) or backwards (-1); again in the same direction: a notch faster."""
        same = self._speed * direction > 0
        if self.is_playing and same and not self.is_flickering:
            self.change_speed(1)
            return
        self._halt()
        self._set_speed(direction * min(abs(self._speed), 1.0))
        self._start()

    def change_speed(self, direction: int) -> None:
        """Play faster (+1) or slower (-1), by one notch, in the direction that we play in."""
        steps = speeds(float(self._playhead.frame_rate))
        size = abs(self._speed)
        nearest = min(range(len(steps)), key=lambda i: abs(steps[i] - size))
        chosen = steps[min(max(nearest + direction, 0), len(steps) - 1)]
        self._set_speed(chosen if self._speed > 0 else -chosen)

    def toggle_loop(self, interval: Interval | None) -> None:
        """Loop an interval from its onset, or stop if that one (or None) is given again."""
        if self._loop is not None and interval in {None, self._loop} and self.is_playing:
            self.pause()
        elif interval is not None:
            self._halt()
            self._set_loop(interval)
            self._playhead.seek(interval.onset if self._speed > 0 else interval.offset)
            self._start()

    def toggle_flicker(self, onset: int, apex: int) -> None:
        """Show two frames in turn, or stop and go back to where we were."""
        if self.is_flickering:
            self._halt()
            return
        self.pause()
        self._flicker = (onset, apex, self._playhead.frame)
        self._start()

    def _start(self) -> None:
        if self._loop is not None and self._playhead.frame not in self._loop:
            self._set_loop(None)
        self._anchor = _Anchor(self._clock(), float(self._playhead.frame))
        self._due = self._playhead.frame
        self._playing = True
        self._timer.start(0)
        self.playing_changed.emit(True)

    def _halt(self) -> None:
        """Stop the clock; the playhead stays, but comes back from a flicker."""
        if not self._playing:
            return
        self._playing = False
        self._timer.stop()
        flicker, self._flicker = self._flicker, None
        if flicker is not None and self._playhead.frame in flicker[:2]:
            self._playhead.seek(flicker[2])
        self.playing_changed.emit(False)

    def _set_speed(self, speed: float) -> None:
        if speed != self._speed:
            now = self._clock()
            self._anchor = _Anchor(now, self._place(now))
            self._speed = speed
            if self._playing:
                self._timer.start(0)
            self.speed_changed.emit(speed)

    def _set_loop(self, loop: Interval | None) -> None:
        if loop != self._loop:
            self._loop = loop
            self.loop_changed.emit(loop)

    def _place(self, now: float) -> float:
        """Return where in the video we ought to be, in frames; not yet within its ends."""
        clock, passed = self._playhead.clock, (now - self._anchor.at) * self._speed
        if clock.is_even:
            return self._anchor.place + passed * float(clock.rate)
        second = float(clock.seconds_at(self._anchor.place)) + passed
        if self._loop is not None:
            # Frames last differently, so that a loop is a stretch of time before it is one of
            # frames.
            start = float(clock.second_of(self._loop.onset))
            second = start + (second - start) % float(clock.duration_of(self._loop))
        return float(clock.places_at(second))

    def _tick(self) -> None:
        wait_s = self._flickered() if self._flicker is not None else self._played()
        # Seeking may have drawn a frame, which takes its time, or may have stopped us.
        if self._playing:
            self._timer.start(min(max(_SHORTEST_MS, round(1000 * wait_s)), _LONGEST_MS))

    def _flickered(self) -> float:
        """Show the frame of the two that is due; return the time until the next."""
        assert self._flicker is not None  # noqa: S101  (the caller has looked)
        if self._playhead.frame not in self._flicker:
            self._halt()  # the user went elsewhere
            return 0.0
        first, second, _ = self._flicker
        half = 0.5 / FLICKER_HZ
        turn = int((self._clock() - self._anchor.at) / half)
        self._playhead.seek((second, first)[turn % 2])
        return self._anchor.at + (turn + 1) * half - self._clock()

    def _played(self) -> float:
        """Show the frame that is due; return the time until the next."""
        now = self._clock()
        if self._playhead.frame != self._due:
            self._went_elsewhere(now)
        place = self._place(now)
        self._due = self._bounded(place)
        self._playhead.seek(self._due)
        last = self._playhead.n_frames - 1 if self._speed > 0 else 0
        if self._loop is None and self._due == last:
            self._halt()
        return self._until_next(place) - (self._clock() - now)

    def _until_next(self, place: float) -> float:
        """Return the seconds until the frame after the one at a place is due."""
        clock = self._playhead.clock
        if clock.is_even:
            part = place % 1.0 if self._speed > 0 else -place % 1.0
            return (1.0 - part) / (float(clock.rate) * abs(self._speed))
        following = floor(place) + 1 if self._speed > 0 else ceil(place) - 1
        here, there = clock.seconds_at([place, following])
        return float(abs(there - here)) / abs(self._speed)

    def _went_elsewhere(self, now: float) -> None:
        """Go on from where somebody else has put the playhead."""
        self._anchor = _Anchor(now, float(self._playhead.frame))
        if self._loop is not None and self._playhead.frame not in self._loop:
            self._set_loop(None)

    def _bounded(self, place: float) -> int:
        """Return the frame at a place: within the loop or the video."""
        frame = floor(place) if self._speed > 0 else ceil(place)
        if self._loop is not None:
            return self._loop.onset + (frame - self._loop.onset) % self._loop.n_frames
        return min(max(frame, 0), self._playhead.n_frames - 1)
