"""Which corrections are learned from, and which are kept to judge by: by person if possible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from napari_mespot.learning.corpus import Corpus, LabelledFaces
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.model import Annotation, ExpressionKind, Interval, ReviewStatus

__all__ = [
    "Division",
    "SplitUnit",
    "divide",
    "judged",
    "restricted",
    "split_corrections",
    "unknown_subjects",
    "unknown_text",
]

_TRIES = 200
_UNDECIDED = {ReviewStatus.PREDICTED, ReviewStatus.UNCERTAIN}

_WORDS = {
    "subject": ("person", "people"),
    "video": ("video", "videos"),
    "stretch": ("stretch", "stretches"),
}


class SplitUnit(StrEnum):
    """What is never on both sides."""

    SUBJECT = "subject"
    VIDEO = "video"
    STRETCH = "stretch"

    @property
    def plural(self) -> str:
        """Several of them, e.g. ``"people"``."""
        return _WORDS[self.value][1]

    def counted(self, n: int) -> str:
        """Say how many, e.g. ``"3 people"``."""
        one, many = _WORDS[self.value]
        return f"{n} {one if n == 1 else many}"


@dataclass(frozen=True, eq=False, slots=True)
class Division:
    """A corpus in two parts.

    Parameters
    ----------
    first, second
        The parts.
    unit
        What is never in both; only subjects are independent of each other.
    """

    first: Corpus
    second: Corpus
    unit: SplitUnit


def split_corrections(corpus: Corpus, params: RetrainParams) -> tuple[Corpus, Corpus, Division]:
    """Return what to learn from, what to choose by, and the division that held the rest out."""
    outer = divide(corpus, params.held_out_share, params.gap_s, params.seed)
    inner = divide(outer.first, params.check_share, params.gap_s, params.seed + 1)
    return inner.first, inner.second, outer


def divide(corpus: Corpus, share: float, gap_s: float, seed: int) -> Division:
    """Divide so that the second part has about `share` of the expressions of each kind.

    People are kept apart; of one person, videos; one video is cut in time, and `gap_s` on
    either side of the cut belongs to neither part. A video that does not say who is seen may show
    anybody: then videos are all that is surely apart.
    """
    if len(corpus.subjects) > 1:
        names = [v.subject_id for v in corpus.videos]
        unit = SplitUnit.VIDEO if unknown_subjects(corpus.annotations) else SplitUnit.SUBJECT
        return _by_name(corpus, names, share, seed, unit)
    if len(corpus.videos) > 1:
        names = [str(i) for i in range(len(corpus.videos))]
        return _by_name(corpus, names, share, seed, SplitUnit.VIDEO)
    (video,) = corpus.videos
    first, second = _cut(video, share, gap_s)
    return Division(Corpus((first,)), Corpus((second,)), SplitUnit.STRETCH)


def unknown_subjects(annotations: Iterable[Annotation]) -> int:
    """Count the videos that do not say who is seen."""
    return sum(not annotation.subject_id for annotation in annotations)


def unknown_text(n_videos: int) -> str:
    """Say that of some videos nobody has said who is seen."""
    if n_videos == 1:
        return "subject unknown in 1 video: it counts as a person"
    return f"subject unknown in {n_videos} videos: each counts as a person"


def restricted(annotation: Annotation, intervals: Iterable[Interval]) -> Annotation:
    """Return what is known inside `intervals`; what crosses an edge becomes unknown."""
    kept = tuple(intervals)
    inside = tuple(
        e for e in annotation.expressions if any(_holds(outer, e.interval) for outer in kept)
    )
    crossing = [e.interval for e in annotation.expressions if e not in set(inside)]
    parts = [r.intersection(outer) for r in annotation.reviewed for outer in kept]
    reviewed = _without([p for p in parts if p is not None], crossing)
    return replace(annotation, expressions=inside, reviewed=reviewed)


def judged(annotation: Annotation) -> Annotation:
    """Return what a person has settled: confirmed expressions, and ranges without open cases."""
    undecided = [e.interval for e in annotation.expressions if e.status in _UNDECIDED]
    confirmed = tuple(e for e in annotation.expressions if e.status.is_present)
    reviewed = _without(list(annotation.reviewed), undecided)
    return replace(annotation, expressions=confirmed, reviewed=reviewed)


def _holds(outer: Interval, inner: Interval) -> bool:
    return outer.onset <= inner.onset and inner.offset <= outer.offset


def _without(ranges: list[Interval], holes: Sequence[Interval]) -> tuple[Interval, ...]:
    """Cut holes out of ranges."""
    for hole in holes:
        rest = []
        for outer in ranges:
            if not outer.overlap(hole):
                rest.append(outer)
                continue
            if outer.onset < hole.onset:
                rest.append(Interval(outer.onset, hole.onset - 1))
            if hole.offset < outer.offset:
                rest.append(Interval(hole.offset + 1, outer.offset))
        ranges = rest
    return tuple(ranges)


def _by_name(
    corpus: Corpus, names: Sequence[str], share: float, seed: int, unit: SplitUnit
) -> Division:
    """Try many ways to put names into the second part, and take the most even one."""
    different = sorted(set(names))
    table = np.zeros((len(different), 2))
    for name, video in zip(names, corpus.videos, strict=True):
        table[different.index(name)] += [_confirmed(video, kind) for kind in ExpressionKind]
    rng = np.random.default_rng(seed)
    best, least = set[str](), float("inf")
    for _ in range(_TRIES):
        order = rng.permutation(len(different))
        n = int(np.clip(round(share * len(different)), 1, len(different) - 1))
        part = table[order[:n]].sum(axis=0)
        uneven = float(np.abs(part - share * table.sum(axis=0)).sum())
        if uneven < least:
            best, least = {different[i] for i in order[:n]}, uneven
    pairs = list(zip(names, corpus.videos, strict=True))
    return Division(
        Corpus(tuple(v for name, v in pairs if name not in best)),
        Corpus(tuple(v for name, v in pairs if name in best)),
        unit,
    )


def _confirmed(video: LabelledFaces, kind: ExpressionKind) -> int:
    return sum(e.status.is_present for e in video.annotation.of_kind(kind))


def _cut(video: LabelledFaces, share: float, gap_s: float) -> tuple[LabelledFaces, LabelledFaces]:
    """Cut where the last `share` of the reviewed frames begins; the images are shared."""
    reviewed = video.annotation.reviewed
    frames = [np.arange(r.onset, r.offset + 1) for r in reviewed] or [np.zeros(1, np.int64)]
    known = np.concatenate(frames)
    cut = int(known[int((1 - share) * (len(known) - 1))])
    gap = round(gap_s * float(video.frame_rate))
    early = Interval(0, max(0, cut - gap))
    late = Interval(min(cut + gap, len(video.images) - 1), len(video.images) - 1)
    return _part(video, early), _part(video, late)


def _part(video: LabelledFaces, inside: Interval) -> LabelledFaces:
    hard = (h.intersection(inside) for h in video.hard)
    return replace(
        video,
        annotation=restricted(video.annotation, (inside,)),
        hard=tuple(h for h in hard if h is not None),
    )
