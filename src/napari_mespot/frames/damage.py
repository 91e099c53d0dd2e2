"""Damaged frames: noted while they are read, and told in one line."""

from collections.abc import Iterable

import numpy as np
from av.video.frame import VideoFrame

__all__ = ["DamageLog", "Doubt", "frame_ranges"]

_SHOWN_RANGES = 4


class DamageLog:
    """What was found damaged so far.

    Attributes
    ----------
    lost
        Frames that cannot be decoded.
    doubtful
        Frames that came out, but are patched up or build on a frame that is damaged.
    """

    def __init__(self) -> None:
        self.lost: set[int] = set()
        self.doubtful: set[int] = set()

    def texts(self, name: str, n_frames: int) -> tuple[str, ...]:
        """Return one line about the damage of a video of `n_frames` frames; none without."""
        parts = []
        if self.lost:
            parts.append(
                f"{_counted(len(self.lost))} of {n_frames} cannot be decoded "
                f"({frame_ranges(self.lost)})"
            )
        if self.doubtful:
            parts.append(
                f"{_counted(len(self.doubtful))} may be smeared ({frame_ranges(self.doubtful)})"
            )
        if not parts:
            return ()
        return (f"{name} is damaged: {', '.join(parts)}; do not trust what is found there.",)


class Doubt:
    """Whether pictures in display order can be trusted: not after damage, up to a key picture.

    Attributes
    ----------
    is_open
        Whether the picture looked at last is patched up, or may build on damage.
    """

    def __init__(self) -> None:
        self.is_open = False

    def note_loss(self) -> None:
        """Take note that the next picture is lost."""
        self.is_open = True

    def look_at(self, picture: VideoFrame) -> None:
        """Take note of the next picture."""
        self.is_open = picture.is_corrupt or (self.is_open and not picture.key_frame)


def frame_ranges(frames: Iterable[int]) -> str:
    """Write frame numbers for people: ``frame 7`` or ``frames 3-9, 12``."""
    numbers = np.array(sorted(frames), np.int64)
    ends = np.flatnonzero(np.diff(numbers) > 1)
    starts = numbers[np.concatenate([[0], ends + 1])]
    stops = numbers[np.concatenate([ends, [len(numbers) - 1]])]
    shown = [
        f"{start}" if start == stop else f"{start}-{stop}"
        for start, stop in zip(starts[:_SHOWN_RANGES], stops, strict=False)
    ]
    more = ", ..." if len(starts) > _SHOWN_RANGES else ""
    word = "frame" if len(numbers) == 1 else "frames"
    return f"{word} {', '.join(shown)}{more}"


def _counted(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"
