"""From videos of a person to a checkpoint that knows the face: what command and dock both do."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.batch.retraining import check_new_checkpoint
from napari_mespot.errors import FrameReadError
from napari_mespot.face.choice import LARGEST, FaceChoice
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.progress import ProgressCallback, renamed, report

if TYPE_CHECKING:
    from napari_mespot.learning.adapt_outcome import AdaptOutcome
    from napari_mespot.learning.adapt_watch import WatchedPart
    from napari_mespot.network import Checkpoint

__all__ = ["adapt_files"]


def adapt_files(
    videos: Sequence[Path],
    checkpoint: str | Path | None,
    params: AdaptParams,
    out: Path,
    progress: ProgressCallback | None = None,
    *,
    face: FaceChoice = LARGEST,
) -> "AdaptOutcome":
    """Learn the face of the person in some videos; write the new checkpoint only if it is better.

    Parameters
    ----------
    videos
        Of one person.
    checkpoint
        Name or file of the one to begin with; None for the one shipped.
    params
        How to learn.
    out
        The new checkpoint; it is named after this file.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`, after
        which no file has been written.
    face
        Which face of the videos to learn.

    Returns
    -------
    AdaptOutcome
        Where ``is_better`` is False, nothing was written.

    Raises
    ------
    OutputError
        If the new checkpoint cannot be written there, or is there already.
    CheckpointError
        If the old one cannot be read, or cannot learn a face.
    FrameReadError, NoFaceError
        If a video cannot be read, none is given, or none shows a face.
    NoStillFaceError
        If the face is nowhere at rest for long enough.
    """
    check_new_checkpoint(out)
    if not videos:
        raise FrameReadError("expected one video or more of the person to learn, got none")
    report(progress, "loading the network", 0, 0)
    from napari_mespot.learning.adapt import adapt, check_adaptable
    from napari_mespot.network import load_checkpoint, save_checkpoint

    old = load_checkpoint() if checkpoint is None else load_checkpoint(checkpoint)
    check_adaptable(old)
    parts = _watched(list(dict.fromkeys(videos)), old, params, progress, face)
    outcome = adapt(parts, old, params, progress, name=out.stem)
    if outcome.is_better:
        check_new_checkpoint(out)  # minutes have passed
        save_checkpoint(outcome.checkpoint, out)
    return outcome


def _watched(
    videos: Sequence[Path],
    old: "Checkpoint",
    params: AdaptParams,
    progress: ProgressCallback | None,
    face: FaceChoice,
) -> "list[WatchedPart]":
    from napari_mespot.face import FaceCache
    from napari_mespot.frames import open_frames
    from napari_mespot.learning.adapt_watch import watch

    own = params.model_copy(update={"searched_s": params.searched_s / len(videos)})
    parts, cache = [], FaceCache()
    for index, path in enumerate(videos, 1):
        told = progress if len(videos) == 1 else _numbered(progress, index, len(videos))
        with open_frames(path) as source:
            name = source.video_id if len(videos) == 1 else f"{index} {source.video_id}"
            parts += watch(source, old, own, name=name, cache=cache, progress=told, face=face)
    return parts


def _numbered(progress: ProgressCallback | None, index: int, n: int) -> ProgressCallback | None:
    return renamed(progress, f"looking at video {index} of {n}")
