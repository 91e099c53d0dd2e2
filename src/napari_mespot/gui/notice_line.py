"""One line for the user, with how much it matters."""

from typing import Literal

__all__ = ["Level", "NoticeLine", "reason_first"]

Level = Literal["info", "warning", "error"]
_EXPECTED = ": expected "


class NoticeLine(str):
    """A text for the user that knows how much it matters.

    Parameters
    ----------
    text
        The line.
    level
        ``"info"``: good to know; ``"warning"``: what is shown may differ from what is meant;
        ``"error"``: something was lost, or could not be done.
    """

    __slots__ = ("level",)
    level: Level

    def __new__(cls, text: str, level: Level = "info") -> "NoticeLine":
        """Return the line."""
        line = super().__new__(cls, text)
        line.level = level
        return line


def reason_first(text: str) -> str:
    """Return an error with its reason first and the full path last, as a narrow line needs it.

    Examples
    --------
    >>> reason_first("/a/b/x.csv, row 1: expected a number, got 'x'")
    "Expected a number, got 'x' (/a/b/x.csv, row 1)"
    """
    where, found, reason = text.partition(_EXPECTED)
    if not found or not ("/" in where or "\\" in where):
        return text
    return f"Expected {reason} ({where})"
