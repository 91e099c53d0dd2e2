"""From the cells of a label to whole frame numbers, saying each time what had to be mended."""

from dataclasses import dataclass
from math import floor

from napari_mespot.io.datasets.dataset import LabelProblem, MissingOffset
from napari_mespot.io.datasets.raw_label import RawLabel
from napari_mespot.io.datasets.workbook import cell_text, number_of

__all__ = ["Span", "mended"]


@dataclass(frozen=True, slots=True)
class Span:
    """Onset, apex and offset as whole numbers in the counting of the sheet."""

    onset: int
    apex: int | None
    offset: int


def mended(
    label: RawLabel, missing_offset: MissingOffset, problems: list[LabelProblem]
) -> Span | None:
    """Return the frame numbers of a label; None if it has none, or is to be dropped.

    Parameters
    ----------
    label
        The row.
    missing_offset
        What to take for an offset that is 0 or empty.
    problems
        Gets a line for each thing that was mended.
    """
    onset, apex, offset = _whole_numbers(label, problems)
    if onset is None:
        onset = apex if apex is not None and apex >= label.first else offset
        remedy = "the row is left out" if onset is None else f"{onset} is taken"
        problems.append(label.problem("onset is a number", label.raw, remedy))
        if onset is None:
            return None
    if onset < label.first:
        problems.append(
            label.problem("onset is a frame of the video", label.raw, f"{label.first} is taken")
        )
        onset = label.first
    if offset is None or (offset <= 0 and offset < onset):
        offset = _substitute(label, onset, apex, missing_offset, problems)
        if offset is None:
            return None
    if offset < onset:
        problems.append(
            label.problem("onset is not after offset", label.raw, "the two are exchanged")
        )
        onset, offset = offset, onset
    return Span(max(onset, label.first), _inside(label, onset, apex, offset, problems), offset)


def _whole_numbers(
    label: RawLabel, problems: list[LabelProblem]
) -> tuple[int | None, int | None, int | None]:
    """Round half up; half-frames came from dividing numbers of another rate."""
    values = [number_of(cell) for cell in (label.onset, label.apex, label.offset)]
    onset, apex, offset = (None if v is None else floor(v + 0.5) for v in values)
    odd = [v for v in values if v is not None and not v.is_integer()]
    if odd:
        taken = ", ".join(str(floor(value + 0.5)) for value in odd)
        problems.append(label.problem("frame numbers are whole", label.raw, f"{taken} is taken"))
    text = cell_text(label.apex)
    if apex is None and text:
        problems.append(label.problem("apex is a number", text, "the apex is left out"))
    return onset, apex, offset


def _substitute(
    label: RawLabel,
    onset: int,
    apex: int | None,
    missing_offset: MissingOffset,
    problems: list[LabelProblem],
) -> int | None:
    rule = "offset is known"
    if missing_offset == "drop":
        problems.append(label.problem(rule, label.raw, "the row is left out"))
        return None
    if apex is None or apex < onset:
        problems.append(label.problem(rule, label.raw, f"the onset, {onset}, is taken: no apex"))
        return onset
    offset = {"mirror": 2 * apex - onset, "apex": apex, "apex+20": apex + 20}[missing_offset]
    problems.append(label.problem(rule, label.raw, f"{offset} is taken ({missing_offset})"))
    return offset


def _inside(
    label: RawLabel, onset: int, apex: int | None, offset: int, problems: list[LabelProblem]
) -> int | None:
    if apex is None or onset <= apex <= offset:
        return apex
    problems.append(
        label.problem("apex lies inside the interval", label.raw, "the apex is left out")
    )
    return None
