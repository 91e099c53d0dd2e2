"""Put image files in the order of the numbers in their names, and say what is missing."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

__all__ = ["NumberedFiles", "number_files"]

_LAST_NUMBER = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)
_GAPS_SHOWN = 5

#: Text around the number, and the suffix: what files of one sequence have in common.
_Family = tuple[str, str, str]


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
    """

    files: tuple[Path, ...]
    numbers: tuple[int, ...]
    warnings: tuple[str, ...]


def number_files(files: Sequence[Path]) -> NumberedFiles:
    """Order image files by the last number in their names (``img9`` before ``img10``).

    Files whose names differ beside the number form one sequence as long as no number occurs
    twice; if one does, the largest family of names is the sequence and the rest is left out.

    Parameters
    ----------
    files
        Image files of one folder, at least one, in any order.
    """
    families: dict[_Family, list[tuple[int, Path]]] = defaultdict(list)
    unnumbered = []
    for file in files:
        match = _LAST_NUMBER.match(file.stem)
        if match:
            family = (match[1], match[3], file.suffix.lower())
            families[family].append((int(match[2]), file))
        else:
            unnumbered.append(file)
    if not families:
        return _by_name(unnumbered)
    chosen, left_out = _choose(families)
    chosen.sort(key=lambda item: (item[0], item[1].name))
    numbers = tuple(number for number, _ in chosen)
    warnings = []
    if left_out or unnumbered:
        warnings.append(_left_out_text(sorted(left_out + unnumbered), chosen[0][1]))
    warnings.extend(_gap_texts(numbers))
    return NumberedFiles(tuple(file for _, file in chosen), numbers, tuple(warnings))


def _by_name(files: list[Path]) -> NumberedFiles:
    files.sort(key=lambda file: file.name)
    warnings = () if len(files) == 1 else ("No numbers in the file names: taken in name order.",)
    return NumberedFiles(tuple(files), tuple(range(len(files))), warnings)


def _choose(
    families: dict[_Family, list[tuple[int, Path]]],
) -> tuple[list[tuple[int, Path]], list[Path]]:
    """All families together if their numbers do not collide, else the largest one."""
    together = [item for members in families.values() for item in members]
    if len(families) == 1 or len({number for number, _ in together}) == len(together):
        return together, []
    ranked = sorted(families, key=lambda family: (-len(families[family]), family))
    left_out = [file for family in ranked[1:] for _, file in families[family]]
    return list(families[ranked[0]]), left_out


def _left_out_text(left_out: list[Path], example: Path) -> str:
    names = ", ".join(file.name for file in left_out[:3])
    more = ", ..." if len(left_out) > 3 else ""
    return f"{len(left_out)} images are not part of the sequence of {example.name}: {names}{more}."


def _gap_texts(numbers: tuple[int, ...]) -> list[str]:
    steps = [after - before for before, after in pairwise(numbers)]
    if not steps:
        return []
    texts = []
    if 0 in steps:
        twice = numbers[steps.index(0)]
        texts.append(f"Number {twice} occurs twice in the file names; both files are frames.")
    rising = [step for step in steps if step > 0]
    # Every second picture kept is a sequence too: what counts is the usual step.
    usual = max(set(rising), key=lambda step: (rising.count(step), -step)) if rising else 1
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
