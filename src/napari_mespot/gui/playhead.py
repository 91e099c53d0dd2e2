"""Where in the video we are: the one frame that all views show."""

from fractions import Fraction

from psygnal import Signal

from napari_mespot.model import Clock

__all__ = ["Playhead"]


class Playhead:
    """The current frame.

    Parameters
    ----------
    n_frames
        Length of the video.
    frame_rate
        Frames per second.
    clock
        When each frame is shown; evenly from 0 if None.
    """

    moved = Signal(int)

    def __init__(self, n_frames: int, frame_rate: Fraction, clock: Clock | None = None) -> None:
        if n_frames < 1:
            raise ValueError(f"Expected n_frames >= 1, got {n_frames}")
        self.n_frames = n_frames
        self.frame_rate = frame_rate
        self.clock = Clock(frame_rate) if clock is None else clock
        self._frame = 0

    @property
    def frame(self) -> int:
        """Current frame, 0-based."""
        return self._frame

    @property
    def seconds(self) -> float:
        """Time of the current frame."""
        return float(self.clock.second_of(self._frame))

    def seek(self, frame: int) -> None:
        """Go to a frame, clipped to the video; nothing happens if we are there."""
        frame = min(max(int(frame), 0), self.n_frames - 1)
        if frame != self._frame:
            self._frame = frame
            self.moved.emit(frame)

    def step(self, frames: int) -> None:
        """Go forwards, or backwards, by a number of frames."""
        self.seek(self._frame + frames)
