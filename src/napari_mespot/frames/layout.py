"""Which picture each frame shows, where frames and pictures are not one to one.

A file whose frames follow a steady beat has frames that show the picture before once more
(dropped while recording), and may have lost some by damage: both keep their place, so that all
that follows keeps its number and its time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LOST", "Layout", "after_loss", "lay_out"]

#: In place of a picture: there was one, and it is lost.
LOST = -1

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Layout:
    """The frames of a video.

    Parameters
    ----------
    shows
        ``(n_frames,)`` number of the picture that each frame shows, :data:`LOST` for none.
    first_slot
        Slot of frame 0.
    n_repeats
        Frames that show the picture before again.
    lost
        Frames whose picture is lost, rising.
    n_lost_before, n_lost_after
        Lost pictures before the first frame and after the last.
    """

    shows: _Ints
    first_slot: int
    n_repeats: int
    lost: _Ints
    n_lost_before: int = 0
    n_lost_after: int = 0

    @property
    def is_one_to_one(self) -> bool:
        """Whether frame *i* shows picture *i*."""
        return self.n_repeats == 0 and len(self.lost) == 0


def lay_out(order: _Ints, slot: _Ints, lost: _Ints) -> Layout:
    """Put pictures into their slots.

    Parameters
    ----------
    order
        ``(n_pictures,)`` number of the packet that each picture came from, as displayed; at
        least one.
    slot
        ``(n_packets,)`` slot of each packet in decode order, −1 for none.
    lost
        Slots of pictures that are known to be lost, rising.

    Returns
    -------
    Layout
        From the first slot with a picture to the last one that has or repeats one.
    """
    # Pictures are displayed in the order of their slots, whichever packets they came from.
    own = np.sort(slot[order])
    first, last = int(own[0]), int(slot.max())
    shows = np.searchsorted(own, np.arange(first, last + 1), side="right") - 1
    gone = lost[(lost > first) & (lost <= last)] - first
    gone = np.setdiff1d(gone, own - first)
    shows[gone] = LOST
    shows = shows[: int(np.flatnonzero(shows != LOST)[-1]) + 1]
    inside = gone[gone < len(shows)]
    n_repeats = len(shows) - len(own) - len(inside)
    before, after = lost < first, lost - first >= len(shows)
    return Layout(shows, first, n_repeats, inside, int(before.sum()), int(after.sum()))


def after_loss(shows: _Ints) -> frozenset[int]:
    """Pictures that come right after lost ones, in frames that show these pictures."""
    places = np.flatnonzero((shows[:-1] == LOST) & (shows[1:] != LOST)) + 1
    return frozenset(shows[places].tolist())
