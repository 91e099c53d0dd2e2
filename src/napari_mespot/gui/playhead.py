"""Where in the video we are: the one frame that all views show."""

from fractions import Fraction

from psygnal import Signal

__all__ = ["Playhead"]


class Playhead:
    """The current frame.

    Parameters
    ----------
    n_frames
        Length of the video.
    frame_rate
        Frames per second.
    """

    moved = Signal(int)

    def __init__(self, n_frames: int, frame_rate: Fraction) -> None:
        if n_frames < 1:
            raise ValueError(f"Expected n_frames >= 1, got {n_frames}")
        self.n_frames = n_frames
        self.frame_rate = frame_rate
        self._frame = 0

    @property
    def frame(self) -> int:
        """Current frame, 0-based."""
        return self._frame

    @property
    def seconds(self) -> float:
        """Time of the current frame."""
        return float(self._frame / self.frame_rate)

    def seek(self, frame: int) -> None:
        """Go to a frame, clipped to the video; nothing happens if we are there."""
        frame = min(max(int(frame), 0), self.n_frames - 1)
        if frame != self._frame:
            self._frame = frame
            self.moved.emit(frame)

    def step(self, frames: int) -> None:
        """Go forwards, or backwards, by a number of frames."""
        self.seek(self._frame + frames)
