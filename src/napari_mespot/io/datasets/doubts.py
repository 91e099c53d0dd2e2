"""Labels that are read as they stand, but that a person should know of before training on them.

Nothing is mended here: each doubt is a :class:`LabelProblem` whose remedy is that the label is
kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from napari_mespot.io.datasets.dataset import LabelProblem
from napari_mespot.model import Annotation, Expression, ExpressionKind, parse_facs

__all__ = ["EYE_CODES", "doubts_of"]

#: Action units of blinks: eyes closed, blink, wink.
EYE_CODES = frozenset({43, 45, 46})
#: Where head and eyes are turned, and what hides the face.
_POSTURE_CODES = frozenset({*range(51, 75), 84, 85})
_BOUNDARY_S = Fraction(1, 2)
_LONGEST_MAE_S = 4
_KEPT = "kept as it is"


def doubts_of(
    annotations: Iterable[Annotation],
    source: str,
    longest_s: Mapping[ExpressionKind, float] | None = None,
) -> tuple[LabelProblem, ...]:
    """Return what is doubtful in the labels of a data set, in order of videos and frames.

    Parameters
    ----------
    annotations
        The labels as the sheet states them.
    source
        Name of the sheet or folder, for labels that do not name theirs.
    longest_s
        The longest interval that a recipe reports, per kind. A label of more than twice that
        length can never reach an IoU of 0.5.
    """
    found: list[LabelProblem] = []
    for annotation in annotations:
        for expression in annotation.expressions:
            for rule, raw in _of_label(expression, annotation.frame_rate, longest_s or {}):
                found.append(_problem(expression, annotation, source, rule, raw))
        for kind in ExpressionKind:
            found += _overlaps(annotation, kind, source)
    return tuple(found)


def _of_label(
    label: Expression, frame_rate: Fraction | None, longest_s: Mapping[ExpressionKind, float]
) -> Iterator[tuple[str, str]]:
    if frame_rate is not None:
        yield from _of_length(label, label.interval.n_frames / frame_rate, longest_s)
    numbers = parse_facs(label.action_units).numbers
    if numbers and numbers <= EYE_CODES:
        yield "an expression is more than a blink", f"AUs {label.action_units}"
    elif numbers and numbers <= EYE_CODES | _POSTURE_CODES:
        yield "an expression moves the face", f"AUs {label.action_units}, head or eyes alone"


def _of_length(
    label: Expression, length_s: Fraction, longest_s: Mapping[ExpressionKind, float]
) -> Iterator[tuple[str, str]]:
    lasts = f"{float(length_s):.3f} s"
    if label.kind is ExpressionKind.MICRO and length_s > _BOUNDARY_S:
        yield "an ME lasts no more than 0.5 s", lasts
    if label.kind is ExpressionKind.MACRO and length_s <= _BOUNDARY_S:
        yield "an MaE lasts more than 0.5 s", lasts
    if label.kind is ExpressionKind.MACRO and length_s > _LONGEST_MAE_S:
        yield "an MaE lasts no more than 4 s", lasts
    longest = longest_s.get(label.kind)
    if longest is not None and length_s > 2 * longest:
        reach = f"the longest {label.kind} that the recipe reports lasts {longest:g} s"
        yield "a label can reach an IoU of 0.5", f"{lasts}; {reach}"


def _overlaps(annotation: Annotation, kind: ExpressionKind, source: str) -> Iterator[LabelProblem]:
    """Yield labels that begin inside an earlier one of their kind, which one track cannot part."""
    last: Expression | None = None
    for label in annotation.of_kind(kind):
        if last is not None and label.onset <= last.offset:
            raw = f"{kind} {label.onset}..{label.offset} begins inside {last.onset}..{last.offset}"
            yield _problem(label, annotation, source, "labels of one kind lie apart", raw)
        if last is None or label.offset > last.offset:
            last = label


def _problem(
    label: Expression, annotation: Annotation, source: str, rule: str, raw: str
) -> LabelProblem:
    row = dict(label.extras).get("sheet_row", "")
    who = annotation.video_id
    text = f"{who}, {label.kind} {label.onset}..{label.offset}: {raw}"
    return LabelProblem(source, int(row) if row.isdigit() else None, rule, text, _KEPT)
