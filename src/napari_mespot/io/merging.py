"""What gives way where annotations are merged into a file that is there, and what stays.

Of the same video and person, the intervals of those coders whose intervals are written give way,
and so do all predictions that nobody has judged, which a program can make again. The intervals of
other coders are somebody's work and stay, as everything does that is none of ours.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from napari_mespot.io.labels import clean
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import Lane, Tier
from napari_mespot.model import Annotation, Expression, ReviewStatus

__all__ = ["GivingWay", "beside"]


@dataclass
class GivingWay:
    """Decides what gives way to an annotation, and counts what stays beside it.

    Parameters
    ----------
    coders
        Whose intervals are written.
    kept
        Intervals that stay, by the name of their tier.
    """

    coders: frozenset[str]
    kept: Counter[str] = field(default_factory=Counter)

    @classmethod
    def to(cls, annotation: Annotation) -> "GivingWay":
        """Return the rule for what gives way to an annotation."""
        judged = (e for e in annotation.expressions if e.status is not ReviewStatus.PREDICTED)
        return cls(frozenset(clean(e.coder) for e in judged))

    def includes(self, tier: Tier, n: int = 1, *, is_apex: bool = False) -> bool:
        """Whether `n` intervals of a tier give way; counts them if they stay."""
        if tier.is_model or tier.owner in self.coders:
            return True
        if n and not is_apex:
            self.kept[tier.name()] += n
        return False

    def includes_expression(self, expression: Expression) -> bool:
        """Whether an interval gives way."""
        is_model = expression.status is ReviewStatus.PREDICTED
        owner = expression.source if is_model else expression.coder
        return self.includes(Tier(expression.kind, is_model, owner=clean(owner)))

    def tell(self, path: Path, notice: Notice) -> None:
        """Say what stays of the same video beside what is written."""
        if self.kept:
            counts = ", ".join(f"{name} {n}" for name, n in sorted(self.kept.items()))
            notice(
                f"{path}: intervals of other coders stay in it: {counts}; to write without them, "
                "say --replace or remove them there"
            )


def beside(lanes: Iterable[Lane], taken: Iterable[str]) -> Sequence[Lane]:
    """Return lanes with numbers such that none has the name of a tier that stays."""
    names = {name.casefold() for name in taken}
    numbered = []
    for lane in lanes:
        tier = lane.tier
        while {tier.name().casefold(), tier.name(apex=True).casefold()} & names:
            tier = replace(tier, number=tier.number + 1)
        names |= {tier.name().casefold()}
        numbered.append(replace(lane, tier=tier))
    return numbered
