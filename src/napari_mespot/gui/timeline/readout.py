"""What the timeline says of the frame and the thing under the cursor."""

from math import isfinite, nan

from napari_mespot.gui.review import Item
from napari_mespot.gui.session import Session
from napari_mespot.gui.timeline.hit import Part, Target
from napari_mespot.model import Expression

__all__ = ["readout", "tip"]

_TIPS = {
    Part.THRESHOLD: "drag up or down: the score that starts an interval",
    Part.LOW_THRESHOLD: "drag up or down: the score down to which an interval goes on",
    Part.OVERVIEW: "the whole video; click or drag to go there",
    Part.LANE: "double-click, or Shift+drag, to draw an interval",
}


def readout(frame: int, session: Session) -> str:
    """Return frame, time and scores, e.g. ``"frame 812 · 4.06 s · ME 0.12 · MaE 0.55"``."""
    clock = session.shown.clock
    digits = 3 if clock.rate >= 100 else 2
    parts = [f"frame {frame}", f"{float(clock.second_of(frame)):.{digits}f} s"]
    smoothed = session.smoothed
    if smoothed is not None:
        row = frame - smoothed.first_frame
        for kind in smoothed.kinds:
            value = float(smoothed.of_kind(kind)[row]) if 0 <= row < smoothed.n_frames else nan
            parts.append(f"{kind.value} {value:.2f}" if isfinite(value) else f"{kind.value} –")
    return " · ".join(parts)


def tip(target: Target | None, frame: int, session: Session) -> str:
    """Return the tool tip of a target at a frame."""
    if target is None:
        return ""
    item = session.shown.by_uid.get(target.uid)
    if item is not None:
        return _item_tip(item, session)
    text = _TIPS.get(target.part, "")
    if target.part is Part.LANE:
        left_out = [e for e in session.left_out if e.kind is target.kind and frame in e.interval]
        text = "\n".join([*(_left_out_tip(e, session) for e in left_out), text])
    return text


def _left_out_tip(expression: Expression, session: Session) -> str:
    review = session.shown
    seconds = float(review.seconds(expression.interval))
    shortest = review.rules.detection.of_kind(expression.kind).min_duration_s
    return (
        f"left out: {expression.kind.value} {expression.onset}–{expression.offset}, peak "
        f"{expression.score:.2f} at {expression.apex}, lasts {seconds:.3g} s; the rules in the "
        f"Spot tab ask for {shortest:g} s"
    )


def _item_tip(item: Item, session: Session) -> str:
    e = item.expression
    apex = "" if e.apex is None else f", apex {e.apex}"
    seconds = float(session.shown.seconds(e.interval))
    lines = [
        f"{e.kind.value} {e.onset}–{e.offset}{apex} ({seconds:.3g} s)",
        e.status.value + ("" if e.score is None else f", peak {e.score:.2f}"),
    ]
    if session.shown.is_long(item):
        longest = session.shown.rules.detection.mae.max_duration_s
        lines.append(f"marked as long, over {longest:g} s: perhaps several")
    if item.original is not None and item.original.interval != e.interval:
        lines.append(f"predicted at {item.original.onset}–{item.original.offset}")
    lines += [text for text in (e.action_units, e.emotion, e.notes) if text]
    return "\n".join(lines)
