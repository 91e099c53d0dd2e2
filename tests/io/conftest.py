"""Annotations of every shape that a file must carry."""

from fractions import Fraction

import pytest
from hypothesis import strategies as st

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

TEXT = st.text(
    st.one_of(
        st.sampled_from("=+-@'\t\r\n\",; #éß中🙂\u2028\x85\x00\ufeff"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=8,
)
NAME = TEXT.filter(bool)
OURS = {"video", "subject", "kind", "onset", "apex", "offset", "fps", "onset_s", "offset_s"}
OURS |= {"duration_s", "action_units", "emotion", "status", "source", "score", "coder", "notes"}
EXTRAS = st.dictionaries(NAME.filter(lambda n: n not in OURS), TEXT, max_size=2)


@st.composite
def expressions(draw: st.DrawFn, n_frames: int) -> Expression:
    onset = draw(st.integers(0, n_frames - 1))
    offset = draw(st.integers(onset, n_frames - 1))
    return Expression(
        Interval(onset, offset),
        draw(st.sampled_from(ExpressionKind)),
        apex=draw(st.none() | st.integers(onset, offset)),
        score=draw(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
        status=draw(st.sampled_from(ReviewStatus)),
        extras=tuple(draw(EXTRAS).items()),
        **{n: draw(TEXT) for n in ("source", "action_units", "emotion", "coder", "notes")},
    )


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    n_frames = draw(st.one_of(st.integers(0, 300), st.integers(1, 2**40)))
    ends = st.lists(st.integers(0, max(0, n_frames - 1)), min_size=2, max_size=2).map(sorted)
    ranges = st.lists(ends.map(lambda e: Interval(*e)), max_size=3) if n_frames else st.just([])
    rates = st.fractions(min_value=Fraction(1, 1000), max_value=100_000) | st.sampled_from(
        [Fraction(30), Fraction(30000, 1001), Fraction(25, 2), Fraction("29.97")]
    )
    return Annotation(
        draw(NAME),
        n_frames=draw(st.sampled_from([n_frames, None])),
        frame_rate=draw(st.none() | rates),
        expressions=tuple(draw(st.lists(expressions(n_frames), max_size=2)) if n_frames else ()),
        reviewed=tuple(draw(ranges)),
        subject_id=draw(TEXT),
    )


@pytest.fixture(scope="session")
def any_annotations() -> st.SearchStrategy[list[Annotation]]:
    """Lists of annotations of different videos."""
    return st.lists(annotations(), max_size=3, unique_by=lambda a: (a.video_id, a.subject_id))
