"""Intervals put into a TextGrid that has tiers of other kinds."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.encoding import encoded
from napari_mespot.io.merging import GivingWay, beside
from napari_mespot.io.notices import Notice
from napari_mespot.io.textgrid import grid_lines, grid_text, grid_values, last_time, tier_lines
from napari_mespot.io.tiers import lanes, parse_tier
from napari_mespot.io.times import clock_to_write, parse_seconds
from napari_mespot.model import Annotation

__all__ = ["merged_textgrid"]

_POINTS = '"TextTier"'


@dataclass(frozen=True, slots=True)
class _Tier:
    """A tier as it stands in the file, in the words of the file."""

    kind: str
    name: str
    start: str
    end: str
    items: tuple[tuple[str, ...], ...]

    @property
    def plain_name(self) -> str:
        """Its name as people see it."""
        return self.name[1:-1].replace('""', '"')

    def lines(self, end: str) -> list[str]:
        """Return its lines, its time going on to `end`."""
        items, is_point = list(self.items), self.kind == _POINTS
        if not is_point and parse_seconds(self.end) < parse_seconds(end):
            items.append((self.end, end, '""'))
        what, names = (
            ("points", ("number", "mark")) if is_point else ("intervals", ("xmin", "xmax", "text"))
        )
        head = [f"class = {self.kind} ", f"name = {self.name} ", f"xmin = {self.start} "]
        return [*head, f"xmax = {end} ", f"{what}: size = {len(items)} "] + [
            line
            for number, item in enumerate(items, start=1)
            for line in (
                f"{what} [{number}]:",
                *(f"    {name} = {value} " for name, value in zip(names, item, strict=True)),
            )
        ]


def merged_textgrid(path: Path, annotation: Annotation, notice: Notice) -> bytes:
    """Return a TextGrid with the expressions in place of those it held; other tiers stay.

    Raises
    ------
    OutputError
        If it is no TextGrid.
    """
    try:
        start, end, tiers = _read(grid_values(grid_text(path)))
    except (AnnotationFormatError, ValueError, StopIteration) as error:
        raise OutputError(
            f"{path}: expected a TextGrid to merge into, got another file ({error}); write "
            "another file, or say --replace to start this one anew"
        ) from None
    clock = clock_to_write(annotation, "Praat", in_milliseconds=False)
    going = GivingWay.to(annotation)
    kept = [tier for tier in tiers if not _gives_way(tier, going)]
    end = max(end, last_time(annotation, clock), key=parse_seconds)
    start = min(start, "0", key=parse_seconds)
    free = beside(lanes(annotation), [tier.plain_name for tier in kept])
    ours = [lines for lane in free for lines in tier_lines(lane, clock, start, end)]
    going.tell(path, notice)
    return encoded(grid_lines([*(tier.lines(end) for tier in kept), *ours], start, end))


def _gives_way(tier: _Tier, going: GivingWay) -> bool:
    found = parse_tier(tier.plain_name)
    n = sum(item[-1].strip('" ') != "" for item in tier.items)
    return found is not None and going.includes(found[0], n, is_apex=found[1])


def _read(values: Iterator[str]) -> tuple[str, str, list[_Tier]]:
    """Return start, end and tiers; raise ValueError or StopIteration if it is no TextGrid."""
    if "ooTextFile" not in next(values) or next(values) != '"TextGrid"':
        raise ValueError("it is no TextGrid")
    start, end = _time(values), _time(values)
    tiers: list[_Tier] = []
    if next(values) != "<exists>":
        return start, end, tiers
    for _ in range(int(_time(values))):
        kind, name = _text(values), _text(values)
        first, last, n = _time(values), _time(values), int(_time(values))
        n_times = 1 if kind == _POINTS else 2
        items = [(*[_time(values) for _ in range(n_times)], _text(values)) for _ in range(n)]
        tiers.append(_Tier(kind, name, first, last, tuple(items)))
    return start, end, tiers


def _time(values: Iterator[str]) -> str:
    value = next(values)
    if not isinstance(parse_seconds(value), Fraction):
        raise ValueError(f"expected a number, got {value[:40]}")
    return value


def _text(values: Iterator[str]) -> str:
    value = next(values)
    if not value.startswith('"'):
        raise ValueError(f"expected a text in quotation marks, got {value[:40]}")
    return value
