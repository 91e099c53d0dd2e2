"""Choose the packets at which decoding may start."""

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.index import KeyPackets
from napari_mespot.frames.survey import PacketTable

__all__ = ["key_packets"]


def key_packets(packets: PacketTable, rank: NDArray[np.int64], n_pictures: int) -> KeyPackets:
    """Key packets with the first picture each reaches, which is its own or the next one shown.

    Parameters
    ----------
    packets
        All packets.
    rank
        ``(n_packets,)`` number of the picture that each reaches; outside
        ``[0, n_pictures)`` for none.
    n_pictures
        Number of pictures.
    """
    rows = np.flatnonzero(packets.key & (rank >= 0) & (rank < n_pictures))
    rows = rows[np.argsort(rank[rows], kind="stable")]
    return KeyPackets(
        rank[rows].astype(np.int64),
        packets.pts[rows],
        packets.dts[rows],
        packets.pos[rows],
        rows.astype(np.int64),
    )
