"""Put image files in the order of the numbers in their names, and say what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from napari_mespot.errors import FrameReadError
from napari_mespot.model import picture_order, usual_step

__all__ = ["NumberedFiles", "number_files"]

_GAPS_SHOWN = 5
#: Numbers that rise unevenly and by more than this are times and not a count.
_COUNT_STEP = 8


@dataclass(frozen=True)
class NumberedFiles:
    """Image files in order.

    Parameters
    ----------
    files
        The frames, in rising order of their numbers.
    numbers
        The number in each name; a plain count where names carry none.
    warnings
        One-line texts about missing or doubtful numbers and about files left out.
    left_out
        Images that are not part of the sequence.
    is_numbered
        Whether names carry numbers.
    """

    files: tuple[Path, ...]
    numbers: tuple[int, ...]
    warnings: tuple[str, ...]
    left_out: tuple[Path, ...] = ()
    is_numbered: bool = True


def number_files(files: Sequence[Path]) -> NumberedFiles:
    """Order image files by the number in their names that counts; see :func:`picture_order`.

    Parameters
    ----------
    files
        Image files of one folder, at least one, in any order.

    Raises
    ------
    FrameReadError
        Their order is not clear.
    """
    by_name = {file.name: file for file in files}
    try:
        order = picture_order(by_name)
    except FrameReadError as error:
        raise FrameReadError(f"{files[0].parent}: {error}") from None
    numbered = any(character.isdecimal() for character in Path(order.names[0]).stem)
    warnings = []
    if not numbered and len(order.names) > 1:
        warnings.append("No numbers in the file names: taken in name order.")
    if order.left_out:
        warnings.append(_left_out_text(order.left_out, order.names[0]))
    if numbered:
        warnings.extend(_gap_texts(order.numbers))
    return NumberedFiles(
        tuple(by_name[name] for name in order.names),
        order.numbers,
        tuple(warnings),
        tuple(by_name[name] for name in order.left_out),
        numbered,
    )


def _left_out_text(left_out: tuple[str, ...], example: str) -> str:
    names = ", ".join(left_out[:3])
    more = ", ..." if len(left_out) > 3 else ""
    return f"{len(left_out)} images are not part of the sequence of {example}: {names}{more}."


def _gap_texts(numbers: tuple[int, ...]) -> list[str]:
    steps = [after - before for before, after in pairwise(numbers)]
    texts = []
    if 0 in steps:
        twice = numbers[steps.index(0)]
        texts.append(f"Number {twice} occurs twice in the file names; both files are frames.")
    # Every second picture kept is a sequence too: what counts is the usual step.
    usual = usual_step(numbers)
    if steps and median(steps) > _COUNT_STEP and 2 * steps.count(usual) < len(steps):
        texts.append(
            f"The numbers in the file names rise by {min(steps)} to {max(steps)}, as times do: "
            "frames are the existing files in order."
        )
        return texts
    gaps = [
        (before + usual, after - usual)
        for before, after in pairwise(numbers)
        if after - before > usual
    ]
    if gaps:
        texts.append(_missing_text(gaps, usual))
    return texts


def _missing_text(gaps: list[tuple[int, int]], step: int) -> str:
    count = sum(max(1, (last - first) // step + 1) for first, last in gaps)
    shown = ", ".join(
        str(first) if first >= last else f"{first}–{last}" for first, last in gaps[:_GAPS_SHOWN]
    )
    more = ", ..." if len(gaps) > _GAPS_SHOWN else ""
    noun = "number is" if count == 1 else "numbers are"
    return (
        f"{count} {noun} missing in the file names ({shown}{more}): "
        "frames are the existing files in order."
    )
