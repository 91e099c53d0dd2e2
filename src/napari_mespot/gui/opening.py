"""Open a video for review: its frames, its session, and what else the user has of it."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.errors import AnnotationFormatError, CheckpointError, FrameReadError
from napari_mespot.frames import FrameSource, open_frames
from napari_mespot.gui.labels import Labels, add_labels, read_labels
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.session_file import SESSION_SUFFIX, read_session
from napari_mespot.gui.store import SessionStore, open_session, saved_session_of
from napari_mespot.io import read_scores
from napari_mespot.network import DEFAULT_CHECKPOINT, read_document
from napari_mespot.spotting.params import SpottingParams

if TYPE_CHECKING:
    from napari_mespot.model import ScoreSignal

__all__ = [
    "OpenedVideo",
    "add_scores",
    "open_frames_of",
    "open_review",
    "open_session_of",
]

_PREDICTIONS, _SCORES = ".intervals.csv", ".scores.csv"


@dataclass(frozen=True, slots=True, eq=False)
class OpenedVideo:
    """A video and the work on it.

    Parameters
    ----------
    source
        Its frames.
    session, store
        The work, and where it is kept.
    notices
        One-line texts for the user.
    doubtful
        Labels that were asked for and are not added yet, for they seem to be of another video:
        somebody has to be asked.
    doubtful_scores
        The scores that belong to those.
    """

    source: FrameSource
    session: Session
    store: SessionStore
    notices: tuple[str, ...] = ()
    doubtful: Labels | None = None
    doubtful_scores: Path | None = None


@dataclass(frozen=True, slots=True)
class Additions:
    """What a review is to start from.

    Parameters
    ----------
    labels
        A file of intervals. ``NAME.scores.csv`` beside ``NAME.intervals.csv`` is opened too.
    scores
        The score tracks.
    of_any_video
        Whether `labels` are added even if they seem to be of another video.
    """

    labels: Path | None = None
    scores: Path | None = None
    of_any_video: bool = False


def open_review(
    path: Path,
    *,
    fps: Fraction | None = None,
    predictions: Path | None = None,
    scores: Path | None = None,
    session_file: Path | None = None,
    of_any_video: bool = False,
) -> OpenedVideo:
    """Open a video, or a session file with its video, for review.

    Parameters
    ----------
    path
        A video file, a folder of images, or a session file (``.mespot``).
    fps
        Frames per second, in place of what the session or the video says.
    predictions
        A table of intervals to start from. ``NAME.scores.csv`` beside ``NAME.intervals.csv``
        is opened too.
    scores
        The score tracks.
    session_file
        Where the session lies or will lie; by default beside the video, or `path` itself.
    of_any_video
        Whether `predictions` are added even if they seem to be of another video; else they are
        left in :attr:`OpenedVideo.doubtful`.

    Raises
    ------
    MespotError
        If one of the files cannot be used; nothing stays open then.
    """
    source = open_frames_of(path, fps=fps)
    try:
        is_session = path.suffix == SESSION_SUFFIX
        place = session_file or (path if is_session else None)
        return _opened(source, place, Additions(predictions, scores, of_any_video))
    except BaseException:
        source.close()
        raise


def open_session_of(source: FrameSource, session_file: Path | None = None) -> OpenedVideo:
    """Open the session of a video whose frames are open already.

    Raises
    ------
    MespotError
        If the session cannot be used.
    """
    return _opened(source, session_file, Additions())


def open_frames_of(path: Path, *, fps: Fraction | None = None) -> FrameSource:
    """Open the frames of a video or of a session's video, at the rate that its session has.

    Raises
    ------
    FrameReadError
        If there is no such video.
    AnnotationFormatError
        If the session file is damaged.
    """
    if path.suffix == SESSION_SUFFIX and path.is_file():
        saved = read_session(path)
        video = saved.find_video(path)
        if not video.exists():
            raise FrameReadError(
                f"{path}: expected its video at {video}, found none there; put it back, or put the "
                "session file beside it"
            )
        return (
            _frames_at(video, saved.review.frame_rate)
            if fps is None
            else open_frames(video, fps=fps)
        )
    session = saved_session_of(path) if fps is None and path.exists() else None
    return _frames_at(path, session.review.frame_rate) if session else open_frames(path, fps=fps)


def _frames_at(path: Path, rate: Fraction) -> FrameSource:
    """Open a video at the rate that its session has, by its own times if that is its own rate."""
    if not path.is_dir():
        source = open_frames(path)
        if source.frame_rate == rate and not source.clock.is_plain:
            return source
        source.close()
    return open_frames(path, fps=rate)


def add_scores(session: Session, path: Path) -> None:
    """Show score tracks, with the rules of the checkpoint that they come from.

    Raises
    ------
    AnnotationFormatError
        If they are not of this video.
    """
    review = session.review
    signal = read_scores(path, clock=review.clock)
    if (signal.first_frame, signal.n_frames) != (0, review.n_frames):
        raise AnnotationFormatError(
            f"{path}: expected scores of {review.n_frames} frames from frame 0, got "
            f"{signal.n_frames} from {signal.first_frame}; spot this video again"
        )
    names = [i.original.source for i in review.items if i.original and i.original.source]
    checkpoint = names[0] if names else session.checkpoint
    session.commit(
        replace(
            review,
            scores=_renamed(signal, review),
            checkpoint=checkpoint,
            rules=_rules_of(checkpoint) or review.rules,
        ),
        "open scores",
    )


def _opened(source: FrameSource, session_file: Path | None, additions: Additions) -> OpenedVideo:
    rules = _rules_of(DEFAULT_CHECKPOINT) or SpottingParams()
    fresh = Review(
        source.video_id, source.n_frames, source.frame_rate, rules=rules, times=source.clock
    )
    session, store, notices = open_session(source, fresh, path=session_file)
    is_new = session.review == fresh
    doubtful, scores = None, additions.scores
    try:
        if additions.labels is not None:
            labels = read_labels(additions.labels, session.review)
            scores = scores or _beside(additions.labels)
            if labels.doubt and not additions.of_any_video:
                doubtful = labels
            else:
                notices = (*notices, *add_labels(session, labels))
        if scores is not None and doubtful is None:
            add_scores(session, scores)
        if is_new:
            session.begin_here()  # undo leads back to what was opened, and not to nothing
    except BaseException:
        store.abandon()
        raise
    waiting = scores if doubtful is not None else None
    warnings = (NoticeLine(text, "warning") for text in source.warnings)
    return OpenedVideo(source, session, store, (*warnings, *notices), doubtful, waiting)


def _beside(predictions: Path) -> Path | None:
    """Return the scores that ``mespot spot`` wrote beside a table of predictions."""
    if not predictions.name.endswith(_PREDICTIONS):
        return None
    path = predictions.with_name(predictions.name.removesuffix(_PREDICTIONS) + _SCORES)
    return path if path.is_file() else None


def _renamed(signal: "ScoreSignal", review: Review) -> "ScoreSignal":
    return replace(signal, video_id=review.video_id).with_clock(review.clock)


def _rules_of(checkpoint: str) -> SpottingParams | None:
    """Return the rules of a shipped checkpoint; None if there is no such."""
    try:
        return read_document(checkpoint).spotting if checkpoint else None
    except CheckpointError:
        return None
