"""The session: the one place that changes a review, and the one that all views read.

``gesture → edit → Session.commit → journal → changed → views redraw``. A commit of an equal
value is no step, which ends every echo. Undo is the previous value.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_mespot.errors import OutputError
from napari_mespot.gui.documents import change_between
from napari_mespot.gui.history import Bound, History
from napari_mespot.gui.journal import Journal
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.predictions import with_predictions, without_settled
from napari_mespot.gui.review import Item, Review
from napari_mespot.model import Expression, ScoreSignal
from napari_mespot.spotting.params import DetectionParams, SmoothingParams, SpottingParams

if TYPE_CHECKING:
    from napari_mespot.spotting import Found

__all__ = ["Session"]

_Held = tuple[ScoreSignal, DetectionParams, str, "Found"]


class Session:
    """One video under review.

    Parameters
    ----------
    review
        What is known so far.
    coder
        Who works; put into every interval that this person draws.
    journal
        Where every step is written before it counts; None in tests only.
    """

    changed = Signal(object, object)
    """The review that is shown, before and after: ``(old, new)``."""
    selection_changed = Signal(object)
    """Key of the selected item, or None."""
    scores_changed = Signal()
    """Raw or smoothed scores are others than before."""
    stepped = Signal(str, object, object)
    """A step was made, taken back or made again: what, in the user's words, and the review before
    and after it."""
    said = Signal(str)
    """A line for the user: why nothing was changed, or what else there is to know of a step."""
    trouble = Signal(str)
    """The journal could not be written: a text for the user. The step itself stands."""

    def __init__(self, review: Review, *, coder: str = "", journal: Journal | None = None) -> None:
        self._review = review
        self._preview: Review | None = None
        self._history = History()
        self._journal = journal
        self._written = review
        self._selected: str | None = None
        self._streamed: ScoreSignal | None = None
        self._smoothed: tuple[SmoothingParams, ScoreSignal, ScoreSignal] | None = None
        self._found: _Held | None = None
        self._held = ""
        self.coder = coder

    def write_to(self, journal: Journal | None) -> None:
        """Write every step from now on to a journal that holds all up to now, or to none."""
        self._journal, self._written = journal, self._review

    def hold(self, reason: str) -> None:
        """Let no step be made from now on; whoever tries is told why."""
        self._held = reason

    @property
    def review(self) -> Review:
        """The review as committed."""
        return self._review

    @property
    def shown(self) -> Review:
        """The review that views draw: the committed one, or what a drag under way would make."""
        return self._preview or self._review

    @property
    def selected_uid(self) -> str | None:
        """Key of the selected item."""
        return self._selected

    @property
    def selected(self) -> Item | None:
        """The selected item as shown."""
        return self.shown.by_uid.get(self._selected) if self._selected else None

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty if nothing."""
        return self._history.undo_label

    @property
    def redo_label(self) -> str:
        """What redo would do again; empty if nothing."""
        return self._history.redo_label

    @property
    def undo_bound(self) -> Bound:
        """How easily undo may be done."""
        return self._history.bound(self._review)

    def begin_here(self) -> None:
        """Take what there is now as the beginning: nothing before it can be undone."""
        self._history.forget()

    def say(self, line: str) -> None:
        """Tell the user something that is no step."""
        self.said.emit(line)

    def select(self, uid: str | None) -> None:
        """Select an item; a key that is not there selects nothing."""
        uid = uid if uid in self.shown.by_uid else None
        if uid != self._selected:
            self._selected = uid
            self.selection_changed.emit(uid)

    def preview(self, review: Review) -> None:
        """Show a review without making a step of it."""
        self._show(review if review != self._review else None)

    def cancel_preview(self) -> None:
        """Show the committed review again."""
        self._show(None)

    def commit(self, review: Review, label: str) -> None:
        """Make a step; safe on the disk before any view is told.

        Parameters
        ----------
        review
            The new value; one equal to the present is no step.
        label
            What was done, in the user's words, e.g. ``"move onset"``.
        """
        if review == self._review or self._is_held():
            self.cancel_preview()
            return
        self._history.push(self._review, label)
        self._become(review, label)

    def undo(self) -> None:
        """Take the last step back."""
        label = self._history.undo_label
        review = None if self._is_held() else self._history.undo(self._review)
        if review is not None:
            self._become(review, f"undo {label}")

    def redo(self) -> None:
        """Make the step again that was taken back."""
        label = self._history.redo_label
        review = None if self._is_held() else self._history.redo(self._review)
        if review is not None:
            self._become(review, f"redo {label}")

    @property
    def scores(self) -> ScoreSignal | None:
        """Scores as the network gave them; while it runs, those that have come so far."""
        return self.shown.scores if self._streamed is None else self._streamed

    @property
    def whole_scores(self) -> ScoreSignal | None:
        """Scores of a run that came to its end: those that are searched and saved."""
        return self._review.scores

    @property
    def checkpoint(self) -> str:
        """Name of the checkpoint that the whole scores come from."""
        return self._review.checkpoint

    @property
    def smoothed(self) -> ScoreSignal | None:
        """Scores smoothed by the rules that are shown."""
        scores = self.scores
        return None if scores is None else self._smooth(scores, self.shown.rules.smoothing)

    def stream_scores(self, scores: ScoreSignal | None) -> None:
        """Show the scores of a run under way in place of the whole ones; None ends that.

        They are neither searched nor saved: a part of a video is not its scores.
        """
        if scores is not self._streamed:
            self._streamed = scores
            self.scores_changed.emit()

    def set_scores(self, scores: ScoreSignal, rules: SpottingParams, checkpoint: str) -> None:
        """Take the scores of a finished run, and the expressions found in them, as one step."""
        self.stream_scores(None)
        scored = replace(self._review, scores=scores, checkpoint=checkpoint)
        self.commit(self._searched(scored, rules), f"spot with {checkpoint}")

    def with_rules(self, rules: SpottingParams) -> Review:
        """Return the committed review with the predictions that other rules make.

        Nothing that a person has touched changes. Without scores only the rules change.
        """
        return self._searched(self._review, rules)

    @property
    def left_out(self) -> tuple[Expression, ...]:
        """What the rules that are shown leave out as too short, while most of it is unseen."""
        review = self.shown
        if review.scores is None or self._streamed is not None:
            return ()
        return without_settled(
            review, self._find(review.scores, review.rules, review.checkpoint).too_short
        )

    def preview_rules(self, rules: SpottingParams) -> None:
        """Show what other rules would find."""
        self.preview(self.with_rules(rules))

    def commit_rules(self, rules: SpottingParams) -> None:
        """Make other rules, and what they find, a step."""
        self.commit(self.with_rules(rules), "change rules")

    def _searched(self, review: Review, rules: SpottingParams) -> Review:
        """Return a review with the predictions that rules make of its own scores."""
        if review.scores is None:
            return replace(review, rules=rules)
        found = self._find(review.scores, rules, review.checkpoint)
        return with_predictions(review, found.expressions, rules)

    def _find(self, scores: ScoreSignal, rules: SpottingParams, source: str) -> "Found":
        """Find the expressions in scores; those of the last search are kept."""
        from napari_mespot.spotting import search_expressions

        smoothed = self._smooth(scores, rules.smoothing)
        wanted, held = (rules.detection, source), self._found
        if held is None or held[0] is not smoothed or held[1:3] != wanted:
            found = search_expressions(smoothed, rules.detection, source=source)
            self._found = held = (smoothed, *wanted, found)
        return held[3]

    def _smooth(self, scores: ScoreSignal, params: SmoothingParams) -> ScoreSignal:
        from napari_mespot.spotting import smooth

        held = self._smoothed
        if held is None or held[0] != params or held[1] is not scores:
            self._smoothed = held = (params, scores, smooth(scores, params))
        return held[2]

    def _is_held(self) -> bool:
        if self._held:
            self.say(NoticeLine(self._held, "warning"))
        return bool(self._held)

    def _become(self, review: Review, label: str) -> None:
        old_shown, before = self.shown, self._review
        self._review, self._preview = review, None
        self._write(label)
        self._tell(old_shown, is_step=True)
        self.stepped.emit(label, before, review)

    def _write(self, label: str) -> None:
        """Write all that is not in the journal yet; what failed once goes with the next step."""
        if self._journal is None:
            return
        try:
            self._journal.append(label, change_between(self._written, self._review))
        except OutputError as error:
            self.trouble.emit(str(error))
        else:
            self._written = self._review

    def _show(self, preview: Review | None) -> None:
        old = self.shown
        self._preview = preview
        self._tell(old)

    def _tell(self, old: Review, *, is_step: bool = False) -> None:
        # A step is told even where a preview has shown it before: some views wait for steps.
        if self.shown is old and not is_step:
            return
        shown = self.shown
        is_smoothed_anew = shown.rules.smoothing != old.rules.smoothing and self.scores is not None
        has_other_scores = shown.scores is not old.scores
        self.changed.emit(old, shown)
        if has_other_scores or is_smoothed_anew:
            self.scores_changed.emit()
        if self._selected is not None and self._selected not in self.shown.by_uid:
            self.select(None)
