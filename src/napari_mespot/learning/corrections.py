"""Corrected labels of videos with their aligned faces: what retraining begins with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import CorrectionsError
from napari_mespot.face import FaceCache, extract_faces
from napari_mespot.face.params import AlignParams
from napari_mespot.frames import open_frames
from napari_mespot.learning.corpus import Corpus, LabelledFaces, labelled
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_split import judged
from napari_mespot.model import (
    Annotation,
    Clock,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
)
from napari_mespot.progress import ProgressCallback, renamed

__all__ = [
    "CorrectedVideo",
    "Corrections",
    "Walk",
    "agreed",
    "check_enough",
    "count_corrections",
    "load_corrections",
    "trains_weights",
    "walks_in",
]

_SAME_IOU = 0.5


@dataclass(frozen=True, slots=True)
class CorrectedVideo:
    """The labels of a video, and where it lies.

    Parameters
    ----------
    annotation
        With length, frame rate and reviewed ranges.
    path
        The video.
    digest
        Of the files of labels, hexadecimal.
    """

    annotation: Annotation
    path: Path
    digest: str = ""

    @property
    def reviewed_s(self) -> float:
        """Seconds that a person has gone through."""
        clock = self.annotation.clock or Clock(Fraction(1))
        return float(sum(clock.duration_of(r) for r in self.annotation.reviewed))


@dataclass(frozen=True, eq=False, slots=True)
class Walk:
    """A video made of the beginning of one confirmed expression: real skin, known movements.

    Parameters
    ----------
    faces
        Its faces and what is true of them.
    video_id
        The corrected video that it was made of.
    label
        The expression, in frames of that video.
    """

    faces: LabelledFaces
    video_id: str
    label: Interval


def walks_in(walks: Iterable[Walk], corpus: Corpus) -> Corpus:
    """Return the walks made of expressions that a corpus holds: of others nothing may be known."""
    there = {
        (video.annotation.video_id, expression.interval)
        for video in corpus.videos
        for expression in video.annotation.expressions
    }
    return Corpus(tuple(w.faces for w in walks if (w.video_id, w.label) in there))


@dataclass(frozen=True, eq=False, slots=True)
class Corrections:
    """Videos with settled labels and faces.

    Parameters
    ----------
    corpus
        Each video once.
    digests
        Of the files of labels, by name of video.
    notes
        Lines for the user: what was left out.
    walks
        Videos made of some of the confirmed expressions.
    """

    corpus: Corpus
    digests: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    walks: tuple[Walk, ...] = ()


def count_corrections(annotation: Annotation) -> dict[str, int]:
    """Count confirmed expressions per kind, and rejected predictions."""
    settled = judged(annotation)
    counts = {kind.value: len(settled.of_kind(kind)) for kind in ExpressionKind}
    statuses = [e.status for e in annotation.expressions]
    return {**counts, "rejected": statuses.count(ReviewStatus.REJECTED)}


def check_enough(annotations: Sequence[Annotation], params: RetrainParams) -> None:
    """Refuse too few labels.

    Raises
    ------
    CorrectionsError
        If there are fewer confirmed expressions than ``params.least_expressions``.
    """
    n = sum(len(judged(a).expressions) for a in annotations)
    if n < params.least_expressions:
        videos = f"{len(annotations)} video{'s' * (len(annotations) != 1)}"
        raise CorrectionsError(
            f"Expected at least {params.least_expressions} confirmed expressions in reviewed "
            f"ranges, got {n} in {videos}: too few to learn from and to judge by; review more "
            "first (mespot next says where)"
        )


def trains_weights(annotations: Iterable[Annotation], params: RetrainParams) -> bool:
    """Whether there are expressions enough to train weights."""
    return sum(len(judged(a).expressions) for a in annotations) >= params.least_for_weights


def agreed(
    first: Annotation, second: Annotation, names: tuple[str, str]
) -> tuple[Annotation, tuple[str, ...]]:
    """Return what two coders of one video agree on; where they do not, nothing is known.

    Two expressions of one kind are the same if their IoU is at least 0.5; their onsets and
    offsets are averaged. What one coder says where the other has not looked holds.

    Returns
    -------
    annotation
        Disagreements are in it as uncertain.
    notes
        One line for each disagreement, with both names and the frames.
    """
    kept: list[Expression] = []
    left = [e for e in second.expressions if e.status.is_present]
    others = [e for a in (first, second) for e in a.expressions if not e.status.is_present]
    alone: list[tuple[Expression, Annotation]] = []
    for expression in (e for e in first.expressions if e.status.is_present):
        same = [
            o
            for o in left
            if o.kind is expression.kind and o.interval.iou(expression.interval) >= _SAME_IOU
        ]
        if same:
            left.remove(same[0])
            kept.append(_mean(expression, same[0]))
        else:
            alone.append((expression, second))
    alone += [(e, first) for e in left]
    notes = []
    for expression, other in alone:
        is_denied = any(r.overlap(expression.interval) for r in other.reviewed)
        kept.append(replace(expression, status=ReviewStatus.UNCERTAIN) if is_denied else expression)
        if is_denied:
            notes.append(
                f"{first.video_id}: {names[0]} and {names[1]} disagree on an "
                f"{expression.kind.value} in frames {expression.onset}..{expression.offset}; "
                "these frames are left out"
            )
    together = replace(
        first, expressions=(*kept, *others), reviewed=first.reviewed + second.reviewed
    )
    return together, tuple(notes)


def load_corrections(
    videos: Sequence[CorrectedVideo],
    align: AlignParams,
    *,
    notes: tuple[str, ...] = (),
    walked: bool = False,
    cache: FaceCache | None = None,
    progress: ProgressCallback | None = None,
) -> Corrections:
    """Align the faces of videos, or take them from the cache.

    Parameters
    ----------
    videos
        The labels and where the videos lie.
    align
        How faces are aligned.
    notes
        Lines for the user, passed on.
    walked
        Whether videos of small movements are made of confirmed expressions, too.
    cache
        By default the user's.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`.

    Raises
    ------
    CorrectionsError
        If no video is given.
    FrameReadError, NoFaceError
        If a video cannot be read, or the face models are missing.
    """
    if not videos:
        raise CorrectionsError("Expected videos with reviewed labels, got none")
    from napari_mespot.learning.retrain_walks import make_walks, walks_text  # it imports this

    loaded, walks, store = [], list[Walk](), cache or FaceCache()
    for index, video in enumerate(videos, 1):
        stage = f"aligning faces, video {index} of {len(videos)}"
        said = video.annotation
        with open_frames(video.path, fps=said.frame_rate) as source:
            faces = extract_faces(source, align, cache=store, progress=renamed(progress, stage))
            if walked:
                walks += make_walks(source, said, align, cache=store, progress=progress)
        loaded.append(labelled(faces, said))
    digests = tuple((v.annotation.video_id, v.digest) for v in videos)
    told = (*notes, walks_text(walks)) if walked else notes
    return Corrections(Corpus(tuple(loaded)), digests, told, tuple(walks))


def _mean(a: Expression, b: Expression) -> Expression:
    interval = Interval((a.onset + b.onset) // 2, (a.offset + b.offset) // 2)
    apex = a.apex if a.apex is not None and a.apex in interval else None
    return replace(a, interval=interval, apex=apex)
