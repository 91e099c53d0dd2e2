"""What a data set is once it has been read: videos with labels, and what was odd in them.

Frames are 0-based and inclusive here as everywhere; the readers beside this module turn the
numbers of the label sheets into them.
"""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Literal

from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, parse_facs

__all__ = [
    "DatasetKind",
    "DatasetVideo",
    "LabelProblem",
    "MissingOffset",
    "SpottingDataset",
    "kth_frame",
]

#: What to take for an offset that the sheet leaves out: twice the way to the apex, the apex,
#: 20 frames after it, or leave the row out.
MissingOffset = Literal["mirror", "apex", "apex+20", "drop"]


class DatasetKind(StrEnum):
    """A layout of folders and label sheets that can be read."""

    SAMM_LV = "samm_lv"
    CAS_ME2 = "cas_me2"
    CAS_ME3 = "cas_me3"
    SAMM_CHALLENGE = "samm_challenge"
    SMIC_E_LONG = "smic_e_long"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class LabelProblem:
    """Something in a label sheet or a folder of frames that a person should know of.

    Parameters
    ----------
    sheet
        The file and sheet, or the folder.
    row
        As a spreadsheet counts, from 1; None if it is about more than one row.
    rule
        What should be true and is not, as a sentence; problems are grouped by it.
    raw
        What stands there.
    remedy
        What was done.
    """

    sheet: str
    row: int | None
    rule: str
    raw: str
    remedy: str

    def __str__(self) -> str:
        where = self.sheet if self.row is None else f"{self.sheet}, row {self.row}"
        text = f"{where}: expected that {self.rule}, got {self.raw}; {self.remedy}"
        return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class DatasetVideo:
    """One video of a data set.

    Parameters
    ----------
    path
        A video file or a folder of frames.
    annotation
        Its labels, 0-based. `reviewed` is the whole video where the data set labels all of it,
        and empty where nobody has looked. The length of a folder of frames is known; that of a
        video file only if the reader was given a way to measure it.
    non_expressions
        Labelled movements that are no expressions, such as blinks.
    """

    path: Path
    annotation: Annotation
    non_expressions: tuple[Interval, ...] = ()

    @property
    def subject(self) -> str:
        """The person seen."""
        return self.annotation.subject_id


@dataclass(frozen=True, slots=True)
class SpottingDataset:
    """Videos of a data set that have frames, with their labels.

    Parameters
    ----------
    name
        For people and for :attr:`Expression.source <napari_mespot.model.Expression>`.
    kind
        The layout it was read from.
    videos
        In order of subject and name.
    problems
        What was odd while reading.
    """

    name: str
    kind: DatasetKind
    videos: tuple[DatasetVideo, ...]
    problems: tuple[LabelProblem, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everybody seen, sorted."""
        return tuple(sorted({video.subject for video in self.videos}))

    @property
    def labelled(self) -> bool:
        """Whether any video has a label or a range that a person has gone through."""
        return any(v.annotation.expressions or v.annotation.reviewed for v in self.videos)

    @property
    def frame_rate(self) -> Fraction | None:
        """Frames per second of all videos; None if they differ or are unknown."""
        rates = {video.annotation.frame_rate for video in self.videos}
        return rates.pop() if len(rates) == 1 else None

    def count(self, kind: ExpressionKind) -> int:
        """Count the labels of one kind."""
        return len(self.expressions(kind))

    def expressions(self, kind: ExpressionKind) -> tuple[Expression, ...]:
        """Return the labels of one kind, video by video."""
        return tuple(e for video in self.videos for e in video.annotation.of_kind(kind))

    def without_labels_of(self, codes: Collection[int]) -> "SpottingDataset":
        """Take labels that hold no action unit but these for movements that are no expressions."""
        kept = set(codes)
        return replace(self, videos=tuple(_without_labels_of(v, kept) for v in self.videos))

    def of_subjects(self, ids: Collection[str]) -> "SpottingDataset":
        """Return the videos of some subjects, and no others."""
        kept = set(ids)
        return replace(self, videos=tuple(v for v in self.videos if v.subject in kept))


def _without_labels_of(video: DatasetVideo, codes: Set[int]) -> DatasetVideo:
    annotation = video.annotation
    numbers = [parse_facs(e.action_units).numbers for e in annotation.expressions]
    moved = [
        e for e, own in zip(annotation.expressions, numbers, strict=True) if own and own <= codes
    ]
    others = sorted((*video.non_expressions, *(e.interval for e in moved)))
    return replace(video, annotation=annotation.without(*moved), non_expressions=tuple(others))


def kth_frame(expressions: Sequence[Expression]) -> int:
    """Return half the mean length of labelled expressions, in frames (k of the paper).

    ``int((mean(offset - onset) + 1) / 2)``, as the published figures were computed: 37 and 217
    for the ME and MaE of SAMM-LV.

    Raises
    ------
    ValueError
        If there are none.
    """
    if not expressions:
        raise ValueError("Expected at least one expression, got none")
    mean = sum(e.offset - e.onset for e in expressions) / len(expressions)
    return int((mean + 1) / 2)
