"""The table of actions, by name: what the user sees of them, and their default keys."""

from collections.abc import Callable
from dataclasses import dataclass

from napari_mespot.gui.actions import ReviewActions
from napari_mespot.model import ExpressionKind, ReviewStatus

__all__ = ["ACTIONS", "Action"]


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
    run_on
        Does it once more while the key is held, where that is not just the same.
    while_typing
        Whether its keys are heard while somebody types in a field, too.
    """

    name: str
    label: str
    group: str
    keys: tuple[str, ...]
    run: Callable[[ReviewActions], None]
    release: Callable[[ReviewActions], None] | None = None
    repeats: bool = False
    run_on: Callable[[ReviewActions], None] | None = None
    while_typing: bool = False


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
    Action(
        "undo",
        "undo",
        _CHANGE,
        ("Ctrl+Z",),
        lambda a: a.undo(),
        repeats=True,
        run_on=lambda a: a.undo_on(),
    ),
    Action("redo", "redo", _CHANGE, ("Ctrl+Shift+Z",), lambda a: a.redo(), repeats=True),
    Action("reviewed", "reviewed up to here", _CHANGE, ("=",), lambda a: a.mark_reviewed()),
    Action("seen", "useful stretch seen, go on", _CHANGE, ("+",), lambda a: a.mark_seen()),
    Action("loop", "loop the interval", _LOOK, ("\\",), lambda a: a.loop()),
    Action("flicker", "flicker onset and apex", _LOOK, ("/",), lambda a: a.flicker()),
    Action("fit", "zoom to the interval", _LOOK, ("'",), lambda a: a.fit_selected()),
    Action("fit_all", "see the whole video", _LOOK, ("-",), lambda a: a.fit_all()),
    Action("fit_picture", "fit the picture", _LOOK, ("F",), lambda a: a.fit_picture_asked.emit()),
    Action(
        "save",
        "save the session",
        _FILE,
        ("Ctrl+S", "Ctrl+Alt+S"),
        lambda a: a.save_asked.emit(),
        while_typing=True,
    ),
    Action("keys", "show the keys", _FILE, ("F1",), lambda a: a.keys_asked.emit()),
)
