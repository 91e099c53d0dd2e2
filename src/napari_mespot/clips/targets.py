"""From an annotation to the target of every frame (paper, section 3.1).

A frame is positive from onset to offset, both included, for each kind by itself: ME and MaE
may be present at once. What nobody has looked at is neither positive nor negative.
"""

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

__all__ = ["frame_targets"]

_KINDS = (ExpressionKind.MICRO, ExpressionKind.MACRO)
_UNDECIDED = {ReviewStatus.PREDICTED, ReviewStatus.UNCERTAIN}


def frame_targets(annotation: Annotation) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the target of every frame, and where it is known.

    The rule is that of :meth:`napari_mespot.model.Annotation.state_at`, for all frames at
    once: present is known and 1, looked at and absent is known and 0, and the rest is
    unknown. An annotation without reviewed ranges is therefore known only where a confirmed
    expression is present.

    Parameters
    ----------
    annotation
        With its length, ``n_frames``.

    Returns
    -------
    targets
        Shape (n_frames, 2), float32: 1 where ME, MaE is present; 0 elsewhere.
    known
        Shape (n_frames, 2), bool: False where the target says nothing.

    Raises
    ------
    ValueError
        If the annotation does not say how long its video is.
    """
    if annotation.n_frames is None:
        raise ValueError(
            f"Expected n_frames in the annotation of {annotation.video_id!r}, got None"
        )
    n_frames = annotation.n_frames
    reviewed = _covered(n_frames, list(annotation.reviewed))
    present = np.empty((n_frames, len(_KINDS)), dtype=np.bool_)
    known = np.empty_like(present)
    for column, kind in enumerate(_KINDS):
        expressions = annotation.of_kind(kind)
        confirmed = [e.interval for e in expressions if e.status.is_present]
        present[:, column] = _covered(n_frames, confirmed)
        undecided = _covered(n_frames, [e.interval for e in expressions if _is_undecided(e)])
        known[:, column] = present[:, column] | (reviewed & ~undecided)
    return present.astype(np.float32), known


def _is_undecided(expression: Expression) -> bool:
    return expression.status in _UNDECIDED


def _covered(n_frames: int, intervals: list[Interval]) -> NDArray[np.bool_]:
    """Mark the frames that lie in any of the intervals."""
    edges = np.zeros(n_frames + 1, dtype=np.int64)
    np.add.at(edges, [i.onset for i in intervals], 1)
    np.add.at(edges, [i.offset + 1 for i in intervals], -1)
    return np.cumsum(edges[:-1]) > 0
