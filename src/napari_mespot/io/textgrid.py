"""Praat TextGrids: interval tiers without gaps, and point tiers for the apexes.

A TextGrid is read as Praat reads it: numbers, texts in quotation marks and flags in angle
brackets count wherever they stand alone, and everything else is there for people. So the
long and the short form are one, and a text may hold any word.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import check_tiers, read_bytes, say_gaps, with_expressions
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.encoding import encoded
from napari_mespot.io.labels import clean, is_gap
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.tiers import Lane, Tier, TierReader, lanes
from napari_mespot.io.times import (
    ClockFinder,
    FrameClock,
    clock_to_write,
    needed_clock,
    parse_seconds,
    start_stop,
)
from napari_mespot.model import Annotation, Clock

__all__ = [
    "grid_lines",
    "grid_text",
    "grid_values",
    "last_time",
    "read_textgrid",
    "textgrid_content",
    "tier_lines",
    "write_textgrid",
]

_TOKEN = re.compile(
    r'(?P<text>"(?:[^"]|"")*")|(?P<flag><[a-z]+>)|(?<!\S)(?P<number>[-+]?\d[\d.]*(?:[eE][-+]?\d+)?)(?!\S)'
    r"|(?<!\S)![^\n]*"
)
_INTERVALS, _POINTS = "IntervalTier", "TextTier"


def write_textgrid(path: str | Path, annotation: Annotation) -> None:
    """Write the expressions of one video as a TextGrid, in the long form.

    Raises
    ------
    OutputError
        If the file cannot be written, or the video has no frame rate.
    """
    content = textgrid_content(annotation)
    with atomic_write(path) as file:
        file.write(content)


def textgrid_content(annotation: Annotation) -> bytes:
    """Return the file that :func:`write_textgrid` writes; raises what that raises."""
    clock = clock_to_write(annotation, "Praat", in_milliseconds=False)
    end = last_time(annotation, clock)
    tiers = [lines for lane in lanes(annotation) for lines in tier_lines(lane, clock, "0", end)]
    return encoded(grid_lines(tiers, "0", end))


def last_time(annotation: Annotation, clock: Clock) -> str:
    """Return when the last frame that is known of ends."""
    n_frames = annotation.n_frames or max((e.offset + 1 for e in annotation.expressions), default=1)
    return _number(clock.second_of(n_frames))


def grid_lines(tiers: Sequence[Sequence[str]], start: str, end: str) -> str:
    """Return the text of a TextGrid in the long form, from the lines of its tiers."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += [f"xmin = {start} ", f"xmax = {end} ", "tiers? <exists> ", f"size = {len(tiers)} "]
    lines.append("item []: ")
    for number, tier in enumerate(tiers, start=1):
        lines += [f"    item [{number}]:", *(f"        {line}" for line in tier)]
    return "\n".join(lines) + "\n"


