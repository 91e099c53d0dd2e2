"""What there is to draw, held ready: lanes of the review shown, axes of the scores, tracks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.gui.timeline.lanes import Lane, lanes_of
from napari_mespot.gui.timeline.layout import KINDS, Layout
from napari_mespot.gui.timeline.ruler import nice_top
from napari_mespot.gui.timeline.scene import Scene
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import Expression, ExpressionKind, Interval

__all__ = ["Contents"]

_SHOWN_AT_FIRST = 3


class Contents:
    """What a timeline shows of a session.

    Parameters
    ----------
    session
        Whose review and scores are drawn.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._extras: dict[str, NDArray[np.float32]] = {}
        self._hidden: set[str] = set()
        self._lanes: tuple[Review, dict[ExpressionKind, Lane]] | None = None
        self._tops: dict[ExpressionKind, float] | None = None
        self._left_out: tuple[Review, object, tuple[Expression, ...]] | None = None
        self._reviewed: tuple[tuple[Interval, ...], NDArray[np.int64]] | None = None

    @property
    def tracks(self) -> dict[str, bool]:
        """Names of all tracks, and whether each is shown."""
        names = (*(kind.value for kind in KINDS), *self._extras)
        return {name: name not in self._hidden for name in names}

    def set_extra_tracks(self, tracks: Sequence[tuple[str, ArrayLike]]) -> None:
        """Take further tracks in place of those there are.

        Raises
        ------
        ValueError
            If a track is not as long as the video.
        """
        n_frames = self._session.review.n_frames
        found = {name: np.asarray(values, np.float32) for name, values in tracks}
        for name, values in found.items():
            if values.shape != (n_frames,):
                raise ValueError(f"Expected {name} with shape ({n_frames},), got {values.shape}")
        self._extras = {name: _scaled(values) for name, values in found.items()}
        # A table of action units has dozens: the first are shown, the others are in the menu.
        self._hidden -= set(found)
        self._hidden |= set(list(found)[_SHOWN_AT_FIRST:])

    def show_track(self, name: str, shown: bool) -> None:
        """Show or hide a track."""
        self._hidden = self._hidden - {name} if shown else self._hidden | {name}

    def layout(self, width: float, height: float) -> Layout:
        """Share a size out among all that is shown."""
        tracks = tuple(kind.value for kind in KINDS if kind.value not in self._hidden)
        extras = tuple(name for name in self._extras if name not in self._hidden)
        return Layout.of(width, height, tracks=tracks, extras=extras)

    @property
    def lanes(self) -> dict[ExpressionKind, Lane]:
        """The lanes of the review that is shown."""
        review = self._session.shown
        if self._lanes is None or self._lanes[0] is not review:
            self._lanes = (review, lanes_of(review))
        return self._lanes[1]

    @property
    def tops(self) -> dict[ExpressionKind, float]:
        """Upper ends of the score axes; the same until :meth:`renew_tops`."""
        if self._tops is None:
            smoothed, rules = self._session.smoothed, self._session.shown.rules.detection
            self._tops = {
                kind: nice_top(
                    0.0 if smoothed is None else _highest(smoothed.of_kind(kind)),
                    rules.of_kind(kind).threshold,
                )
                for kind in KINDS
            }
        return self._tops

    def renew_tops(self) -> None:
        """Choose the score axes anew."""
        self._tops = None

    def scene(self, layout: Layout, view: TimeView, colours: TimelineColours) -> Scene:
        """Return all that is drawn."""
        session = self._session
        return Scene(
            review=session.shown,
            lanes=self.lanes,
            scores=session.scores,
            smoothed=session.smoothed,
            left_out=self._left_out_now(),
            reviewed=self._reviewed_now(),
            extras=self._extras,
            tops=self.tops,
            selected=session.selected_uid,
            layout=layout,
            view=view,
            colours=colours,
        )

    def _left_out_now(self) -> tuple[Expression, ...]:
        """Return what is left out of the review that is shown; kept while it is the same."""
        review, scores = self._session.shown, self._session.scores
        held = self._left_out
        if held is None or held[0] is not review or held[1] is not scores:
            self._left_out = held = (review, scores, self._session.left_out)
        return held[2]

    def _reviewed_now(self) -> NDArray[np.int64]:
        ranges = self._session.shown.reviewed
        if self._reviewed is None or self._reviewed[0] is not ranges:
            spans = np.array([(r.onset, r.offset) for r in ranges], np.int64).reshape(-1, 2)
            self._reviewed = (ranges, spans)
        return self._reviewed[1]


def _scaled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a track from 0 (its lowest value, or 0 if that is lower) to 1; else NaN."""
    known = np.isfinite(values)
    if not known.any():
        return np.full_like(values, np.nan)
    low, high = min(float(values[known].min()), 0.0), float(values[known].max())
    out = np.full_like(values, np.nan)
    out[known] = (values[known] - low) / (high - low if high > low else 1.0)
    return out


def _highest(values: NDArray[np.floating]) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
