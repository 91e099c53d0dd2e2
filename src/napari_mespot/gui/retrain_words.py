"""What the Retrain dock says, in plain words. Free of Qt."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from napari_mespot.gui.pace import short_time
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.learning.retrain_outcome import KindFigures, RetrainOutcome
    from napari_mespot.model import ExpressionKind

__all__ = ["TABLE_HEADER", "gain_text", "progress_text", "table_rows", "verdict_text"]

TABLE_HEADER = ("", "", "hits", "false", "missed", "F1", "false/min")


def progress_text(progress: Progress, left_s: float | None) -> str:
    """Say how far a step is, and how long it has to go."""
    if not progress.total:
        return f"{progress.stage} …"
    parts = [f"{progress.stage}: {progress.done:,} of {progress.total:,}"]
    if left_s is not None and progress.done < progress.total:
        parts.append(f"{short_time(left_s)} left in this step")
    return " · ".join(parts)


def verdict_text(outcome: "RetrainOutcome") -> str:
    """Say which checkpoint to use."""
    if outcome.recommended:
        return "Use the new checkpoint: it is better."
    if outcome.gain.low > 0:  # better, and yet there is a reason against it
        return f"{outcome.notes[0][:1].upper()}{outcome.notes[0][1:]}."
    return f"Keep {outcome.parent}: the new one is not clearly better."


def gain_text(outcome: "RetrainOutcome") -> str:
    """Say what changed on the corrections that were kept aside, and how sure that is."""
    before, after = (_f1(figures) for figures in (outcome.before, outcome.after))
    gain = outcome.gain
    return (
        f"On corrections kept aside, F1 of both kinds together was {before:.2f} and is now "
        f"{after:.2f}: {gain.difference:+.2f}, with 95 % certainty between {gain.low:+.2f} and "
        f"{gain.high:+.2f} (over {gain.unit.counted(gain.n_units)})."
    )


def table_rows(outcome: "RetrainOutcome") -> list[tuple[str, ...]]:
    """Return the cells below :data:`TABLE_HEADER`: each kind before and after."""
    rows: list[tuple[str, ...]] = []
    for kind in outcome.before:
        for name, figures in (("before", outcome.before[kind]), ("after", outcome.after[kind])):
            counts = (str(figures.tp), str(figures.fp), str(figures.fn))
            alarms = f"{figures.false_alarms_per_minute:.1f}"
            first = kind.value if name == "before" else ""
            rows.append((first, name, *counts, f"{figures.f1:.2f}", alarms))
    return rows


def _f1(figures: "Mapping[ExpressionKind, KindFigures]") -> float:
    """Return the F1 of both kinds together."""
    values = figures.values()
    tp, fp, fn = (sum(getattr(f, name) for f in values) for name in ("tp", "fp", "fn"))
    return 2 * tp / (2 * tp + fp + fn) if tp else 0.0
