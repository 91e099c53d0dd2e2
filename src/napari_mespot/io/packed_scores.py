"""Scores as JSON values, the numbers packed without loss: the long part of a session file."""

import base64
import hashlib
import zlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.model import ExpressionKind, ScoreSignal

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
    n = int(document["frames"])
    kinds = tuple(ExpressionKind(kind) for kind in document["kinds"])
    values = np.frombuffer(_unpacked(document["values"]), "<f4").reshape(n, len(kinds))
    bits = np.frombuffer(_unpacked(document["found"]), np.uint8)
    return ScoreSignal(
        values.astype(np.float32),
        np.unpackbits(bits, count=n).astype(np.bool_),
        Fraction(document["fps"]),
        video_id,
        kinds,
        int(document["first_frame"]),
        parse_clock(str(document.get("times", "")), Fraction(document["fps"])),
        tuple(int(frame) for frame in document.get("breaks", ())),
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


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))
