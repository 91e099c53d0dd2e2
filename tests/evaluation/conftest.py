"""Annotations drawn as lines of text, one character per frame, to be checked by eye."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

import pytest

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

KINDS = {"m": ExpressionKind.MICRO, "M": ExpressionKind.MACRO}


def drawn(*lines: str, video: str = "v", **changes: object) -> Annotation:
    """Read ``m`` as ME, ``M`` as MaE, ``x`` as a rejected MaE, ``=`` as a reviewed range.

    A run of one character is one expression; overlapping ones stand on separate lines.
    """
    expressions, reviewed = [], []
    for line in lines:
        frame = 0
        for mark, run in groupby(line):
            interval = Interval(frame, frame + len(list(run)) - 1)
            frame = interval.offset + 1
            if mark in KINDS:
                expressions.append(Expression(interval, KINDS[mark]))
            elif mark == "x":
                expressions.append(Expression(interval, KINDS["M"], status=ReviewStatus.REJECTED))
            elif mark == "=":
                reviewed.append(interval)
    n_frames = max(map(len, lines), default=0) or None
    annotation = Annotation(
        video, n_frames=n_frames, expressions=tuple(expressions), reviewed=tuple(reviewed)
    )
    return replace(annotation, **changes)


@pytest.fixture(name="drawn", scope="session")
def drawn_fixture() -> Callable[..., Annotation]:
    return drawn
