"""Everything a reviewer does, by name: keys, buttons and menus all call these.

An action does nothing where it makes no sense (no interval selected, already at the end); it
never raises for that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Protocol

from psygnal import Signal

from napari_mespot.gui import edits
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.useful import UsefulStretches
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus

__all__ = ["ACTIONS", "Action", "PlayerControls", "ReviewActions"]

_NEW_INTERVAL_S = 0.2
_NEW_KIND = ExpressionKind.MICRO

# Rank of an item (0 where time alone counts), its onset and its key.
_Place = tuple[float, int, str]
_START: _Place = (-1, 0, "")


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

    def perform(self, action: "Action") -> None:
        """Do an action of the table, and say so."""
        action.run(self)
        self.done.emit(action.name)

    # -- moving ---------------------------------------------------------------------------

    def step(self, frames: int) -> None:
        """Go by some frames."""
        self.player.pause()
        self.playhead.step(frames)

    def next_candidate(self) -> None:
        """Go to the next item that nobody has settled."""
        self._go_to_candidate(_after)

    def previous_candidate(self) -> None:
        """Go to the item before that nobody has settled."""
        self._go_to_candidate(_before)

    def next_useful(self) -> None:
        """Go to the stretch where a look helps most; once there, to the one after it."""
        stretch = self.useful.next
        if stretch is not None:
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
        item = self.session.selected
        if item is not None:
            changed = edits.set_status(self.session.review, (item.uid,), status)
            self.session.commit(changed, status.value)

    def decide(self, status: ReviewStatus) -> None:
        """Set the status of the selected item and go on: the way that led to it."""
        if self.session.selected is not None:
            go_on = self.next_useful if self.useful.is_selected else self.next_candidate
            self.set_status(status)
            go_on()

    def set_kind(self, kind: ExpressionKind) -> None:
        """Make the selected item an ME or MaE."""
        self._change(lambda r, i: edits.set_kind(r, i.uid, kind), f"make it {kind.value}")

    def remove(self) -> None:
        """Delete the selected item if a person drew it, else reject it."""
        self._change(lambda r, i: edits.remove_items(r, (i.uid,)), "remove")

    # -- changing intervals ---------------------------------------------------------------

    def onset_here(self) -> None:
        """Let the selected item begin at the current frame."""
        frame = self.playhead.frame
        self._change(
            lambda r, i: edits.move_interval(r, i.uid, frame, max(frame, i.offset)), "set onset"
        )

    def offset_here(self) -> None:
        """Let the selected item end at the current frame."""
        frame = self.playhead.frame
        self._change(
            lambda r, i: edits.move_interval(r, i.uid, min(frame, i.onset), frame), "set offset"
        )

    def apex_here(self) -> None:
        """Put the apex of the selected item at the current frame."""
        self._change(lambda r, i: edits.set_apex(r, i.uid, self.playhead.frame), "set apex")

    def nudge(self, onset: int, offset: int) -> None:
        """Move onset and offset of the selected item by some frames."""

        def moved(review: Review, item: Item) -> Review:
            if item.offset + offset < item.onset + onset:
                return review
            return edits.move_interval(review, item.uid, item.onset + onset, item.offset + offset)

        self._change(moved, "nudge")

    def split_here(self) -> None:
        """Split the selected item; the current frame begins the second part."""
        item, frame = self.session.selected, self.playhead.frame
        if item is not None and item.onset < frame <= item.offset:
            review, uid = edits.split_item(self.session.review, item.uid, frame)
            self.session.commit(review, "split")
            self.session.select(uid)

    def merge_with_next(self) -> None:
        """Join the selected item with the next one of its kind."""
        item = self.session.selected
        if item is None:
            return
        later = [
            i
            for i in self.session.review.items
            if i.kind is item.kind and i.uid != item.uid and i.onset >= item.onset
        ]
        if later:
            pair = (item.uid, later[0].uid)
            self.session.commit(edits.merge_items(self.session.review, pair), "merge")

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
        self.add_interval(Interval(min(start, end), max(start, end)), _NEW_KIND)

    def new_here(self, kind: ExpressionKind = _NEW_KIND) -> None:
        """Make a short interval that begins at the current frame."""
        n = ceil(_NEW_INTERVAL_S * self.playhead.frame_rate)
        start = self.playhead.frame
        self.add_interval(Interval(start, min(start + n - 1, self.playhead.n_frames - 1)), kind)

    def add_interval(self, interval: Interval, kind: ExpressionKind) -> None:
        """Add an interval that a person drew, and select it."""
        review, uid = edits.add_interval(
            self.session.review, interval, kind, coder=self.session.coder
        )
        self.session.commit(review, f"draw {kind.value}")
        self.session.select(uid)

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
        self.player.toggle_loop(item.expression.interval if item else None)

    def flicker(self) -> None:
        """Flicker between onset and apex of the selected item, or stop."""
        item = self.session.selected
        if item is not None:
            apex = item.expression.apex
            self.player.toggle_flicker(item.onset, item.offset if apex is None else apex)

    def fit_selected(self) -> None:
        """Zoom the timeline to the selected interval."""
        item = self.session.selected
        if item is not None:
            self.fit_asked.emit(item.expression.interval)

    def fit_all(self) -> None:
        """Zoom the timeline out to the whole video."""
        self.fit_asked.emit(None)

    def _change(self, edit: Callable[[Review, Item], Review], label: str) -> None:
        """Change the selected item, if there is one."""
        item = self.session.selected
        if item is not None:
            self.session.commit(edit(self.session.review, item), label)

    def _go_to_candidate(self, pick: Callable[[list[_Place], _Place], _Place | None]) -> None:
        key, wanted = self.candidate_key, self.is_candidate
        places = sorted(
            (key or _by_time)(item)
            for item in self.session.shown.items
            if not item.is_decided and (wanted is None or wanted(item))
        )
        selected = self.session.selected
        if selected is not None:
            here = (key or _by_time)(selected)
        else:
            here = _START if key else (0, self.playhead.frame, "")
        place = pick(places, here)
        if place is not None:
            self.go_to_item(place[-1])


def _by_time(item: Item) -> _Place:
    return 0, item.onset, item.uid


def _after(places: list[_Place], here: _Place) -> _Place | None:
    """Return the first place behind another; behind the last comes the first again."""
    later = [place for place in places if place > here]
    return (later or places)[0] if places else None


def _before(places: list[_Place], here: _Place) -> _Place | None:
    """Return the last place before another; before the first comes the last again."""
    earlier = [place for place in places if place < here]
    return (earlier or places)[-1] if places else None


@dataclass(frozen=True, slots=True)
class Action:
    """One action as the user sees it.

    Parameters
    ----------
    name
        Key for settings.
    label
        What it does, in a few words.
    group
        Heading in the table of keys.
    keys
        Default keys, in Qt's portable form (``"Ctrl+Z"``, ``"["``, ``"Space"``).
    run
        Does it.
    release
        Called when the key is let go, if the action lasts as long as the key is held.
    repeats
        Whether a held key does it again and again.
    """

    name: str
    label: str
    group: str
    keys: tuple[str, ...]
    run: Callable[[ReviewActions], None]
    release: Callable[[ReviewActions], None] | None = None
    repeats: bool = False


_MOVE, _DECIDE, _CHANGE, _LOOK, _FILE = "Move", "Decide", "Change", "Look", "Session"
_ME, _MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
_S = ReviewStatus

ACTIONS: tuple[Action, ...] = (
    Action("play", "play or pause", _MOVE, ("Space",), lambda a: a.player.toggle()),
    Action("back", "one frame back", _MOVE, ("Left",), lambda a: a.step(-1), repeats=True),
    Action("forward", "one frame on", _MOVE, ("Right",), lambda a: a.step(1), repeats=True),
    Action("back_10", "ten frames back", _MOVE, ("Down",), lambda a: a.step(-10), repeats=True),
    Action("forward_10", "ten frames on", _MOVE, ("Up",), lambda a: a.step(10), repeats=True),
    Action("shuttle_back", "play backwards, faster", _MOVE, ("J",), lambda a: a.player.shuttle(-1)),
    Action("pause", "pause", _MOVE, ("K",), lambda a: a.player.pause()),
    Action("shuttle", "play forwards, faster", _MOVE, ("L",), lambda a: a.player.shuttle(1)),
    Action("slower", "slower", _MOVE, (",",), lambda a: a.player.change_speed(-1)),
    Action("faster", "faster", _MOVE, (".",), lambda a: a.player.change_speed(1)),
    Action("go_to", "go to a frame or time", _MOVE, ("G",), lambda a: a.go_to_asked.emit()),
    Action("next", "next candidate", _MOVE, ("N",), lambda a: a.next_candidate()),
    Action("previous", "previous candidate", _MOVE, ("H",), lambda a: a.previous_candidate()),
    Action("useful", "most useful stretch", _MOVE, ("Shift+N",), lambda a: a.next_useful()),
    Action("accept", "accept, go on", _DECIDE, ("U",), lambda a: a.decide(_S.ACCEPTED)),
    Action("reject", "reject, go on", _DECIDE, ("W",), lambda a: a.decide(_S.REJECTED)),
    Action("uncertain", "uncertain, go on", _DECIDE, ("Q",), lambda a: a.decide(_S.UNCERTAIN)),
    Action("me", "make it ME", _DECIDE, ("8",), lambda a: a.set_kind(_ME)),
    Action("mae", "make it MaE", _DECIDE, ("9",), lambda a: a.set_kind(_MAE)),
    Action("none", "neither: reject or delete", _DECIDE, ("0",), lambda a: a.remove()),
    Action("onset", "onset here", _CHANGE, ("[",), lambda a: a.onset_here()),
    Action("offset", "offset here", _CHANGE, ("]",), lambda a: a.offset_here()),
    Action("apex", "apex here", _CHANGE, (";",), lambda a: a.apex_here()),
    Action(
        "new",
        "new interval here (hold while it lasts)",
        _CHANGE,
        ("M",),
        lambda a: a.press_new(),
        release=lambda a: a.release_new(),
    ),
    Action("split", "split here", _CHANGE, ("Ctrl+B",), lambda a: a.split_here()),
    Action("merge", "merge with the next", _CHANGE, ("Ctrl+J",), lambda a: a.merge_with_next()),
    Action("undo", "undo", _CHANGE, ("Ctrl+Z",), lambda a: a.session.undo(), repeats=True),
    Action("redo", "redo", _CHANGE, ("Ctrl+Shift+Z",), lambda a: a.session.redo(), repeats=True),
    Action("reviewed", "reviewed up to here", _CHANGE, ("=",), lambda a: a.mark_reviewed()),
    Action("seen", "useful stretch seen, go on", _CHANGE, ("+",), lambda a: a.mark_seen()),
    Action("loop", "loop the interval", _LOOK, ("\\",), lambda a: a.loop()),
    Action("flicker", "flicker onset and apex", _LOOK, ("/",), lambda a: a.flicker()),
    Action("fit", "zoom to the interval", _LOOK, ("'",), lambda a: a.fit_selected()),
    Action("fit_all", "see the whole video", _LOOK, ("-",), lambda a: a.fit_all()),
    Action("save", "save the session", _FILE, ("Ctrl+Alt+S",), lambda a: a.save_asked.emit()),
    Action("keys", "show the keys", _FILE, ("F1",), lambda a: a.keys_asked.emit()),
)
