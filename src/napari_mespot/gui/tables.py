"""Tables of intervals as shapes layers without a video, and such layers back as tables."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_mespot.errors import OutputError
from napari_mespot.gui.convert import Lanes
from napari_mespot.gui.interval_layer import SESSION_OBJECT_KEY, features_of, shapes_options
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.styles import shape_colours
from napari_mespot.model import Annotation, Expression, Interval, ReviewStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari.types import FullLayerData

__all__ = [
    "ANNOTATION_KEY",
    "OF_MANY_KEY",
    "annotation_of",
    "is_interval_layer",
    "table_layer_data",
    "table_name",
]

ANNOTATION_KEY = "mespot_annotation"
"""Key of a shapes layer's metadata: the annotation that it was made from."""
OF_MANY_KEY = "mespot_of_many"
"""Key of a shapes layer's metadata: whether its table is of several videos."""

_PICTURE = (0, 640)  # a strip of this width, since there is no picture to fit
_ASSUMED_RATE = Fraction(30)


def table_layer_data(
    annotation: Annotation, name: str, *, is_one_of_many: bool = False
) -> "FullLayerData":
    """Return the intervals of a video as (data, options, type) of a shapes layer."""
    review = _review_of(annotation)
    lanes = Lanes.for_video(review.n_frames)
    colours = [shape_colours(item) for item in review.items]
    options: dict[str, Any] = {
        **shapes_options(lanes, _PICTURE),
        "name": name,
        "metadata": {ANNOTATION_KEY: annotation, OF_MANY_KEY: is_one_of_many},
        "features": features_of(review.items),
        "shape_type": "rectangle",
        "edge_width": lanes.height / 12,
    }
    if colours:
        options["face_color"] = np.array([face for face, _ in colours])
        options["edge_color"] = np.array([edge for _, edge in colours])
    rectangles = [lanes.rectangle(i.expression.interval, i.kind) for i in review.items]
    return rectangles or None, options, "shapes"


def is_interval_layer(attributes: "Mapping[str, Any]") -> bool:
    """Whether a shapes layer, as napari hands it to a writer, is one of intervals."""
    metadata = attributes.get("metadata", {})
    return isinstance(metadata.get(SESSION_OBJECT_KEY), Session) or isinstance(
        metadata.get(ANNOTATION_KEY), Annotation
    )


def annotation_of(shapes: "Sequence[np.ndarray]", attributes: "Mapping[str, Any]") -> Annotation:
    """Return the annotation that a shapes layer stands for.

    A layer that shows a session gives all of the session. A layer that was read from a table
    gives its rows with the intervals and kinds that the shapes have now, and new rows for new
    shapes.

    Parameters
    ----------
    shapes
        Vertices of each shape, (n, 2).
    attributes
        As napari hands them to a writer: ``metadata``, ``features`` and more.

    Raises
    ------
    OutputError
        If it is no layer of intervals.
    """
    metadata = attributes.get("metadata", {})
    session = metadata.get(SESSION_OBJECT_KEY)
    if isinstance(session, Session):
        return session.review.annotation()
    annotation = metadata.get(ANNOTATION_KEY)
    if not isinstance(annotation, Annotation):
        raise OutputError(
            f"{attributes.get('name', 'layer')}: expected a layer of intervals, got other shapes; "
            "save those in another format"
        )
    review = _review_of(annotation)
    lanes = Lanes.for_video(review.n_frames)
    features = attributes.get("features")
    uids = list(features["uid"]) if features is not None and "uid" in features else []
    uids += [""] * (len(shapes) - len(uids))
    rows, expressions = frozenset(annotation.expressions), []
    for uid, corners in zip(uids, shapes, strict=False):
        interval, kind = lanes.interval(np.asarray(corners)[:, -2:])
        known = review.by_uid.get(uid)
        if known is None:
            expressions.append(Expression(interval, kind, source="manual"))
            continue
        moved = replace(known, expression=_at(known, interval, lanes, corners, kind))
        expressions.append(_row(moved, rows, review))
    return replace(annotation, expressions=tuple(expressions))


def _at(known: Item, interval: Interval, lanes: Lanes, corners: Any, kind: Any) -> Expression:
    """Return the expression of a row at the place of its shape."""
    old = known.expression
    if lanes.is_canonical(np.asarray(corners)[:, -2:], old.interval, old.kind):
        return old
    apex = None if old.apex is None else min(max(old.apex, interval.onset), interval.offset)
    status = ReviewStatus.LABELLED if known.original is None else ReviewStatus.CORRECTED
    return replace(old, interval=interval, kind=kind, apex=apex, status=status)


def _row(item: Item, rows: frozenset[Expression], review: Review) -> Expression:
    """Return an item as a row: as it was read, or with its original beside it."""
    if item.expression in rows:
        return item.expression
    (row,) = replace(review, items=(item,), reviewed=()).annotation().expressions
    return row


def _review_of(annotation: Annotation) -> Review:
    """Return a review whose items have the keys of the layer's rows."""
    last = max((e.offset for e in annotation.expressions), default=0)
    n_frames = annotation.n_frames or last + 1
    rate = annotation.frame_rate or _ASSUMED_RATE
    fresh = Review(annotation.video_id, n_frames, rate, times=annotation.times)
    return fresh.with_annotation(annotation)


def table_name(path: Path) -> str:
    """Return the name of a layer for a table."""
    return path.name.removesuffix(".csv")
