"""Where in the video a look helps most: the ranking of a session, made when it is asked for.

Free of Qt. The ranking of a review and its scores is kept until one of them is another.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.model import Annotation, ScoreSignal

if TYPE_CHECKING:
    from napari_mespot.gui.playhead import Playhead
    from napari_mespot.spotting.review_order import Stretch

__all__ = ["UsefulStretches"]

_MOST = 200


@dataclass(frozen=True, slots=True)
class _Ranking:
    review: Review
    smoothed: ScoreSignal | None
    stretches: "tuple[Stretch, ...]"


class UsefulStretches:
    """The stretches of a session that are worth a look, and the one that is being looked at.

    Parameters
    ----------
    session, playhead
        What it ranks, and where we are.
    """

    def __init__(self, session: Session, playhead: "Playhead") -> None:
        self._session, self._playhead = session, playhead
        self._ranking: _Ranking | None = None
        self._visited: Stretch | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether the ranking is that of what is shown, so that asking costs nothing."""
        held = self._ranking
        return (
            held is not None
            and held.review is self._session.shown
            and held.smoothed is self._whole_smoothed()
        )

    @property
    def ranked(self) -> "tuple[Stretch, ...]":
        """At most 200 stretches, the most useful first; takes tens of milliseconds if not fresh."""
        if not self.is_fresh or self._ranking is None:
            self._ranking = self._rank()
        return self._ranking.stretches

    @property
    def here(self) -> "Stretch | None":
        """The stretch that was gone to, while it is in view and not settled."""
        visited = self._visited
        if visited is None or self._playhead.frame not in visited.interval:
            return None
        return next((s for s in self.ranked if s.frame == visited.frame), None)

    @property
    def is_selected(self) -> bool:
        """Whether the selected item is the one that was gone to."""
        selected, visited = self._session.selected, self._visited
        return (
            selected is not None
            and visited is not None
            and selected.expression == visited.doubts[0].found
        )

    @property
    def next(self) -> "Stretch | None":
        """The stretch to go to: the most useful one, or the one after that which is in view."""
        ranked, here = self.ranked, self.here
        if not ranked:
            return None
        return ranked[0 if here is None else (ranked.index(here) + 1) % len(ranked)]

    def visit(self, stretch: "Stretch") -> None:
        """Go to a stretch: select its prediction, if it has one, and show the doubtful frame."""
        self._visited = stretch
        found = stretch.doubts[0].found
        items = self._session.shown.items if found is not None else ()
        self._session.select(next((i.uid for i in items if i.expression == found), None))
        self._playhead.seek(stretch.frame)

    def _whole_smoothed(self) -> ScoreSignal | None:
        """Return the scores to rank; those of a run under way are not whole and do not count."""
        session = self._session
        if session.whole_scores is None or session.scores is not session.whole_scores:
            return None
        return session.smoothed

    def _rank(self) -> _Ranking:
        from napari_mespot.spotting.review_order import ScoredVideo, rank_stretches

        review, smoothed = self._session.shown, self._whole_smoothed()
        annotation = Annotation(
            review.video_id,
            review.n_frames,
            review.frame_rate,
            tuple(item.expression for item in review.items),
            review.reviewed,
            times=review.times,
        )
        video = ScoredVideo(annotation, smoothed, review.rules)
        return _Ranking(review, smoothed, rank_stretches([video], top=_MOST))
