"""What a container tells the decoder beside the packets, which a seek would lose.

A palette or a new set of parameters comes with the packet from which it holds, once; a palette
most often with the first one of the file. Whoever starts elsewhere must be told again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from av.packet import Packet, PacketSideData
from av.video.stream import VideoStream

__all__ = ["ExtrasWatch", "PacketExtra", "attach", "outlast_a_seek"]

#: Kinds that hold until the next of their kind, by the numbers FFmpeg gives them.
_KINDS = ("palette", "new_extradata", "param_change")
_PALETTE = _KINDS.index("palette")


@dataclass(frozen=True, slots=True)
class PacketExtra:
    """One thing told.

    Parameters
    ----------
    ordinal
        Number of the packet, in decode order, from which on it holds.
    kind
        FFmpeg's number of its kind: 0 palette, 1 codec data, 2 parameters.
    data
        What is told.
    """

    ordinal: int
    kind: int
    data: bytes


class ExtrasWatch:
    """Follows a stream from its first packet on and notes what is told beside the packets."""

    def __init__(self) -> None:
        self.extras: list[PacketExtra] = []
        self._last: dict[int, bytes] = {}

    def look_at(self, ordinal: int, packet: "Packet[VideoStream]") -> None:
        """Take note of what comes with a packet, if it is new."""
        for kind, name in enumerate(_KINDS):
            if packet.has_sidedata(name):  # type: ignore[arg-type]
                data = bytes(packet.get_sidedata(name))  # type: ignore[arg-type]
                if data != self._last.get(kind):
                    self._last[kind] = data
                    self.extras.append(PacketExtra(ordinal, kind, data))


def attach(packet: "Packet[VideoStream]", ordinal: int, extras: Sequence[PacketExtra]) -> None:
    """Put on a packet all that was told up to it.

    Parameters
    ----------
    packet
        The first packet that the decoder is given after a seek.
    ordinal
        Its number in decode order.
    extras
        Of the whole stream, in order.
    """
    holds = {extra.kind: extra.data for extra in extras if extra.ordinal <= ordinal}
    for kind, data in holds.items():
        told = PacketSideData(kind, len(data))  # type: ignore[call-arg]
        told.update(data)
        packet.set_sidedata(told)


def outlast_a_seek(extras: Sequence[PacketExtra]) -> bool:
    """Whether the decoder keeps something told later on that must not hold before.

    A palette is always told anew; what the codec was first told is known to a new decoder only.
    """
    return any(extra.kind != _PALETTE for extra in extras)