def read_textgrid(
    path: str | Path,
    *,
    frame_rate: Fraction | ClockFinder | None = None,
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Read a TextGrid: the tiers named ``ME`` or ``MaE``, and those of their apexes.

    Parameters
    ----------
    path
        The ``.TextGrid`` file; its name without ending is taken for that of the video.
    frame_rate
        Frames per second, or what finds the clock of the video; TextGrids hold neither.
    notice
        Is told what was left out and what looks wrong.

    Returns
    -------
    tuple of Annotation
        One. A TextGrid does not say how many frames the video has.

    Raises
    ------
    AnnotationFormatError
        If the file is no TextGrid, has no tier of ours, or no frame rate is given.
    """
    path = Path(path)
    times = needed_clock(path, path.stem, frame_rate)
    clock, reader = FrameClock(path, times), TierReader()
    try:
        tiers = _tiers_of(grid_values(grid_text(path)))
    except (ValueError, StopIteration) as error:
        what = str(error) or "the file ends too early"
        raise AnnotationFormatError(
            f"{path}: expected a TextGrid, got something else ({what}); save it in Praat as text"
        ) from None
    _read_tiers(path, tiers, reader, clock, notice)
    clock.give_notice(notice)
    video = Annotation(path.stem).with_clock(times)
    return (with_expressions(path, video, reader, notice),)


def tier_lines(lane: Lane, clock: Clock, begin: str, end: str) -> Iterator[list[str]]:
    """Return the lines of the tier of a lane, and of the tier of its apexes if it has any."""
    spans = [(*map(_number, start_stop(e.interval, clock)), text) for e, text in lane.labelled()]
    filled, before = [], begin
    for start, stop, text in spans:
        filled += [(before, start, "")] if before != start else []
        filled.append((start, stop, text))
        before = stop
    filled += [(before, end, "")] if before != end else []
    yield [
        *_head(_INTERVALS, lane.tier.name(), begin, end),
        f"intervals: size = {len(filled)} ",
    ] + [
        line
        for number, (start, stop, text) in enumerate(filled, start=1)
        for line in (
            f"intervals [{number}]:",
            f"    xmin = {start} ",
            f"    xmax = {stop} ",
            f"    text = {_quoted(text)} ",
        )
    ]
    points = [_number(clock.second_of(e.apex)) for e in lane.expressions if e.apex is not None]
    if points:
        head = _head(_POINTS, lane.tier.name(apex=True), begin, end)
        yield [*head, f"points: size = {len(points)} "] + [
            line
            for number, point in enumerate(points, start=1)
            for line in (f"points [{number}]:", f"    number = {point} ", '    mark = "apex" ')
        ]


def _head(kind: str, name: str, begin: str, end: str) -> list[str]:
    times = [f"xmin = {begin} ", f"xmax = {end} "]
    return [f'class = "{kind}" ', f"name = {_quoted(name)} ", *times]


def _number(value: Fraction) -> str:
    """Write a number with all its digits and without an exponent, which few programs read."""
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def grid_text(path: Path) -> str:
    """Return the text of a TextGrid.

    Raises
    ------
    AnnotationFormatError
        If it cannot be read, or is none.
    """
    data = read_bytes(path, "a TextGrid")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise AnnotationFormatError(
            f"{path}: expected a TextGrid in UTF-8 or UTF-16, got other bytes; save it in Praat "
            "as text, with UTF-8 under text writing preferences"
        ) from None
    if "ooTextFile" not in text[:200]:
        raise AnnotationFormatError(
            f"{path}: expected a TextGrid, got a file that does not begin like one; save it in "
            "Praat as text"
        )
    return text


def grid_values(text: str) -> Iterator[str]:
    """Return what Praat reads: texts with their quotation marks, numbers and flags."""
    return (match[0] for match in _TOKEN.finditer(text) if match.lastgroup)


@dataclass(frozen=True, slots=True)
class _Row:
    """A tier as it stands in the file: (start, stop, text), twice the same time for a point."""

    name: str
    is_point: bool
    marks: tuple[tuple[Fraction, Fraction, str], ...]

    @property
    def is_filled(self) -> bool:
        """Whether its intervals follow each other with a text on each, so that it has no gap."""
        ends = [(start, stop) for start, stop, _ in self.marks]
        touching = all(a[1] == b[0] for a, b in pairwise(ends))
        is_whole = bool(ends) and touching and not self.is_point
        return is_whole and not any(is_gap(text) for *_, text in self.marks)


def _tiers_of(values: Iterator[str]) -> list[_Row]:
    """Return the tiers; raise ValueError or StopIteration if the values are no TextGrid."""
    # Older files say "ooTextFile short".
    if not _string(values).startswith("ooTextFile") or _string(values) != "TextGrid":
        raise ValueError("it is no TextGrid")
    _ = next(values), next(values)  # start and end of the recording
    tiers: list[_Row] = []
    if next(values) != "<exists>":
        return tiers
    for _ in range(_count(values)):
        is_point, name = _string(values) == _POINTS, _string(values)
        _ = next(values), next(values)
        marks = []
        for _ in range(_count(values)):
            ends = [parse_seconds(next(values)) for _ in range(1 if is_point else 2)]
            marks.append((ends[0], ends[-1], _string(values)))
        tiers.append(_Row(name, is_point, tuple(marks)))
    return tiers


def _read_tiers(
    path: Path, tiers: Sequence[_Row], reader: TierReader, clock: FrameClock, notice: Notice
) -> None:
    """Gather what the tiers of ours hold."""
    named = [(tier, reader.tier(tier.name)) for tier in tiers]
    if not reader.n_tiers:
        named = [(tier, _of_kinds(tier, reader)) for tier in tiers]
    check_tiers(path, reader, "tiers", notice)
    _say_filled(path, [t for t, found in named if found is not None and not found[1]], notice)
    gaps, n_points = Counter[str](), 0
    for tier, found in named:
        if found is None:
            continue
        if found[1]:
            for start, *_ in tier.marks:
                reader.add_apex(found[0], clock.frame(start))
        elif tier.is_point:
            n_points += len(tier.marks)
        else:
            gaps += _take(tier, found[0], reader, clock)
    say_gaps(path, gaps, notice)
    if n_points:
        notice(f"{path}: points left out, as they stand where intervals are expected: {n_points}")


def _say_filled(path: Path, tiers: Sequence[_Row], notice: Notice) -> None:
    """Raise a doubt about tiers that hold no gap."""
    filled = [clean(tier.name) for tier in tiers if tier.is_filled]
    if filled:
        notice(
            f"{path}: the intervals of {', '.join(filled)} fill all of its time, so that some may "
            "stand for nothing; empty the texts of those"
        )


def _take(found: _Row, tier: Tier, reader: TierReader, clock: FrameClock) -> Counter[str]:
    """Take the intervals of a tier, and return the words that stood on gaps."""
    gaps = Counter[str]()
    for start, stop, text in found.marks:
        if not is_gap(text):
            reader.add(tier, clock.interval(start, stop), text)
        elif text.strip():
            gaps[clean(text)] += 1
    return gaps


def _of_kinds(tier: _Row, reader: TierReader) -> tuple[Tier, bool] | None:
    """Return a tier whose texts are kinds."""
    texts = [text for *_, text in tier.marks if not is_gap(text)]
    found = reader.tier_of_kinds(tier.name, "", texts) if texts and not tier.is_point else None
    return None if found is None else (found, False)


def _string(values: Iterator[str]) -> str:
    value = next(values)
    if not value.startswith('"'):
        raise ValueError(f"expected a text in quotation marks, got {value[:40]}")
    return value[1:-1].replace('""', '"')


def _count(values: Iterator[str]) -> int:
    value = next(values)
    if not value.isascii() or not value.isdecimal():
        raise ValueError(f"expected a number of items, got {value[:40]}")
    return int(value[:9])
