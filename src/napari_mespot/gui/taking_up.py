"""A session as it was last: what its file holds, and the edits since from its journal."""

from dataclasses import dataclass
from pathlib import Path

from napari_mespot.errors import OutputError
from napari_mespot.gui.documents import ScoresOf
from napari_mespot.gui.journal import Journal, JournalContent
from napari_mespot.gui.keeping import put_aside
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.session_file import SavedSession
from napari_mespot.io.packed_scores import scores_digest
from napari_mespot.model import ScoreSignal

__all__ = ["TakenUp", "journal_for", "notices_of", "taken_up"]


@dataclass(frozen=True, slots=True)
class TakenUp:
    """The session as it was last.

    Parameters
    ----------
    session
        The work.
    restored
        How many steps were not in the session file.
    number
        Number of the last step.
    damage
        What is wrong with the journal; empty if nothing.
    lost
        How many steps of the damaged journal could not be taken up.
    is_whole
        Whether all that the damaged journal held is known to be here nonetheless.
    """

    session: Session
    restored: int
    number: int
    damage: str = ""
    lost: int = 0
    is_whole: bool = True


def taken_up(saved: SavedSession | None, content: JournalContent | None, fresh: Review) -> TakenUp:
    """Return the session as it was last, by its file and its journal."""
    number = saved.number if saved else 0
    review, start = (saved.review if saved else fresh), number
    known = _known_scores(saved, content)
    # Ahead of the file, e.g. because somebody put a backup in its place.
    if content is not None and content.base and (content.number > number or saved is None):
        scores = content.base_scores or ScoresOf.of(review)
        review, start = scores.put_into(content.base, known), content.number
    session = Session(review.on_clock(fresh.clock), coder=saved.coder if saved else "")
    if content is None:
        return TakenUp(session, 0, number)
    steps, damage = content.since(start), content.damage
    if steps and steps[0].number != start + 1:
        steps = ()  # only where the first line is damaged: what came before is missing
    reached = max(start, number)
    for step in steps:
        try:
            changed = step.change.apply(session.review, known)
        except ValueError as error:
            damage = f"step {step.number} does not fit: {error}"
            break
        session.commit(changed, step.label)
        reached = step.number
    restored = max(reached - number, 0)
    if not damage:
        return TakenUp(session, restored, reached)
    is_placed = content.base is not None or bool(content.entries)
    held = max(start - content.number, 0) if is_placed else 0  # steps in the session file
    lost = max(content.n_steps - held - (reached - start), 0)
    return TakenUp(session, restored, reached, damage, lost, is_placed and not lost)


def journal_for(
    path: Path, taken: TakenUp, content: JournalContent | None
) -> tuple[Journal, Path | None]:
    """Return the journal to write to, and where what was damaged in the old one lies now.

    Raises
    ------
    OutputError
        If the journal, or a copy of the damaged one, cannot be written.
    """
    if content is not None and taken.restored and not taken.damage:
        return Journal.resume(path, content), None
    aside = None
    if taken.damage:
        try:
            aside = put_aside(path)
        except OSError as error:
            raise OutputError(
                f"{path}: expected to keep a copy of this damaged file beside it, got: "
                f"{error.strerror or error}; free space there, or move the file away"
            ) from error
    is_ahead = taken.restored > 0  # of the session file: its scores may not be those there
    journal = Journal.begin(path, taken.session.review, taken.number, with_scores=is_ahead)
    return journal, aside


def notices_of(taken: TakenUp, journal: Path, aside: Path | None) -> tuple[NoticeLine, ...]:
    """Return what a user should know of how a session was taken up.

    Parameters
    ----------
    taken
        The session.
    journal
        Its journal.
    aside
        Where what was damaged in that lies now.
    """
    lines = []
    review = taken.session.review
    if review.scores is None and review.checkpoint:
        lines.append(_no_scores_text(review.checkpoint, journal))
    if taken.restored:
        lines.append(_restored_text(taken.restored, review.video_id))
    if taken.damage:
        lines.append(_damaged_text(taken, journal, aside))
    return tuple(lines)


def _restored_text(n: int, video_id: str) -> NoticeLine:
    return NoticeLine(
        f"{n} step{'s' * (n > 1)} that had not been saved when the last window on {video_id} "
        f"closed {'are' if n > 1 else 'is'} here again; undo steps back through them"
    )


def _no_scores_text(checkpoint: str, path: Path) -> NoticeLine:
    return NoticeLine(
        f"The scores of {checkpoint} are neither in the session file nor in {path.name}: run the "
        "spotting again to move thresholds",
        "warning",
    )


def _damaged_text(taken: TakenUp, path: Path, aside: Path | None) -> NoticeLine:
    kept = f"it is kept as {aside.name if aside else path.name} in {path.parent}"
    if taken.is_whole:
        return NoticeLine(
            f"The journal of edits was damaged ({taken.damage}), but all that it held could be "
            f"taken up; {kept}",
            "warning",
        )
    steps = f"{taken.lost} step{'s' * (taken.lost > 1)}" if taken.lost else "Edits"
    return NoticeLine(
        f"{steps} in the journal of edits could not be taken up ({taken.damage}): look through "
        f"your last edits; {kept}",
        "error",
    )


def _known_scores(
    saved: SavedSession | None, content: JournalContent | None
) -> dict[str, ScoreSignal]:
    """Return the scores that session file and journal hold, by digest."""
    known = dict(content.scores) if content else {}
    if saved is not None and saved.review.scores is not None:
        known[scores_digest(saved.review.scores)] = saved.review.scores
    return known
