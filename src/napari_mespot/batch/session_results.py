"""What a session file of the viewer says of its video, read without the viewer.

The viewer writes these files and lies floors above. Here only what a command needs is read: the
intervals with their states, the reviewed ranges, the rules and the scores. Steps that are only
in the journal of an open window are not seen.
"""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from napari_mespot.batch.results import VideoResult
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.clock_text import parse_clock
from napari_mespot.io.file_bytes import file_bytes
from napari_mespot.io.packed_scores import unpack_scores
from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
)
from napari_mespot.model.bounds import frame_rate_of, whole_number
from napari_mespot.spotting.params import SpottingParams

__all__ = ["read_session_result"]

_FORMAT, _VERSION = "napari-mespot session", 1
_DAMAGED = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    RecursionError,
    zlib.error,
)


def read_session_result(path: Path) -> VideoResult:
    """Read a session file.

    Raises
    ------
    AnnotationFormatError
        If it cannot be read, or is none that this version knows.
    """
    try:
        document = json.loads(file_bytes(path).decode("utf-8", "surrogateescape"))
    except OSError as error:
        raise AnnotationFormatError(
            f"{path}: expected a session file, got: {error.strerror}; check the path"
        ) from None
    except (ValueError, RecursionError):
        raise _fault(path, "a damaged file") from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise _fault(path, "a file of another kind")
    if document.get("version") != _VERSION:
        raise _fault(path, f"version {document.get('version')}, made by a later napari-mespot")
    try:
        return _result(path, document)
    except (ValidationError, *_DAMAGED) as error:
        raise _fault(path, f"a damaged file ({type(error).__name__})") from None


def _fault(path: Path, what: str) -> AnnotationFormatError:
    return AnnotationFormatError(
        f"{path}: expected a session file of the viewer, got {what}; leave it out, or open its "
        "video with mespot review"
    )


def _result(path: Path, document: Mapping[str, Any]) -> VideoResult:
    review, scores = document["review"], document["scores"]
    video = path.parent / document["path"]
    return VideoResult(
        file=path,
        annotation=Annotation(
            video_id=review["video"],
            n_frames=whole_number(review["frames"]),
            frame_rate=frame_rate_of(review["fps"]),
            times=parse_clock(str(review.get("times", "")), frame_rate_of(review["fps"])),
            expressions=tuple(_expression(item) for item in review["items"]),
            reviewed=tuple(Interval(onset, offset) for onset, offset in review["reviewed"]),
            subject_id=review["subject"],
        ),
        scores=None if scores is None else unpack_scores(scores, review["video"]),
        rules=SpottingParams.model_validate(review["rules"]),
        checkpoint=str(document["checkpoint"]),
        video=video if video.exists() else None,
        is_session=True,
    )


def _expression(item: Mapping[str, Any]) -> Expression:
    return Expression(
        Interval(item["onset"], item["offset"]),
        ExpressionKind(item["kind"]),
        apex=item.get("apex"),
        score=item.get("score"),
        status=ReviewStatus(item["status"]),
        source=item.get("source", ""),
    )
