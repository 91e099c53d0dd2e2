"""Tiers: the named rows of intervals that other tools have.

A tier holds one kind of expression from one source, and its name says so:
``ME``, ``MaE@AB`` (coder AB), ``ME_model@synthetic-v1`` (predictions nobody has judged),
``ME_2@AB`` (what overlaps the intervals of ``ME@AB``: no tool lets intervals of one tier
overlap). Each has a tier of apexes beside it: ``ME_apex@AB``, ``ME_apex_2@AB``.

Other people write ``ME AB`` and ``AB_ME``, or have one tier whose texts are the kinds; both are
read where they can mean one thing only, and told.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from napari_mespot.io.cells import parse_kind, split_kind
from napari_mespot.io.labels import (
    clean,
    is_unit_number,
    label_of,
    with_label,
)
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

__all__ = ["Lane", "Tier", "TierReader", "lanes", "listed", "parse_tier"]

_SUFFIXES = re.compile(
    r"^(?P<kind>.*?)(?P<model>[ _]model)?(?P<apex>[ _]?apex)?(?P<number>_\d+)?$", re.IGNORECASE
)
# Who coded, where no @ says so. P1 and S1 are participants to most laboratories.
_CODER = re.compile(
    r"(?!AU|ID|NO|AL|[PS]\d)[A-Z]{1,3}\d{0,2}|(?i:coder|rater|annotator|observer)[ _-]?\w{1,12}",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tier:
    """The name of a tier, taken apart.

    Parameters
    ----------
    kind
        ME or MaE; None for a tier of apexes that does not say whose, and for one whose texts
        are the kinds.
    is_model
        Whether its expressions are predictions nobody has judged.
    number
        1, or higher for what overlaps the intervals of the tier before.
    owner
        The coder, or the source of predictions; may be empty.
    """

    kind: ExpressionKind | None
    is_model: bool = False
    number: int = 1
    owner: str = ""

    def name(self, *, apex: bool = False) -> str:
        """Return the name of the tier, or of the tier with its apexes."""
        text = "" if self.kind is None else self.kind.value
        text += "_model" * self.is_model + "_apex" * apex
        text += f"_{self.number}" if self.number > 1 else ""
        return text + (f"@{self.owner}" if self.owner else "")

    def expression(self, interval: Interval, kind: ExpressionKind) -> Expression:
        """Return the expression of an interval, with what the tier says of it."""
        if self.is_model:
            predicted = ReviewStatus.PREDICTED
            return Expression(interval, kind, status=predicted, source=self.owner)
        return Expression(interval, kind, coder=self.owner)


@dataclass(frozen=True, slots=True)
class Lane:
    """Expressions of one tier that do not overlap, in order."""

    tier: Tier
    expressions: tuple[Expression, ...]

    def labelled(self) -> list[tuple[Expression, str]]:
        """Return each expression with its text, which leaves out what the tier says."""
        tier = self.tier
        return [(e, label_of(e, tier.expression(e.interval, e.kind))) for e in self.expressions]


def parse_tier(name: str, owner: str = "") -> tuple[Tier, bool] | None:
    """Read the name of a tier.

    Parameters
    ----------
    name
        As a person or this program wrote it: ``ME``, ``micro-expression``, ``MaE_apex@AB``,
        ``ME AB``.
    owner
        Who made the tier, if its name does not say.

    Returns
    -------
    (Tier, bool) or None
        The tier, and whether it holds apexes; None if it is none of ours.
    """
    base, at, after = clean(name).partition("@")
    match = _SUFFIXES.match(base.strip())
    if match is None:
        return None
    is_apex = match["apex"] is not None
    kind, coder = None, ""
    if match["kind"] or not is_apex:
        found = _kind_and_coder(match["kind"], is_alone=not at)
        if found is None:
            return None
        kind, coder = found
    number = int(match["number"][1:6]) if match["number"] else 1
    owner = after if at else coder or clean(owner)
    return Tier(kind, match["model"] is not None, number, owner), is_apex


def _kind_and_coder(text: str, *, is_alone: bool) -> tuple[ExpressionKind, str] | None:
    """Read ``ME``, and if it `is_alone` ``ME AB`` or ``AB_ME``."""
    try:
        return parse_kind(text), ""
    except ValueError:
        pass
    found = split_kind(text) if is_alone else None
    if found is None or not _CODER.fullmatch(found[1] + found[2]):
        return None
    return found[0], found[1] + found[2]


def lanes(annotation: Annotation, *, owners: bool = True) -> tuple[Lane, ...]:
    """Sort the expressions of a video into tiers without overlaps.

    Parameters
    ----------
    annotation
        The video.
    owners
        Whether each coder, and each source of predictions, has tiers of its own.
    """
    rows: dict[Tier, list[list[Expression]]] = defaultdict(list)
    for expression in annotation.expressions:
        is_model = expression.status is ReviewStatus.PREDICTED
        owner = clean(expression.source if is_model else expression.coder) if owners else ""
        of_tier = rows[Tier(expression.kind, is_model, owner=owner)]
        for row in of_tier:
            if row[-1].offset < expression.onset:
                row.append(expression)
                break
        else:
            of_tier.append([expression])
    return tuple(
        Lane(replace(tier, number=number), tuple(row))
        for tier, of_tier in rows.items()
        for number, row in enumerate(of_tier, start=1)
    )


@dataclass
class TierReader:
    """Gathers what the tiers of a file hold, and puts apexes to their expressions."""

    ignored: dict[str, None] = field(default_factory=dict)
    guessed: dict[str, str] = field(default_factory=dict)
    n_tiers: int = 0
    _expressions: list[tuple[Tier, Expression]] = field(default_factory=list)
    _apexes: list[tuple[Tier, int]] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)

    def tier(self, name: str, owner: str = "") -> tuple[Tier, bool] | None:
        """Read the name of a tier; remember it if it is none of ours, or says so its own way."""
        found = parse_tier(name, owner)
        if found is None:
            self.ignored[clean(name)] = None
            return None
        self.n_tiers += 1
        tier, is_apex = found
        if tier.owner not in {owner, ""} and "@" not in name:
            self.guessed[clean(name)] = tier.name(apex=is_apex)
        return found

    def tier_of_kinds(self, name: str, owner: str, texts: Iterable[str]) -> Tier | None:
        """Take a tier whose every text is a kind, for a file without a tier named as one."""
        if not all(kind_and_rest(text) for text in texts):
            return None
        self.n_tiers += 1
        self.ignored.pop(clean(name), None)
        self.guessed[clean(name)] = "ME and MaE, by its texts"
        return Tier(None, owner=clean(owner))

    def add(
        self,
        tier: Tier,
        interval: Interval | None,
        text: str,
        edited: Callable[[Expression], Expression] | None = None,
    ) -> None:
        """Take an interval of a tier that is not one of apexes; none where there is none.

        Where the tier has no kind, the text says it. `edited` adds what is known otherwise.

        Raises
        ------
        ValueError
            If neither does.
        """
        if tier.kind is None:
            found = kind_and_rest(text)
            if found is None:
                raise ValueError(f"Expected a tier with a kind, got {tier}")
            tier, text = replace(tier, kind=found[0]), found[1]
        if interval is None or tier.kind is None:
            return
        if is_unit_number(clean(text)):
            self._numbers.append(len(self._expressions))
        expression = with_label(tier.expression(interval, tier.kind), text)
        self._expressions.append((tier, edited(expression) if edited else expression))

    def add_apex(self, tier: Tier, frame: int | None) -> None:
        """Take an apex; none where there is none."""
        if frame is not None:
            self._apexes.append((tier, frame))

    def expressions(self) -> tuple[tuple[Expression, ...], int, int]:
        """Return the expressions with their apexes.

        Also how many apexes belong to none, and how many texts are bare numbers. These are
        action units where another text of the file is a code, and notes where none is.
        """
        found = [expression for _, expression in self._expressions]
        n_numbers = len(self._numbers)
        if any(e.action_units for e in found):
            n_numbers = 0
            for i in self._numbers:
                found[i] = replace(found[i], action_units=found[i].notes, notes="")
        onsets = np.array([e.onset for e in found], np.int64)
        offsets = np.array([e.offset for e in found], np.int64)
        n_lone = 0
        for tier, frame in self._apexes:
            # A time between two frames may be rounded to the frame after the last.
            here = np.flatnonzero((onsets <= frame) & (frame <= offsets + 1))
            index = self._home(tier, frame, {int(i): found[i] for i in here})
            if index is None:
                n_lone += 1
            else:
                found[index] = replace(found[index], apex=min(frame, found[index].offset))
        return tuple(found), n_lone, n_numbers

    def _home(self, tier: Tier, frame: int, near: Mapping[int, Expression]) -> int | None:
        """Return the index of the expression that an apex belongs to: the best of those near."""
        ranked = []
        for index, expression in near.items():
            home = self._expressions[index][0]
            same_kind = tier.kind is None or (tier.kind, tier.is_model) == (
                home.kind,
                home.is_model,
            )
            if same_kind and expression.apex is None:
                fit = (frame > expression.offset, home != tier, home.owner != tier.owner)
                ranked.append((*fit, expression.interval.n_frames, index))
        return min(ranked)[-1] if ranked else None


def kind_and_rest(text: str) -> tuple[ExpressionKind, str] | None:
    """Read a text that is a kind, or begins with one: ``micro``, ``ME: 4B+7C``."""
    text = clean(text)
    try:
        return parse_kind(text), ""
    except ValueError:
        found = split_kind(text)
    return (found[0], found[2]) if found is not None and found[2] else None


def listed(names: Iterable[str], most: int = 8) -> str:
    """Return some names in one line."""
    names = list(names)
    return ", ".join(n[:40] for n in names[:most]) + (" …" if len(names) > most else "")
