"""Annotations that other tools can hold, and what of them must survive."""

from fractions import Fraction

from hypothesis import strategies as st

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
RATES = [Fraction(r) for r in (25, 30, 60, 120, 200, 500, 1000)] + [Fraction(30000, 1001)]
WORDS = st.text(
    st.sampled_from('abcAU:|"<>&[]!= \n\t;é中🙂\x00\x0b\ud800') | st.characters(), max_size=12
)
FEW_WORDS = WORDS | st.sampled_from(["", "item [3]", "intervals [2]", "notes: x | AU: 4", '"'])

CLIP = Annotation(
    "clip",
    n_frames=300,
    frame_rate=Fraction(30),
    expressions=(
        Expression(Interval(12, 20), ME, apex=15, action_units="4B+7C", coder="AB", notes="left"),
        Expression(Interval(21, 21), ME, apex=21, coder="AB"),
        Expression(Interval(10, 119), MAE, apex=60, emotion="joy", coder="AB"),
        Expression(Interval(40, 90), MAE, coder="AB"),
        Expression(
            Interval(200, 210),
            ME,
            apex=204,
            score=0.75,
            status=ReviewStatus.PREDICTED,
            source="synthetic-v1",
        ),
        Expression(Interval(220, 230), ME, score=0.5, status=ReviewStatus.REJECTED, source="s"),
    ),
    reviewed=(Interval(0, 99), Interval(200, 299)),
    subject_id="006",
)


@st.composite
def expressions(draw: st.DrawFn, n_frames: int) -> Expression:
    onset = draw(st.integers(0, n_frames - 1))
    offset = draw(st.integers(onset, n_frames - 1))
    status = draw(st.sampled_from(sorted(set(ReviewStatus) - {ReviewStatus.REJECTED})))
    return Expression(
        Interval(onset, offset),
        draw(st.sampled_from(ExpressionKind)),
        apex=draw(st.none() | st.integers(onset, offset)),
        score=draw(st.none() | st.floats(0, 1)),
        status=status,
        **{n: draw(FEW_WORDS) for n in ("source", "action_units", "emotion", "coder", "notes")},
    )


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    n_frames = draw(st.integers(1, 40) | st.integers(1, 400_000))
    ranges = st.tuples(st.integers(0, n_frames - 1), st.integers(0, n_frames - 1))
    return Annotation(
        "clip",
        n_frames=n_frames,
        frame_rate=draw(st.sampled_from(RATES)),
        expressions=tuple(draw(st.lists(expressions(n_frames), max_size=6))),
        reviewed=tuple(Interval(*sorted(r)) for r in draw(st.lists(ranges, max_size=2))),
    )


def spans(annotation: Annotation) -> list[tuple[str, int, int, int]]:
    """Kind, onset, offset and apex (-1 if there is none) of each expression, in order."""
    return sorted(
        (e.kind.value, e.onset, e.offset, -1 if e.apex is None else e.apex)
        for e in annotation.expressions
    )


def statuses(annotation: Annotation) -> list[tuple[int, int, str]]:
    return sorted((e.onset, e.offset, e.status.value) for e in annotation.expressions)


def scores(annotation: Annotation) -> list[tuple[int, int, float]]:
    found = (e for e in annotation.expressions if e.score is not None)
    return sorted((e.onset, e.offset, e.score) for e in found)
