"""Numbers in the names of frame files, and where a labelled number lies among them.

The position of a file among its neighbours is the frame of the whole program; a number that is
missing in a folder shifts all later frames, so labels are looked up and never computed.
"""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePath

from napari_mespot.io.datasets.dataset import LabelProblem
from napari_mespot.io.datasets.mending import Span
from napari_mespot.io.datasets.raw_label import RawLabel
from napari_mespot.model import IMAGE_ENDINGS, Interval, picture_order

__all__ = [
    "FrameNumbers",
    "empty_frames",
    "frame_numbers",
    "numbers_of",
    "placed",
]

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FrameNumbers:
    """Numbers of the frame files of one folder.

    Parameters
    ----------
    numbers
        Rising; frame *i* of the program is the file with ``numbers[i]``.
    n_left_out
        Images that are not part of the sequence.
    """

    numbers: tuple[int, ...] = field(repr=False)
    n_left_out: int = 0

    def shift(self, first: int) -> int:
        """Return what to add to a labelled number to get the number in a file's name.

        Files below the first number of the sheet show that somebody has counted anew.
        """
        return min(0, self.numbers[0] - first)

    def problems(self, folder: str, first: int | None) -> tuple[LabelProblem, ...]:
        """Return what is odd in the numbers: missing, twice, left out, counted anew."""
        found = []
        missing, n_missing = self._missing(first)
        if n_missing:
            raw = f"{n_missing} missing: {', '.join(missing[:_SHOWN])}"
            raw += ", ..." if len(missing) > _SHOWN else ""
            found.append(("no frame is missing", raw, "labels keep to the files that exist"))
        n_twice = sum(before == after for before, after in pairwise(self.numbers))
        if n_twice:
            found.append(("frame numbers differ", f"{n_twice} twice", "all files are frames"))
        if self.n_left_out:
            raw = f"{self.n_left_out} images with other names"
            found.append(("a folder is one sequence", raw, "the smaller sequence is left out"))
        if first is not None and self.shift(first):
            raw = f"files start at {self.numbers[0]}, labels at {first}"
            found.append(("files are numbered like labels", raw, "labels are moved along"))
        return tuple(LabelProblem(folder, None, *texts) for texts in found)

    def _missing(self, first: int | None) -> tuple[list[str], int]:
        start = self.numbers[0] if first is None else min(first, self.numbers[0])
        if first is not None and self.shift(first):
            start = self.numbers[0]
        gaps = [
            (before + 1, after - 1)
            for before, after in pairwise((start - 1, *self.numbers))
            if after > before + 1
        ]
        texts = [str(low) if low == high else f"{low}–{high}" for low, high in gaps]
        return texts, sum(high - low + 1 for low, high in gaps)


def frame_numbers(folder: Path) -> FrameNumbers:
    """Return the numbers of the image files of a folder; it must hold at least one."""
    names = [p.name for p in folder.iterdir() if not p.name.startswith(".")]
    return numbers_of(name for name in names if PurePath(name).suffix.lower() in IMAGE_ENDINGS)


def empty_frames(folder: Path) -> tuple[str, ...]:
    """Return the names of image files of 0 bytes, as an interrupted copy leaves them."""
    with os.scandir(folder) as entries:
        return tuple(
            sorted(
                entry.name
                for entry in entries
                if PurePath(entry.name).suffix.lower() in IMAGE_ENDINGS
                and not entry.name.startswith(".")
                and entry.stat().st_size == 0
            )
        )


def numbers_of(names: Iterable[str]) -> FrameNumbers:
    """Return the number of each name that counts, by the rule by which frames are opened.

    Raises
    ------
    FrameReadError
        The order of the images is not clear.
    """
    order = picture_order(names)
    return FrameNumbers(order.numbers, len(order.left_out))


def placed(
    label: RawLabel, span: Span, frames: FrameNumbers | None, problems: list[LabelProblem]
) -> tuple[Interval, int | None] | None:
    """Return interval and apex as frames of the program, 0-based.

    Parameters
    ----------
    label, span
        The row and its whole numbers.
    frames
        The files that exist; None if that is not known, then no frame is missing.
    problems
        Gets a line for what had to be moved.

    Returns
    -------
    tuple or None
        None if not one of the frames exists.
    """
    if frames is None:
        apex = None if span.apex is None else span.apex - label.first
        return Interval(span.onset - label.first, span.offset - label.first), apex
    shift, numbers = frames.shift(label.first), frames.numbers
    wanted = (span.onset + shift, span.offset + shift)
    onset, offset = bisect_left(numbers, wanted[0]), bisect_right(numbers, wanted[1]) - 1
    if offset < onset:
        problems.append(label.problem("labelled frames exist", label.raw, "the row is left out"))
        return None
    if wanted[1] > numbers[-1]:
        last = numbers[-1] - shift
        rule = "offset is a frame of the video"
        problems.append(label.problem(rule, label.raw, f"the last frame, {last}, is taken"))
    if (numbers[onset], numbers[offset]) != (wanted[0], min(wanted[1], numbers[-1])):
        remedy = f"{numbers[onset] - shift} to {numbers[offset] - shift} is taken"
        problems.append(label.problem("onset and offset have a file", label.raw, remedy))
    if span.apex is None:
        return Interval(onset, offset), None
    apex = min(bisect_left(numbers, span.apex + shift), offset)
    return Interval(onset, offset), apex
