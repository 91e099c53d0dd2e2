"""What spotting and reviewing have left of each video: tables, score tracks, sessions."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from napari_mespot.batch.inputs import find_videos, plain_name
from napari_mespot.errors import AnnotationFormatError, MespotError
from napari_mespot.io import read_scores, read_table
from napari_mespot.model import Annotation, ReviewStatus, ScoreSignal, VideoNames, same_video
from napari_mespot.spotting.params import SpottingParams

__all__ = ["VideoResult", "find_results"]

_TABLE, _SCORES, _SESSION = ".intervals.csv", ".scores.csv", ".mespot"


@dataclass(frozen=True, slots=True, eq=False)
class VideoResult:
    """All that the files say of one video.

    Parameters
    ----------
    file
        The table or session that says most.
    annotation
        Predictions and what a person made of them; a range that any file calls reviewed is.
    scores
        Raw scores; None if there are none.
    rules
        What the predictions were made with; None if only the checkpoint's name is known.
    checkpoint
        Its name; may be empty.
    video
        Where the video lies; None if it was not found.
    is_session
        Whether `file` is a session.
    """

    file: Path
    annotation: Annotation
    scores: ScoreSignal | None = None
    rules: SpottingParams | None = None
    checkpoint: str = ""
    video: Path | None = None
    is_session: bool = False

    @property
    def rank(self) -> int:
        """How much a file has to say: predictions, a reviewed table, a session."""
        if self.is_session:
            return 2
        states = {e.status for e in self.annotation.expressions} - {ReviewStatus.PREDICTED}
        return int(bool(self.annotation.reviewed or states))

    def joined_with(self, other: "VideoResult") -> "VideoResult":
        """Return what two files say of one video; where they differ, the one that says more."""
        one, two = (self, other) if self.rank >= other.rank else (other, self)
        mine, theirs = one.annotation, two.annotation
        n_frames = mine.n_frames if mine.n_frames is not None else theirs.n_frames
        reviewed = theirs.reviewed
        if n_frames is not None:
            reviewed = tuple(r for r in (p.clipped(n_frames) for p in reviewed) if r)
        annotation = replace(
            mine,
            n_frames=n_frames,
            subject_id=mine.subject_id or theirs.subject_id,
            reviewed=(*mine.reviewed, *reviewed),
        ).with_clock(mine.times or theirs.times or mine.clock or theirs.clock)
        return replace(
            one,
            annotation=annotation,
            scores=two.scores if one.scores is None else one.scores,
            rules=one.rules or two.rules,
            checkpoint=one.checkpoint or two.checkpoint,
            video=one.video or two.video,
        )


def find_results(paths: Iterable[Path]) -> tuple[VideoResult, ...]:
    """Find the results of videos: one for each, in the order in which they are found.

    Parameters
    ----------
    paths
        Tables of intervals, session files, and folders with such files. ``NAME.scores.csv``
        beside a table is read too. A folder of videos tells where the videos lie.

    Raises
    ------
    AnnotationFormatError
        If a path holds nothing of the kind, or a file cannot be read.
    """
    paths = tuple(paths)
    results: list[VideoResult] = []
    for file in dict.fromkeys(file for path in paths for file in _files(path)):
        for result in _read(file):
            _add(results, result)
    if not results:
        names = ", ".join(map(str, paths))
        raise AnnotationFormatError(
            f"{names}: expected tables (NAME{_TABLE}) or sessions (NAME{_SESSION}), got none; "
            "run mespot spot first, or check the path"
        )
    return _with_videos(results, paths)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        files = sorted(p for p in path.iterdir() if not p.name.startswith("."))
    except OSError as error:
        raise AnnotationFormatError(
            f"{path}: expected a readable folder, got: {error.strerror}; check its permissions"
        ) from None
    return [p for p in files if p.name.endswith((_TABLE, _SESSION)) and p.is_file()]


def _read(file: Path) -> tuple[VideoResult, ...]:
    from napari_mespot.batch.session_results import read_session_result

    if file.suffix == _SESSION:
        return (read_session_result(file),)
    return tuple(_of_table(file, annotation) for annotation in read_table(file))


def _of_table(file: Path, annotation: Annotation) -> VideoResult:
    # The name in the table can be a path, on this machine or another.
    names = (file.name.removesuffix(_TABLE), re.split(r"[/\\\\]", annotation.video_id)[-1])
    tracks = [p for p in (file.parent / f"{n}{_SCORES}" for n in names if n) if p.is_file()]
    scores = read_scores(tracks[0], clock=annotation.clock) if tracks else None
    if scores is not None:
        annotation = replace(
            annotation,
            n_frames=annotation.n_frames or scores.first_frame + scores.n_frames,
        ).with_clock(annotation.clock or scores.clock)
    predicted = [e for e in annotation.expressions if e.status is ReviewStatus.PREDICTED]
    sources = [e.source for e in (*predicted, *annotation.expressions) if e.source]
    return VideoResult(file, annotation, scores, checkpoint=sources[0] if sources else "")


def _add(results: list[VideoResult], new: VideoResult) -> None:
    """Add a result, or join it with that of the same video."""
    for number, old in enumerate(results):
        one, other = old.annotation, new.annotation
        same_subject = one.subject_id == other.subject_id or not (
            one.subject_id and other.subject_id
        )
        if same_video(one.video_id, other.video_id) and same_subject:
            results[number] = old.joined_with(new)
            return
    results.append(new)


def _with_videos(results: Sequence[VideoResult], paths: Sequence[Path]) -> tuple[VideoResult, ...]:
    """Say where the videos lie, as far as they are found in or beside the folders."""
    folders = [p if p.is_dir() else p.parent for p in paths]
    folders += [result.file.parent.parent for result in results]
    videos: dict[str, Path] = {}
    for folder in dict.fromkeys(folders):
        with suppress(MespotError):
            for video in find_videos([folder]):
                videos.setdefault(plain_name(video), video)
    names = VideoNames(videos)
    found = [names.find(result.annotation.video_id) for result in results]
    return tuple(
        replace(r, video=r.video or (videos[name] if name is not None else None))
        for r, name in zip(results, found, strict=True)
    )
