"""The packet index: which frames a video has, and where decoding must start for each.

A frame's number is its rank in display order. Two ways of knowing a decoded frame again are
needed:

* **by stamp** – its presentation time stamp (pts) is looked up among the sorted stamps;
* **by count** – where stamps are missing or guessed (AVI with B-frames, bare H.264), every
  packet is numbered in decode order, and one full decode has told which number is displayed
  when.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.packet_extras import PacketExtra
from napari_mespot.frames.picture import Display
from napari_mespot.frames.watched_file import FileIdentity
from napari_mespot.model import Clock

__all__ = ["NO_STAMP", "KeyPackets", "PacketIndex"]

#: Stands for an unknown pts, dts or byte position.
NO_STAMP = int(np.iinfo(np.int64).min)

_Ints = NDArray[np.int64]
_STEADY = Clock(Fraction(30))


@dataclass(frozen=True, eq=False)
class KeyPackets:
    """Packets at which decoding may start, sorted by `frame`; arrays of equal length.

    Parameters
    ----------
    frame
        First frame that decodes correctly from here on. Leading frames of an open group of
        pictures are shown before their key frame and belong to the key before it.
    pts, dts, pos
        Time stamps and byte position of the packet; :data:`NO_STAMP` if unknown.
    ordinal
        Its number in decode order.
    """

    frame: _Ints
    pts: _Ints
    dts: _Ints
    pos: _Ints
    ordinal: _Ints

    def __len__(self) -> int:
        return len(self.frame)

    def before(self, frame: int) -> int:
        """Row of the last key packet from which `frame` can be reached; −1 if there is none."""
        return int(np.searchsorted(self.frame, frame, side="right")) - 1


@dataclass(frozen=True, eq=False)
class PacketIndex:
    """What is known of a video without decoding it again.

    Parameters
    ----------
    stamps
        ``(n_frames,)`` sorted pts of the frames; empty when frames are known by count.
    shown_at
        ``(n_packets,)`` display rank of each packet in decode order, −1 if it shows nothing;
        empty when frames are known by stamp.
    keys
        Where decoding may start.
    height, width
        Size of a frame as displayed. Pictures of other sizes are fitted into it.
    spare_bits
        How many of the highest bits of deep samples are unused in the whole video.
    clock
        When each frame is shown.
    warnings
        One line per thing the user should know.
    seek_by
        What the container seeks by: ``"pts"``, ``"dts"`` or ``"pos"`` (bytes).
    made_from
        The file it was made from; whoever opens the video again compares it.
    extras
        What the decoder must be told beside the packets.
    shows
        ``(n_frames,)`` number of the picture that each frame shows, −1 where it is lost; empty
        when frame *i* shows picture *i*. All else here counts pictures.
    """

    stamps: _Ints
    shown_at: _Ints
    keys: KeyPackets
    height: int
    width: int
    clock: Clock = _STEADY
    warnings: tuple[str, ...] = ()
    seek_by: str = "pts"
    made_from: FileIdentity | None = None
    spare_bits: int = 0
    extras: tuple[PacketExtra, ...] = ()
    shows: _Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def by_count(self) -> bool:
        """Whether frames are known by packet number instead of time stamp."""
        return len(self.shown_at) > 0

    @property
    def n_pictures(self) -> int:
        """Number of pictures that can be shown."""
        return int(self.shown_at.max()) + 1 if self.by_count else len(self.stamps)

    def display(self) -> Display:
        """Return what turns pictures of this video into arrays."""
        return Display(self.height, self.width, self.spare_bits)

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.shows) or self.n_pictures

    def picture_of(self, frame: int) -> int:
        """Return the picture that a frame shows; −1 if it is lost."""
        return int(self.shows[frame]) if len(self.shows) else frame

    def promised(self, key: int) -> int:
        """First frame that decoding from key packet `key` should give; −1 is the file's start."""
        return int(self.keys.frame[key]) if key >= 0 else 0

    def frame_of(self, stamp: int | None) -> int | None:
        """Frame number of a decoded picture that carries `stamp`; None if it is not ours.

        In by-count mode the stamp *is* the frame number, put on the packet before decoding.
        """
        if stamp is None:
            return None
        if self.by_count:
            return stamp
        place = int(np.searchsorted(self.stamps, stamp))
        if place < len(self.stamps) and int(self.stamps[place]) == stamp:
            return place
        return None
