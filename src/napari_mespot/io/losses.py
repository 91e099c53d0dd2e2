"""What of an annotation does not survive being written: found by reading it back.

Every format holds some things and not others, and much depends on the content: an interval that
touches the next one, a line break in a note, a video without intervals. So a file is made, read
as it will be read later, and compared, before it takes its place.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from napari_mespot.model import Annotation, Expression, same_video, video_name

__all__ = ["FIELDS", "Losses", "find_losses"]

_OF_EXPRESSION = {
    "apex": "apex",
    "status": "status",
    "score": "score",
    "source": "source",
    "action_units": "action units (AUs)",
    "emotion": "emotion",
    "coder": "coder",
    "notes": "notes",
}
_OF_VIDEO = {
    "subject": "subject",
    "frames": "number of frames",
    "rate": "frame rate",
    "reviewed": "reviewed ranges",
}
_COLUMNS, _NAME, _EMPTY = "columns", "video", "empty videos"
#: All that a format may hold beside intervals and kinds; "columns" are those of other people.
FIELDS = frozenset({*_OF_EXPRESSION, *_OF_VIDEO, _COLUMNS, _NAME, _EMPTY})


@dataclass
class Losses:
    """What a file does not hold, in words and counts.

    Parameters
    ----------
    holds
        What the format has a place for, of :data:`FIELDS`.
    missing
        How often each thing is not there, by its words.
    changed
        How often it is there, but otherwise.
    """

    holds: frozenset[str] = FIELDS
    missing: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed)

    def __str__(self) -> str:
        parts = []
        for what, counts in (("not written", self.missing), ("written otherwise", self.changed)):
            if counts:
                parts.append(f"{what}: {', '.join(_counted(w, n) for w, n in counts.items())}")
        return "; ".join(parts)

    def note(self, held_as: str, word: str, *, is_there: bool) -> None:
        """Count something that differs from what was given."""
        (self.changed if is_there and held_as in self.holds else self.missing)[word] += 1


def find_losses(
    given: Sequence[Annotation],
    back: Sequence[Annotation],
    holds: frozenset[str],
    *,
    clocks_given: bool = False,
) -> Losses:
    """Compare what was to be written with what a reader finds.

    Parameters
    ----------
    given
        One per video.
    back
        As the file is read.
    holds
        What the format has a place for.
    clocks_given
        Whether the reader had to be told the frame rates.
    """
    losses = Losses(holds)
    for annotation in given:
        other = _same(annotation, back)
        if other is None:
            without = " without intervals" if not annotation.expressions else ""
            losses.note(_EMPTY, f"% video(s){without}", is_there=False)
            continue
        _compare_videos(annotation, other, losses, clocks_given=clocks_given)
        _compare_expressions(annotation, other, losses)
    return losses


def _same(annotation: Annotation, back: Sequence[Annotation]) -> Annotation | None:
    """Return what was read of a video: of that subject if there is one, of that name if so."""
    name = annotation.video_id
    alike = [a for a in back if same_video(a.video_id, name)]
    alike = alike or [a for a in back if video_name(a.video_id) == video_name(name)]
    alike = alike or list(back if len(back) == 1 else ())
    exact = [a for a in alike if a.subject_id == annotation.subject_id]
    return next(iter([*exact, *alike]), None)


def _compare_videos(
    one: Annotation, other: Annotation, losses: Losses, *, clocks_given: bool
) -> None:
    if not same_video(one.video_id, other.video_id):
        losses.note(_NAME, "name of the video", is_there=True)
    clock = None if clocks_given else other.clock
    for name, mine, theirs in (
        ("subject", one.subject_id, other.subject_id),
        ("frames", one.n_frames, other.n_frames),
        ("rate", one.clock, clock),
        ("reviewed", one.reviewed, other.reviewed),
    ):
        if mine != theirs:
            losses.note(name, _OF_VIDEO[name], is_there=bool(theirs))


def _compare_expressions(one: Annotation, other: Annotation, losses: Losses) -> None:
    free: dict[object, list[Expression]] = defaultdict(list)
    for expression in other.expressions:
        free[_place(expression)].append(expression)
    rest = []
    for expression in one.expressions:
        if expression in free[_place(expression)]:
            free[_place(expression)].remove(expression)
        else:
            rest.append(expression)
    for expression in rest:
        twins = free[_place(expression)]
        if not twins:
            losses.changed["% interval(s) that touch or overlap others"] += 1
            continue
        twin = min(twins, key=lambda e: len(list(_differences(expression, e))))
        twins.remove(twin)
        for held_as, word, theirs in _differences(expression, twin):
            losses.note(held_as, word, is_there=theirs not in {None, ""})


def _place(expression: Expression) -> object:
    return expression.interval, expression.kind


def _differences(one: Expression, other: Expression) -> Iterable[tuple[str, str, object]]:
    """Return what differs: the name of the field, the word for it, and what came back."""
    for name, word in _OF_EXPRESSION.items():
        theirs = getattr(other, name)
        if getattr(one, name) != theirs:
            yield name, word, theirs
    mine, back = dict(one.extras), dict(other.extras)
    for column in sorted({*mine, *back}):
        if mine.get(column) != back.get(column):
            yield _COLUMNS, f"column {' '.join(column.split())[:40]}", back.get(column)


def _counted(word: str, n: int) -> str:
    """Write ``coder of 3``, ``2 rejected rows``, ``subject``, ``subject of 2 videos``."""
    if word.startswith("%"):
        return word.replace("%", str(n)).replace("(s)", "s" * (n != 1))
    if word in _OF_VIDEO.values() or word == "name of the video":
        return word if n == 1 else f"{word} of {n} videos"
    return f"{word} of {n}"
