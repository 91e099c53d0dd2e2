"""Scores as JSON values, the numbers packed without loss: the long part of a session file."""

import base64
import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.model.bounds import MOST_FRAMES, frame_rate_of, whole_number

__all__ = ["pack_scores", "scores_digest", "unpack_scores"]


def pack_scores(signal: ScoreSignal) -> dict[str, Any]:
    """Return scores as JSON values."""
    return {
        "first_frame": signal.first_frame,
        "fps": str(signal.frame_rate),
        "times": clock_text(signal.times),
        "frames": signal.n_frames,
        "kinds": [kind.value for kind in signal.kinds],
        "values": _packed(signal.values.astype("<f4")),
        "found": _packed(np.packbits(signal.found)),
        "breaks": list(signal.breaks),
    }


def unpack_scores(document: Mapping[str, Any], video_id: str) -> ScoreSignal:
    """Return the scores that :func:`pack_scores` has made into JSON values.

    Raises
    ------
    KeyError, TypeError, AttributeError, ValueError, zlib.error
        If the document is damaged.
    """
    n = whole_number(document["frames"], MOST_FRAMES)
    kinds = tuple(ExpressionKind(kind) for kind in document["kinds"])
    if not 0 < len(kinds) == len(set(kinds)):
        raise ValueError("expected scores of some kind, each once")
    rate = frame_rate_of(document["fps"])
    values = np.frombuffer(_unpacked(document["values"], 4 * n * len(kinds)), "<f4")
    bits = np.frombuffer(_unpacked(document["found"], -(-n // 8)), np.uint8)
    return ScoreSignal(
        values.reshape(n, len(kinds)).astype(np.float32),
        np.unpackbits(bits, count=n).astype(np.bool_),
        rate,
        video_id,
        kinds,
        whole_number(document["first_frame"]),
        parse_clock(str(document.get("times", "")), rate),
        tuple(whole_number(frame) for frame in document.get("breaks", ())),
    )


def scores_digest(signal: ScoreSignal) -> str:
    """Return a text that only equal numbers on equal frames have; the frame rate is no part of it.

    It stands for scores where the numbers themselves are kept elsewhere.
    """
    kinds = ",".join(kind.value for kind in signal.kinds)
    digest = hashlib.sha256(f"{signal.first_frame} {signal.n_frames} {kinds}".encode())
    digest.update(signal.values.astype("<f4").tobytes())
    digest.update(np.packbits(signal.found).tobytes())
    digest.update(repr(signal.breaks).encode() if signal.breaks else b"")
    return digest.hexdigest()


def _packed(array: "np.ndarray[Any, Any]") -> str:
    return base64.b64encode(zlib.compress(array.tobytes(), 1)).decode("ascii")


def _unpacked(text: str, n_bytes: int) -> bytes:
    """Unpack what must be so many bytes: a few can stand for all the memory there is."""
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(base64.b64decode(text), n_bytes + 1)
    if len(data) != n_bytes or not unpacker.eof:
        raise ValueError(f"expected {n_bytes} bytes of packed scores")
    return data
