"""Reviews as plain JSON values, for the session file and the journal."""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from napari_mespot.gui.review import Item, Review
from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.io.packed_scores import pack_scores, scores_digest, unpack_scores
from napari_mespot.model import (
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)
from napari_mespot.model.bounds import frame_rate_of, whole_number
from napari_mespot.spotting.params import SpottingParams

__all__ = [
    "Change",
    "ScoresOf",
    "change_between",
    "change_from_json",
    "change_to_json",
    "review_from_json",
    "review_to_json",
    "scores_from_json",
    "scores_of_from_json",
    "scores_of_to_json",
]

_DAMAGE = (
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    ArithmeticError,
    RecursionError,
    zlib.error,
)
_TEXTS = ("source", "action_units", "emotion", "coder", "notes")


_NONE_KNOWN: Mapping[str, ScoreSignal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ScoresOf:
    """The scores of a checkpoint, or which they are.

    Parameters
    ----------
    checkpoint
        Name of the checkpoint.
    digest
        Stands for the numbers; empty if there are no scores.
    signal
        The numbers; None if they are to be had elsewhere.
    """

    checkpoint: str = ""
    digest: str = ""
    signal: ScoreSignal | None = None

    @classmethod
    def of(cls, review: Review) -> "ScoresOf":
        """Return the scores of a review."""
        scores = review.scores
        return cls(review.checkpoint, "" if scores is None else scores_digest(scores), scores)

    def put_into(self, review: Review, known: Mapping[str, ScoreSignal]) -> Review:
        """Return the review with these scores, taken from `known` if the numbers are not here.

        Numbers that are nowhere leave the review without scores: those of another run would
        be searched as if they were these.
        """
        signal = known.get(self.digest, self.signal) if self.digest else None
        if signal is not None and signal.clock != review.clock:
            signal = signal.with_clock(review.clock)
        return replace(review, scores=signal, checkpoint=self.checkpoint)


@dataclass(frozen=True, slots=True)
class Change:
    """What turns one review into another.

    Parameters
    ----------
    put
        Items added or replaced.
    drop
        Keys of items taken away.
    reviewed, rules, subject_id, scores
        The new value; None if it stayed.
    """

    put: tuple[Item, ...] = ()
    drop: tuple[str, ...] = ()
    reviewed: tuple[Interval, ...] | None = None
    rules: SpottingParams | None = None
    subject_id: str | None = None
    scores: ScoresOf | None = None

    def apply(self, review: Review, known: Mapping[str, ScoreSignal] = _NONE_KNOWN) -> Review:
        """Return the review after the change.

        Parameters
        ----------
        known
            Scores by digest, for a change that only says which they are.
        """
        changed = {item.uid for item in self.put} | set(self.drop)
        after = replace(
            review,
            items=(*(i for i in review.items if i.uid not in changed), *self.put),
            reviewed=review.reviewed if self.reviewed is None else self.reviewed,
            subject_id=review.subject_id if self.subject_id is None else self.subject_id,
            rules=review.rules if self.rules is None else self.rules,
        )
        return after if self.scores is None else self.scores.put_into(after, known)


def change_between(old: Review, new: Review) -> Change:
    """Return what turns `old` into `new`."""
    before, after = old.by_uid, new.by_uid
    put = tuple(
        item
        for uid, item in after.items()
        if (known := before.get(uid)) is not item and known != item
    )
    return Change(
        put=put,
        drop=tuple(uid for uid in before if uid not in after),
        reviewed=new.reviewed if new.reviewed != old.reviewed else None,
        rules=new.rules if new.rules != old.rules else None,
        subject_id=new.subject_id if new.subject_id != old.subject_id else None,
        scores=None if _has_scores_of(old, new) else ScoresOf.of(new),
    )


def _has_scores_of(old: Review, new: Review) -> bool:
    return new.checkpoint == old.checkpoint and new.scores == old.scores


def change_to_json(change: Change, known: Collection[str] = ()) -> dict[str, Any]:
    """Return a change as JSON values; what stayed is left out, and scores whose digest is known."""
    document: dict[str, Any] = {}
    if change.put:
        document["put"] = [_item_to_json(item) for item in change.put]
    if change.drop:
        document["drop"] = list(change.drop)
    if change.reviewed is not None:
        document["reviewed"] = _ranges_to_json(change.reviewed)
    if change.rules is not None:
        document["rules"] = change.rules.model_dump(mode="json")
    if change.subject_id is not None:
        document["subject"] = change.subject_id
    if change.scores is not None:
        document["scores"] = scores_of_to_json(change.scores, known)
    return document


def change_from_json(document: Mapping[str, Any]) -> Change:
    """Read a change.

    Raises
    ------
    ValueError
        If it is not one.
    """
    with _Reading():
        return Change(
            put=tuple(_item_from_json(d) for d in document.get("put", ())),
            drop=tuple(document.get("drop", ())),
            reviewed=_ranges(document["reviewed"]) if "reviewed" in document else None,
            rules=SpottingParams.model_validate(document["rules"]) if "rules" in document else None,
            subject_id=_text(document["subject"]) if "subject" in document else None,
            scores=scores_of_from_json(document["scores"]) if "scores" in document else None,
        )


def scores_of_to_json(scores: ScoresOf, known: Collection[str] = ()) -> dict[str, Any]:
    """Return which scores there are, with their numbers unless their digest is known."""
    document: dict[str, Any] = {"checkpoint": scores.checkpoint, "digest": scores.digest}
    if scores.signal is not None and scores.digest not in known:
        document["signal"] = {"video": scores.signal.video_id, **pack_scores(scores.signal)}
    return document


def scores_of_from_json(document: Mapping[str, Any]) -> ScoresOf:
    """Read which scores there were, and their numbers if they are there.

    Raises
    ------
    ValueError
        If it says neither.
    """
    with _Reading():
        signal = document.get("signal")
        return ScoresOf(
            _text(document["checkpoint"]),
            _text(document["digest"]),
            None if signal is None else unpack_scores(signal, _text(signal["video"])),
        )


def review_to_json(review: Review) -> dict[str, Any]:
    """Return a review, but for its scores, as JSON values."""
    return {
        "video": review.video_id,
        "frames": review.n_frames,
        "fps": str(review.frame_rate),
        "times": clock_text(review.times),
        "subject": review.subject_id,
        "items": [_item_to_json(item) for item in review.items],
        "reviewed": _ranges_to_json(review.reviewed),
        "rules": review.rules.model_dump(mode="json"),
    }


def review_from_json(document: Mapping[str, Any]) -> Review:
    """Read a review, which is then without scores.

    Raises
    ------
    ValueError
        If it is not one.
    """
    with _Reading():
        return Review(
            video_id=_text(document["video"]),
            n_frames=whole_number(document["frames"]),
            frame_rate=frame_rate_of(document["fps"]),
            times=parse_clock(_text(document.get("times", "")), frame_rate_of(document["fps"])),
            items=tuple(_item_from_json(d) for d in document["items"]),
            reviewed=_ranges(document["reviewed"]),
            subject_id=_text(document["subject"]),
            rules=SpottingParams.model_validate(document["rules"]),
        )


def scores_from_json(document: Mapping[str, Any], video_id: str) -> ScoreSignal:
    """Read scores.

    Raises
    ------
    ValueError
        If they are none.
    """
    with _Reading():
        return unpack_scores(document, video_id)


class _Reading:
    """Turn whatever a damaged document raises into one ValueError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ValidationError):
            raise ValueError(f"damaged: {error.errors()[0]['msg']}") from None
        if isinstance(error, _DAMAGE):
            raise ValueError(f"damaged: {type(error).__name__} {error}") from None


def _item_to_json(item: Item) -> dict[str, Any]:
    document = {"uid": item.uid, **_expression_to_json(item.expression)}
    if item.original is not None:
        document["original"] = _expression_to_json(item.original)
    return document


def _item_from_json(document: Mapping[str, Any]) -> Item:
    original = document.get("original")
    return Item(
        str(document["uid"]),
        _expression_from_json(document),
        None if original is None else _expression_from_json(original),
    )


def _expression_to_json(expression: Expression) -> dict[str, Any]:
    document: dict[str, Any] = {
        "kind": expression.kind.value,
        "onset": expression.onset,
        "offset": expression.offset,
        "status": expression.status.value,
    }
    for name in ("apex", "score"):
        if getattr(expression, name) is not None:
            document[name] = getattr(expression, name)
    document.update({n: v for n, v in asdict(expression).items() if n in _TEXTS and v})
    if expression.extras:
        document["extras"] = [list(pair) for pair in expression.extras]
    return document


def _expression_from_json(document: Mapping[str, Any]) -> Expression:
    return Expression(
        Interval(document["onset"], document["offset"]),
        ExpressionKind(document["kind"]),
        apex=document.get("apex"),
        score=document.get("score"),
        status=ReviewStatus(document["status"]),
        extras=tuple((str(name), str(value)) for name, value in document.get("extras", ())),
        **{name: _text(document.get(name, "")) for name in _TEXTS},
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {value!r}")
    return value


def _ranges_to_json(ranges: tuple[Interval, ...]) -> list[list[int]]:
    return [[r.onset, r.offset] for r in ranges]


def _ranges(document: list[list[int]]) -> tuple[Interval, ...]:
    return tuple(Interval(onset, offset) for onset, offset in document)
