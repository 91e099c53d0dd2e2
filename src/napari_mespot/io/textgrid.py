"""Praat TextGrids: interval tiers without gaps, and point tiers for the apexes.

A TextGrid is read as Praat reads it: numbers, texts in quotation marks and flags in angle
brackets count wherever they stand alone, and everything else is there for people. So the
long and the short form are one, and a text may hold any word.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import check_tiers, read_bytes, with_expressions
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.encoding import encoded
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.tiers import Lane, TierReader, lanes
from napari_mespot.io.times import (
    ClockFinder,
    FrameClock,
    clock_to_write,
    needed_clock,
    parse_seconds,
    start_stop,
)
from napari_mespot.model import Annotation, Clock

__all__ = ["read_textgrid", "write_textgrid"]

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
    clock = clock_to_write(annotation, "Praat", in_milliseconds=False)
    n_frames = annotation.n_frames or max((e.offset + 1 for e in annotation.expressions), default=1)
    end = _number(clock.second_of(n_frames))
    tiers = [tier for lane in lanes(annotation) for tier in _tiers(lane, clock, end)]
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += ["xmin = 0 ", f"xmax = {end} ", "tiers? <exists> ", f"size = {len(tiers)} "]
    lines.append("item []: ")
    for number, tier in enumerate(tiers, start=1):
        lines += [f"    item [{number}]:", *(f"        {line}" for line in tier)]
    with atomic_write(path) as file:
        file.write(encoded("\n".join(lines) + "\n"))


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
        n_points = _read_tiers(_values(_text(path)), reader, clock)
    except (ValueError, StopIteration) as error:
        what = str(error) or "the file ends too early"
        raise AnnotationFormatError(
            f"{path}: expected a TextGrid, got something else ({what}); save it in Praat as text"
        ) from None
    check_tiers(path, reader, "tiers", notice)
    if n_points:
        notice(f"{path}: points left out, as they stand where intervals are expected: {n_points}")
    clock.give_notice(notice)
    video = Annotation(path.stem).with_clock(times)
    return (with_expressions(path, video, reader, notice),)


def _tiers(lane: Lane, clock: Clock, end: str) -> Iterator[list[str]]:
    """Return the lines of the tier of a lane, and of the tier of its apexes if it has any."""
    spans = [(*map(_number, start_stop(e.interval, clock)), text) for e, text in lane.labelled()]
    filled, before = [], "0"
    for start, stop, text in spans:
        filled += [(before, start, "")] if before != start else []
        filled.append((start, stop, text))
        before = stop
    filled += [(before, end, "")] if before != end else []
    yield [*_head(_INTERVALS, lane.tier.name(), end), f"intervals: size = {len(filled)} "] + [
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
        head = _head(_POINTS, lane.tier.name(apex=True), end)
        yield [*head, f"points: size = {len(points)} "] + [
            line
            for number, point in enumerate(points, start=1)
            for line in (f"points [{number}]:", f"    number = {point} ", '    mark = "apex" ')
        ]


def _head(kind: str, name: str, end: str) -> list[str]:
    return [f'class = "{kind}" ', f"name = {_quoted(name)} ", "xmin = 0 ", f"xmax = {end} "]


def _number(value: Fraction) -> str:
    """Write a number with all its digits and without an exponent, which few programs read."""
    text = format(Decimal(repr(float(value))), "f")
    return text.removesuffix(".0")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(path: Path) -> str:
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


def _values(text: str) -> Iterator[str]:
    """Return what Praat reads: texts with their quotation marks, numbers and flags."""
    return (match[0] for match in _TOKEN.finditer(text) if match.lastgroup)


def _read_tiers(values: Iterator[str], reader: TierReader, clock: FrameClock) -> int:
    """Read all tiers, and return how many points stand where intervals are expected.

    Raises ValueError or StopIteration if the values are no TextGrid.
    """
    n_points = 0
    # Older files say "ooTextFile short".
    if not _string(values).startswith("ooTextFile") or _string(values) != "TextGrid":
        raise ValueError("it is no TextGrid")
    _ = next(values), next(values)  # start and end of the recording
    if next(values) != "<exists>":
        return 0
    for _ in range(_count(values)):
        is_point = _string(values) == _POINTS
        found = reader.tier(_string(values))
        _ = next(values), next(values)
        for _ in range(_count(values)):
            ends = [parse_seconds(next(values)) for _ in range(1 if is_point else 2)]
            label = _string(values)
            if found is None or (not label.strip() and not is_point):
                continue
            tier, is_apex = found
            if is_apex:
                reader.add_apex(tier, clock.frame(ends[0]))
            elif is_point:
                n_points += 1
            else:
                reader.add(tier, clock.interval(ends[0], ends[1]), label)
    return n_points


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
