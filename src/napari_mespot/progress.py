"""Progress reports from long calls, and how to cancel them.

A long call takes ``progress: ProgressCallback | None`` and calls it now and then, always
from the calling thread. Cancelling is the callback raising :class:`Cancelled`; the long
call lets it pass, after releasing what it holds.
"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Cancelled", "Progress", "ProgressCallback", "renamed", "report"]


class Cancelled(Exception):
    """Raised by a progress callback to stop the call that reports to it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come.

    Parameters
    ----------
    stage
        What is being done, in the user's words, e.g. ``"spotting"``.
    done, total
        Finished and expected units (frames, steps). ``done <= total``.
    """

    stage: str
    done: int
    total: int

    @property
    def fraction(self) -> float:
        """Part done, from 0 to 1; an empty stage is complete."""
        return self.done / self.total if self.total else 1.0


ProgressCallback = Callable[[Progress], None]


def report(callback: ProgressCallback | None, stage: str, done: int, total: int) -> None:
    """Tell `callback`, if there is one, how far `stage` has come."""
    if callback is not None:
        callback(Progress(stage, done, total))


def renamed(callback: ProgressCallback | None, stage: str) -> ProgressCallback | None:
    """Return a callback that tells `callback` of another stage, e.g. which video of how many."""
    if callback is None:
        return None
    return lambda progress: callback(Progress(stage, progress.done, progress.total))
