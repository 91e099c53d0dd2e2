"""Find corrected labels and their videos, and say what is there and what does not fit."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.batch.inputs import find_videos, plain_name
from napari_mespot.batch.session_results import read_session_result
from napari_mespot.batch.video_clocks import VideoClocks
from napari_mespot.errors import AnnotationFormatError, CorrectionsError, MespotError
from napari_mespot.frames import open_frames
from napari_mespot.io import FORMATS, read_annotations
from napari_mespot.io.cells import rate_text
from napari_mespot.learning.corrections import CorrectedVideo, agreed, count_corrections
from napari_mespot.learning.retrain_split import unknown_subjects, unknown_text
from napari_mespot.model import Annotation, Clock, Interval, ReviewStatus, VideoNames, same_rate

__all__ = ["CorrectionSurvey", "survey_corrections"]

_SESSION, _SCORES = ".mespot", ".scores.csv"


@dataclass(frozen=True, slots=True)
class CorrectionSurvey:
    """What was found, before any face is looked at.

    Parameters
    ----------
    videos
        Those that can be learned from, by name.
    notes
        Lines for the user: what is left out, and why.
    """

    videos: tuple[CorrectedVideo, ...]
    notes: tuple[str, ...]

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """The labels of each video."""
        return tuple(video.annotation for video in self.videos)

    @property
    def reviewed_s(self) -> float:
        """Seconds that people have gone through."""
        return sum(video.reviewed_s for video in self.videos)

    @property
    def counts(self) -> dict[str, int]:
        """Confirmed expressions per kind, and rejected predictions."""
        each = [count_corrections(video.annotation) for video in self.videos]
        return {name: sum(c[name] for c in each) for name in ("ME", "MaE", "rejected")}

    @property
    def n_subjects(self) -> int:
        """How many people; a video of nobody known counts as one of its own."""
        names = [v.annotation for v in self.videos]
        return len({a.subject_id or a.video_id for a in names})

    @property
    def n_unknown(self) -> int:
        """How many videos do not say who is seen."""
        return unknown_subjects(self.annotations)

    @property
    def in_words(self) -> str:
        """All of that in a sentence."""
        counts, people = self.counts, self.n_subjects
        videos = f"{len(self.videos)} video{'s' * (len(self.videos) != 1)}"
        who = f"{people} {'person' if people == 1 else 'people'}"
        unsure = f"; {unknown_text(self.n_unknown)}" if self.n_unknown and people > 1 else ""
        return (
            f"{videos} of {who}, {self.reviewed_s / 60:.1f} reviewed minutes: {counts['ME']} ME, "
            f"{counts['MaE']} MaE, {counts['rejected']} rejected predictions{unsure}."
        )


@dataclass(frozen=True, slots=True)
class _Labels:
    """What one file says of one video; a session knows where that lies."""

    annotation: Annotation
    file: Path
    video: Path | None = None

    @property
    def is_session(self) -> bool:
        return self.file.name.endswith(_SESSION)


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the user says in place of the files."""

    whole: bool
    fps: Fraction | None


def survey_corrections(
    labels: Path, videos: Path, *, whole: bool = False, fps: Fraction | None = None
) -> CorrectionSurvey:
    """Find the labels in a folder, and the video of each.

    Several files for one video are taken for several coders: only what they agree on is used.

    Parameters
    ----------
    labels
        A folder with sessions (``clip.mp4.mespot``) or files of labels; or one file.
    videos
        A folder with videos, or one video; its name is that of the labels.
    whole
        Whether labels that name no reviewed range hold for the whole video.
    fps
        Frame rate of all videos, in place of what they say. What a session says of its own
        video needs none.

    Raises
    ------
    CorrectionsError
        If nothing can be learned from, or labels were made at another frame rate or length
        than their video has.
    """
    notes: list[str] = []
    places = _Places(find_videos([videos]) if videos.exists() else ())
    if not places.videos:
        raise CorrectionsError(f"{videos}: expected videos, got none; check the path")
    clocks = VideoClocks(places.videos.values(), fps=fps, notice=_nobody)
    found = [item for file in _label_files(labels) for item in _read(file, clocks, notes)]
    by_video: dict[Path, list[_Labels]] = {}
    for item in found:
        path = places.of(item)
        if path is None:
            name = item.annotation.video_id
            notes.append(f"{name}: no video of this name in {videos}; its labels are left out")
        else:
            by_video.setdefault(path.resolve(), []).append(item)
    wishes = _Wishes(whole, fps)
    settled = [_settled(path, items, wishes, notes) for path, items in sorted(by_video.items())]
    notes += [
        f"{name}: a video without labels; it is not used"
        for name, path in sorted(places.videos.items())
        if path.resolve() not in by_video
    ]
    kept = tuple(video for video in settled if video is not None)
    if not kept:
        raise CorrectionsError(
            f"{labels}: expected labels with reviewed ranges for videos in {videos}, got none"
            + (f"; {notes[0]}" if notes else "")
        )
    return CorrectionSurvey(_named_apart(kept), tuple(dict.fromkeys(notes)))


