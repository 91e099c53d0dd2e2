"""What the Spot dock says of a face that was learned, in plain words. Free of Qt."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_mespot.learning.adapt_outcome import AdaptOutcome

__all__ = ["details_text", "figures_text"]


def figures_text(outcome: "AdaptOutcome") -> str:
    """Say what was found of known motion before and after; empty if nothing was compared."""
    parts = [
        f"{kind.value} F1 {before.f1:.2f} → {outcome.after[kind].f1:.2f}"
        for kind, before in outcome.before.items()
        if kind in outcome.after
    ]
    return f"On motion put into this face: {', '.join(parts)}." if parts else ""


def details_text(outcome: "AdaptOutcome") -> str:
    """Return all that there is to say, a line each."""
    return "\n".join(f"• {text}" for text in dict.fromkeys(outcome.notes))
