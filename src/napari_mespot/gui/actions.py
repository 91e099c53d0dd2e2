"""Everything a reviewer does, by name: keys, buttons and menus all call these.

An action does nothing where it makes no sense (no interval selected, already at the end), and
says so in one line; it never raises for that.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from psygnal import Signal

from napari_mespot.errors import EditError
from napari_mespot.gui import edits
from napari_mespot.gui.candidates import neighbour
from napari_mespot.gui.history import Bound
from napari_mespot.gui.notice_line import Level, NoticeLine
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.reach import is_near, reach
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.step_text import place_of_change, step_text
from napari_mespot.gui.useful import UsefulStretches
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus, kind_of_length

__all__ = ["PlayerControls", "ReviewActions"]

if TYPE_CHECKING:
    from napari_mespot.gui.action_table import Action

_ME, _MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
_NEW_INTERVAL_S = {_ME: 0.2, _MAE: 0.5}
_NOTHING_SELECTED = "Nothing is selected: click an interval, or press N for the next"


class PlayerControls(Protocol):
    """What the actions need of the player."""

    def toggle(self) -> None:
        """Play or pause."""

    def pause(self) -> None:
        """Stop where we are."""

    def shuttle(self, direction: int) -> None:
        """Play forwards (+1) or backwards (-1); again in the same direction: faster."""

    def change_speed(self, direction: int) -> None:
        """Play faster (+1) or slower (-1), by one notch."""

    def toggle_loop(self, interval: Interval | None) -> None:
        """Start to loop an interval, or stop looping."""

    def toggle_flicker(self, onset: int, apex: int) -> None:
        """Start to flicker between two frames, or stop."""


class ReviewActions:
    """The actions on one session.

    Parameters
    ----------
    session, playhead, player
        What they act on.
    """

    go_to_asked = Signal()
    """The user wants to type a frame or a time."""
    fit_asked = Signal(object)
    """The user wants to see an interval in the timeline, or (None) the whole video."""
    fit_picture_asked = Signal()
    """The user wants to see the whole picture, as large as it goes."""
    save_asked = Signal()
    """The user wants the session saved."""
    keys_asked = Signal()
    """The user wants to see the keys."""
    done = Signal(str)
    """An action of :data:`ACTIONS` was done by key or button: its name."""

    def __init__(self, session: Session, playhead: Playhead, player: PlayerControls) -> None:
        self.session = session
        self.playhead = playhead
        self.player = player
        self.is_candidate: Callable[[Item], bool] | None = None
        """Which items next and previous stop at; None: any that nobody has settled."""
        self.candidate_key: Callable[[Item], tuple[float, int, str]] | None = None
        """Order in which next and previous go; None: in order of time, from where we are."""
        self.useful = UsefulStretches(session, playhead)
        """The stretches that are worth a look."""
        self._drawn_from: int | None = None

    def perform(self, action: "Action", *, held: bool = False) -> None:
        """Do an action of the table, and say so; `held`: once more, while the key is held."""
        run = action.run_on if held and action.run_on is not None else action.run
        run(self)
        self.done.emit(action.name)

    # -- moving ---------------------------------------------------------------------------

    def step(self, frames: int) -> None:
        """Go by some frames."""
        self.player.pause()
        self.playhead.step(frames)

    def next_candidate(self) -> None:
        """Go to the next item that nobody has settled."""
        self._go_to_candidate(forwards=True)

    def previous_candidate(self) -> None:
        """Go to the item before that nobody has settled."""
        self._go_to_candidate(forwards=False)

    def next_useful(self) -> None:
        """Go to the stretch where a look helps most; once there, to the one after it."""
        stretch = self.useful.next
        if stretch is None:
            self._say("No stretch is left that is worth a look")
            return
        self.player.pause()
        self.useful.visit(stretch)

    def go_to_item(self, uid: str) -> None:
        """Select an item and show its apex, or its onset if there is none."""
        item = self.session.shown.by_uid.get(uid)
        if item is None:
            return
        self.player.pause()
        self.session.select(uid)
        apex = item.expression.apex
        self.playhead.seek(item.onset if apex is None else apex)

    # -- deciding -------------------------------------------------------------------------

    def set_status(self, status: ReviewStatus) -> None:
        """Accept, reject or mark the selected item as uncertain."""
        self._change(lambda r, i: edits.set_status(r, (i.uid,), status), status.value)

    def decide(self, status: ReviewStatus) -> None:
        """Set the status of the selected item and go on: the way that led to it."""
        go_on = self.next_useful if self.useful.is_selected else self.next_candidate
        has_one = self.session.selected is not None
        self.set_status(status)
        if has_one:
            go_on()

    def set_kind(self, kind: ExpressionKind) -> None:
        """Make the selected item an ME or MaE."""
        self._change(lambda r, i: edits.set_kind(r, i.uid, kind), f"make it {kind.value}")

    def remove(self) -> None:
        """Delete the selected item if a person drew it, else reject it."""
        self._change(lambda r, i: edits.remove_items(r, (i.uid,)), "remove")

    # -- changing intervals ---------------------------------------------------------------

    def onset_here(self) -> None:
        """Let the item that is meant begin at the current frame."""
        self._change_here(edits.set_onset, "set onset")

    def offset_here(self) -> None:
        """Let the item that is meant end at the current frame."""
        self._change_here(edits.set_offset, "set offset")

    def apex_here(self) -> None:
        """Put the apex of the item that is meant at the current frame."""
        self._change_here(edits.set_apex, "set apex")

    def nudge(self, onset: int, offset: int) -> None:
        """Move onset and offset of the selected item by some frames, if it is in view."""

        def moved(review: Review, item: Item) -> Review:
            first, last = item.onset + onset, item.offset + offset
            if not is_near(review, item, self.playhead.frame):
                raise EditError(
                    f"Frame {self.playhead.frame} is not near {item.name}: go there first"
                )
            if last < first:
                raise EditError(f"{item.name} is one frame long: it gets no shorter")
            if first < 0 or last >= review.n_frames:
                raise EditError(f"{item.name} reaches to the end of the video")
            return edits.move_interval(review, item.uid, first, last)

        self._change(moved, "nudge")

    def split_here(self) -> None:
        """Split the selected item; the current frame begins the second part."""

        def split(review: Review, item: Item) -> Review:
            frame = self.playhead.frame
            if not item.onset < frame <= item.offset:
                raise EditError(
                    f"Frame {frame} is not inside of {item.name}: go to the frame that begins "
                    "its second part"
                )
            return edits.split_item(review, item.uid, frame)[0]

        self._change(split, "split")

    def merge_with_next(self) -> None:
        """Join the selected item with the next one of its kind, if that touches it."""

        def merged(review: Review, item: Item) -> Review:
            return edits.merge_items(review, (item.uid, edits.next_to_merge(review, item.uid).uid))

        self._change(merged, "merge")

    def press_new(self) -> None:
        """Begin an interval at the current frame (key down)."""
        if self._drawn_from is None:
            self._drawn_from = self.playhead.frame

    def release_new(self) -> None:
        """End the interval at the current frame (key up); a mere tap makes a short one."""
        start, end = self._drawn_from, self.playhead.frame
        self._drawn_from = None
        if start is None:
            return
        if start == end:
            self.new_here()
            return
        self.add_interval(Interval(min(start, end), max(start, end)))

    def new_here(self, kind: ExpressionKind = _ME) -> None:
        """Make an interval that begins at the current frame, as short as its kind may be."""
        start, last = self.playhead.frame, self.playhead.n_frames - 1
        end = start + self.playhead.clock.least_frames(start, _NEW_INTERVAL_S[kind]) - 1
        self.add_interval(Interval(start, min(end, last)), kind)

    def add_interval(self, interval: Interval, kind: ExpressionKind | None = None) -> None:
        """Add an interval that a person drew, and select it.

        Parameters
        ----------
        kind
            ME or MaE; by default what its length makes it.
        """
        kind = kind or kind_of_length(self.session.review.seconds(interval))
        review, uid = edits.add_interval(
            self.session.review, interval, kind, coder=self.session.coder
        )
        self.session.commit(review, f"draw {kind.value}")
        self.session.select(uid)

    # -- back and forth ---------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last step back and go to where it was; the first spotting stays."""
        session = self.session
        if session.undo_bound is Bound.END:
            what = session.undo_label
            stays = f"{what} stays, for the rest builds on it" if what else "this is the beginning"
            self._say(f"Nothing more to undo: {stays}")
            return
        self._step_through(session.undo)

    def undo_on(self) -> None:
        """Go on to undo while the key is held, up to the last run or file."""
        if self.session.undo_bound is Bound.PAUSE:
            label = self.session.undo_label
            self._say(f"The next undo takes back all of “{label}”: press the key again for it")
        else:
            self.undo()

    def redo(self) -> None:
        """Make the step again that was taken back, and go to where it was."""
        if self.session.redo_label:
            self._step_through(self.session.redo)
        else:
            self._say("Nothing to redo")

    def _step_through(self, step: Callable[[], None]) -> None:
        """Step, then select and show what has changed."""
        old = self.session.review
        step()
        place = place_of_change(old, self.session.review)
        if place is None:
            return
        uid, interval = place
        self.player.pause()
        if uid:
            self.session.select(uid)
        frame = self.playhead.frame
        self.playhead.seek(min(max(frame, interval.onset), interval.offset))

    # -- the rest -------------------------------------------------------------------------

    def mark_reviewed(self) -> None:
        """Mark everything from the beginning up to here as gone through."""
        whole = Interval(0, self.playhead.frame)
        self.session.commit(self.session.review.with_reviewed(whole), "mark reviewed")

    def mark_seen(self) -> None:
        """Mark the stretch that was gone to as gone through, as it is, and go on."""
        stretch = self.useful.here
        if stretch is not None:
            changed = self.session.review.with_reviewed(stretch.interval)
            self.session.commit(changed, "mark seen")
            self.next_useful()

    def mark_all_reviewed(self) -> None:
        """Mark the whole video as gone through."""
        whole = Interval(0, self.playhead.n_frames - 1)
        self.session.commit(self.session.review.with_reviewed(whole), "mark all reviewed")

    def mark_nothing_reviewed(self) -> None:
        """Mark no frame as gone through."""
        changed = replace(self.session.review, reviewed=())
        self.session.commit(changed, "mark nothing reviewed")

    def loop(self) -> None:
        """Loop the selected interval, or stop."""
        item = self.session.selected
        if item is None:
            self._say(_NOTHING_SELECTED)
        self.player.toggle_loop(item.expression.interval if item else None)

    def flicker(self) -> None:
        """Flicker between onset and apex of the selected item, or stop."""
        item = self._selected()
        if item is not None:
            apex = item.expression.apex
            self.player.toggle_flicker(item.onset, item.offset if apex is None else apex)

    def fit_selected(self) -> None:
        """Zoom the timeline to the selected interval."""
        item = self._selected()
        if item is not None:
            self.fit_asked.emit(item.expression.interval)

    def fit_all(self) -> None:
        """Zoom the timeline out to the whole video."""
        self.fit_asked.emit(None)

    def _change(self, edit: Callable[[Review, Item], Review], label: str) -> None:
        """Change the selected item, or say why not."""
        item = self._selected()
        if item is None:
            return
        try:
            changed = edit(self.session.review, item)
        except EditError as error:
            self._say(str(error))
        else:
            self._commit(changed, label, item)

    def _change_here(self, edit: Callable[[Review, str, int], Review], label: str) -> None:
        """Change the item that is meant at the current frame, or say why not."""
        session, frame = self.session, self.playhead.frame
        before = session.review
        try:
            meant = reach(before, session.selected, frame)
            changed = edit(before, meant.item.uid, frame)
        except EditError as error:
            self._say(str(error))
            return
        session.select(meant.item.uid)
        self._commit(changed, label, meant.item)
        if meant.remark and changed != before:
            self._say(f"{step_text(label, before, changed)} ({meant.remark})")

    def _commit(self, changed: Review, label: str, item: Item) -> None:
        if changed == self.session.review:
            self._say(f"{item.name} is so already: nothing to change ({label})", "info")
        self.session.commit(changed, label)

    def _selected(self) -> Item | None:
        """Return the selected item, or say that there is none."""
        if self.session.selected is None:
            self._say(_NOTHING_SELECTED)
        return self.session.selected

    def _say(self, line: str, level: Level = "warning") -> None:
        self.session.say(NoticeLine(line, level))

    def _go_to_candidate(self, *, forwards: bool) -> None:
        key, wanted = self.candidate_key, self.is_candidate
        waiting = [
            item
            for item in self.session.shown.items
            if not item.is_decided and (wanted is None or wanted(item))
        ]
        found = neighbour(
            waiting, self.session.selected, self.playhead.frame, key=key, forwards=forwards
        )
        if found.remark:
            self._say(found.remark + ("" if wanted is None else " (of those in the table)"), "info")
        if found.uid:
            self.go_to_item(found.uid)