class _Places:
    """Where the videos lie, by the names that labels may give them."""

    def __init__(self, videos: Iterable[Path]) -> None:
        self.videos = {plain_name(path): path for path in videos}
        self._names = VideoNames(self.videos)

    def of(self, item: _Labels) -> Path | None:
        """Return the video of the name, else the one that a session says is its own."""
        name = self._names.find(item.annotation.video_id)
        return item.video if name is None else self.videos[name]


def _label_files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise CorrectionsError(f"{place}: expected a folder of labels, got none; check the path")
    endings = (_SESSION, *(s.lower() for known in FORMATS.values() for s in known.suffixes))
    files = sorted(p for p in place.iterdir() if p.is_file() and not p.name.startswith("."))
    files = [p for p in files if p.name.lower().endswith(endings)]
    files = [p for p in files if not p.name.endswith(_SCORES)]
    if not files:
        raise CorrectionsError(
            f"{place}: expected sessions (NAME{_SESSION}) or files of labels, got none; review "
            "videos with mespot review first"
        )
    return files


def _nobody(text: str) -> None:
    """Tell nobody: what a video says of itself is told where it is aligned."""


def _read(file: Path, clocks: VideoClocks, notes: list[str]) -> list[_Labels]:
    """Read a file; one that holds predictions only says nothing, a damaged one is told of."""
    try:
        if file.name.endswith(_SESSION):
            result = read_session_result(file)
            items = [_Labels(result.annotation, file, result.video)]
        else:
            items = [
                _Labels(a, file) for a in read_annotations(file, clocks=clocks, notice=notes.append)
            ]
    except AnnotationFormatError as error:
        notes.append(f"{file.name}: left out: {error}")
        return []
    return [item for item in items if _is_human(item.annotation)]


def _is_human(annotation: Annotation) -> bool:
    statuses = {e.status for e in annotation.expressions}
    return bool(annotation.reviewed or statuses - {ReviewStatus.PREDICTED})


def _settled(
    path: Path, items: Sequence[_Labels], wishes: _Wishes, notes: list[str]
) -> CorrectedVideo | None:
    """Bring the labels of one video together; None if nothing is known of any range."""
    name = items[0].annotation.video_id
    try:
        with open_frames(path, fps=_stated_rate(path, items, wishes)) as source:
            clock, n_frames = source.clock, source.n_frames
    except MespotError as error:
        notes.append(f"{name}: left out: {error}")
        return None
    # A session states its rate, and where frames are uneven their times beside it.
    own = [item.annotation.times for item in items if item.is_session]
    clock = next((times for times in own if times and times.rate == clock.rate), clock)
    annotations = [_checked(item, clock, n_frames, whole=wishes.whole) for item in items]
    together = annotations[0]
    for index, other in enumerate(annotations[1:], 1):
        names = (items[index - 1].file.name, items[index].file.name)
        together, disagreements = agreed(together, other, names)
        notes += disagreements
    if not together.reviewed:
        notes.append(
            f"{name}: labels without reviewed ranges, so nothing is known where there is no label; "
            "mark ranges as reviewed in the viewer, or say that whole videos were looked through "
            "(--whole)"
        )
        return None
    return CorrectedVideo(together, path, _digest([item.file for item in items]))


def _stated_rate(path: Path, items: Sequence[_Labels], wishes: _Wishes) -> Fraction | None:
    """Return the rate to open a video with: the user's word, a session's, an image folder's."""
    if wishes.fps is not None:
        return wishes.fps
    own = [i.annotation.frame_rate for i in items if i.is_session or path.is_dir()]
    return next((rate for rate in own if rate is not None), None)


def _checked(item: _Labels, clock: Clock, n_frames: int, *, whole: bool) -> Annotation:
    """Return labels with length and times of their video; refuse those of another one."""
    own, rate = item.annotation, clock.rate
    if own.frame_rate is not None and not same_rate(own.frame_rate, rate):
        raise CorrectionsError(
            f"{item.file}: labels of {own.video_id!r} at {rate_text(own.frame_rate)} frames per "
            f"second, but the video has {rate_text(rate)}; take the video that was labelled; if it "
            f"is this one and its file is wrong, say --fps {own.frame_rate}"
        )
    last = max(
        (i.offset for i in (*own.reviewed, *(e.interval for e in own.expressions))), default=0
    )
    if last >= n_frames or (own.n_frames is not None and own.n_frames != n_frames):
        raise CorrectionsError(
            f"{item.file}: labels of {own.video_id!r} for {own.n_frames or last + 1} frames, but "
            f"the video has {n_frames}; take the video that was labelled"
        )
    reviewed = own.reviewed or ((Interval(0, n_frames - 1),) if whole else ())
    return replace(own, n_frames=n_frames, reviewed=reviewed).with_clock(clock)


def _named_apart(videos: Sequence[CorrectedVideo]) -> tuple[CorrectedVideo, ...]:
    """Give videos that share a name one with their folder; sorted by name."""
    names = [video.annotation.video_id for video in videos]
    apart = []
    for number, video in enumerate(videos):
        name = names[number]
        if names.count(name) > 1:
            name = f"{video.path.parent.name}/{name} ({names[:number].count(name) + 1})"
        apart.append(replace(video, annotation=replace(video.annotation, video_id=name)))
    return tuple(sorted(apart, key=lambda v: v.annotation.video_id))


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
