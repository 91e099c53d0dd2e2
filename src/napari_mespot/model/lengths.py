"""How long micro- and macro-expressions last, and what to say of one that lasts otherwise."""

from fractions import Fraction

from napari_mespot.model.expression import ExpressionKind

__all__ = ["LONGEST_MAE_S", "SHORTEST_MAE_S", "kind_of_length", "length_remark"]

SHORTEST_MAE_S = Fraction(1, 2)
"""What lasts less is a micro-expression; what lasts just as long may be either."""
LONGEST_MAE_S = Fraction(4)


def kind_of_length(seconds: Fraction) -> ExpressionKind:
    """Return the kind that an expression of some length is by definition."""
    return ExpressionKind.MICRO if seconds < SHORTEST_MAE_S else ExpressionKind.MACRO


def length_remark(kind: ExpressionKind, seconds: Fraction) -> str:
    """Say in a few words how a length contradicts a kind; empty if it does not.

    The kind is what a person or a model says, and some data sets hold longer micro-expressions:
    a remark, never an error.

    Examples
    --------
    >>> length_remark(ExpressionKind.MICRO, Fraction(3, 2))
    'an ME lasts 0.5 s at most'
    """
    if kind is ExpressionKind.MICRO:
        return "" if seconds <= SHORTEST_MAE_S else "an ME lasts 0.5 s at most"
    if seconds < SHORTEST_MAE_S:
        return "an MaE lasts 0.5 s or more"
    return "an MaE lasts 4 s at most" if seconds > LONGEST_MAE_S else ""
