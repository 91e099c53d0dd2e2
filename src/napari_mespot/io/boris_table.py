"""Reading tables of BORIS.

There are three kinds: tabular events, one row per event; aggregated events, one row per interval;
and tabular events as BORIS wrote them up to version 8.9, where the facts of the observation stand
in a preamble above the header row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import stated_rate
from napari_mespot.io.boris_choice import Damaged, annotations_of
from napari_mespot.io.boris_events import POINT, START, STOP, Event, event_of
from napari_mespot.io.boris_media import (
    Medium,
    TimeLine,
    folder_of,
    of_first_player,
    other_players,
    remarks_on_images,
    remarks_on_media,
)
from napari_mespot.io.boris_observation import Observation
from napari_mespot.io.cells import restored
from napari_mespot.io.delimited import Record, Sheet, column_key, read_sheet
from napari_mespot.io.frame_cells import say_if_empty
from napari_mespot.io.labels import clean
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.times import ClockFinder, parse_seconds
from napari_mespot.model import Annotation, Clock, video_name

__all__ = ["OLD_COLUMNS", "read_boris_tabular"]

#: What the header row of tabular events up to version 8.9 has.
OLD_COLUMNS = ("time", "behavior", "status")
_NOBODY = "no focal subject"
_NONE = frozenset({"", "na", "nan", "not found", "live"})
_Cells = dict[str, str]


def read_boris_tabular(
    path: str | Path,
    *,
    frame_rate: Fraction | ClockFinder | None = None,
    observation: str = "",
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Read tabular or aggregated events: the behaviours named ``ME`` or ``MaE``.

    Parameters
    ----------
    path
        The table.
    frame_rate
        Frames per second in place of those that the table states, or what finds the clock of
        a video.
    observation
        Name of the only observation to read; empty: all.
    notice
        Is told what was left out and what looks wrong.

    Returns
    -------
    tuple of Annotation
        One for each observation, video and subject that has a row; one without expressions if
        there is no row at all.

    Raises
    ------
    AnnotationFormatError
        If the file is no such table, a cell cannot be read, or none of its observations can.
    """
    path = Path(path)
    table = _table(path)
    say_if_empty(path, table.sheet.records, notice)
    observations = _observations(table)
    if not observations:
        bare = Annotation(table.video or path.stem)
        return (bare.with_clock(Clock(frame_rate)) if isinstance(frame_rate, Fraction) else bare,)
    return annotations_of(path, observations, frame_rate, observation, notice)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, and how its columns are called.

    Parameters
    ----------
    sheet
        Its rows.
    facts
        What the preamble says, by the names of the columns that newer tables have.
    is_aggregated
        Whether a row is an interval.
    """

    sheet: Sheet
    facts: _Cells
    is_aggregated: bool = False

    @property
    def video(self) -> str:
        """Name of the video that the preamble names first."""
        files = of_first_player(self.facts.get("source", ""))
        return video_name(files[0]) if files else ""

    def cells(self, record: Record) -> _Cells:
        """Return the cells of a row, by the names that newer tables have."""
        cells = {column_key(c): restored(v.strip()) for c, v in record.cells.items()}
        if not self.facts:
            return cells
        cells = _in_place(cells)
        cells["behavior type"] = cells.get("status", "")
        cells["media file name"] = cells.get("media file path", "")
        if ";" not in self.facts.get("source", ""):
            cells.setdefault("media duration (s)", cells.get("total length", ""))
        return self.facts | cells


def _table(path: Path) -> _Table:
    try:
        sheet = read_sheet(path, ("behavior",))
    except AnnotationFormatError as error:
        try:
            sheet = read_sheet(path, OLD_COLUMNS, has_preamble=True)
        except AnnotationFormatError:
            raise error from None
        return _Table(sheet, _preamble(sheet))
    names = {column_key(column) for column in sheet.columns}
    is_aggregated = {"start (s)", "stop (s)"} <= names
    if set(OLD_COLUMNS) <= names:
        return _Table(sheet, {"observation id": path.stem})
    if not is_aggregated and not {"behavior type", "time"} <= names:
        raise AnnotationFormatError(
            f"{path}: expected the columns Behavior type and Time, or Start (s) and Stop (s), got "
            f"{', '.join(sheet.columns[:12])}; export tabular or aggregated events"
        )
    return _Table(sheet, {}, is_aggregated)


def _preamble(sheet: Sheet) -> _Cells:
    """Return what the rows above the header row say, by the names that newer tables have."""
    facts = {"observation id": sheet.path.stem}
    files: list[str] = []
    folders: list[str] = []
    for _, (title, *rest) in sheet.comments:
        key, value = column_key(title), restored(rest[0].strip()) if rest else ""
        if key == "player #1":
            files.append(value)
        elif key.startswith("player #"):
            facts["beside"] = "; ".join(filter(None, (facts.get("beside", ""), value)))
        elif key == "directory":
            folders.append(value)
        elif key in {"live observation", "from directories of images"}:
            facts["observation type"] = key
        elif key in {"observation id", "time offset (s)", "description"}:
            facts[key] = value
    source = ";".join(files or folders)
    return facts | ({"source": source} if source else {})


def _in_place(cells: _Cells) -> _Cells:
    """Return a row with its cells under their columns.

    Where a project did not know its videos, old versions wrote one cell too few.
    """
    if cells.get("status") or "total length" not in cells:
        return cells
    values = list(cells.values())
    values.insert(list(cells).index("total length"), "")
    moved = dict(zip(cells, values, strict=False))
    return moved if moved.get("status", "").upper() in {START, STOP, POINT} else cells


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of events.

    Parameters
    ----------
    record
        Where it stands.
    cells
        By the names that newer tables have.
    """

    record: Record
    cells: _Cells

    @property
    def media(self) -> str:
        """The video that it names; empty if there is none."""
        media = self.cells.get("media file name") or self.cells.get("media file") or ""
        return "" if media.casefold() in _NONE else media

    @property
    def key(self) -> tuple[str, str]:
        """What rows of one observation have in common."""
        return self.cells.get("observation id", ""), self.cells.get("source", "") or self.media

    def add_to(self, observation: Observation, *, is_aggregated: bool) -> None:
        """Add what the row says; raise AnnotationFormatError if a cell cannot be read."""
        what = self.cells.get("behavior type", "").upper()
        if not is_aggregated:
            if what not in {START, STOP, POINT}:
                got = self.cells.get("behavior type", "")[:40]
                raise self.record.error(
                    "Behavior type", f"expected START, STOP or POINT, got {got!r}"
                )
            observation.events.append(self._event(observation, "", what))
        elif what == POINT:
            observation.events.append(self._event(observation, "start", POINT))
        else:
            ends = [self._event(observation, *e) for e in (("start", START), ("stop", STOP))]
            observation.spans.append((ends[0], ends[1]))

    def _event(self, observation: Observation, end: str, what: str) -> Event:
        """Return the event of a row, or that of one end of its interval."""
        cells, behind = self.cells, f" {end}" if end else ""
        time = f"{end} (s)" if end else "time"
        subject = clean(cells.get("subject", ""))
        comment = cells.get(f"comment{behind}", "")
        if not comment and what != STOP:
            comment = cells.get("comment", "")
        media = self.media
        if observation.of_images:
            image = cells.get(f"image file path{behind}", "")
            media = folder_of(image) if ";" in cells.get("source", "").strip("; ") else ""
        try:
            return event_of(
                cells["behavior"],
                "nan" if observation.of_images else cells[time],
                cells.get(f"image index{behind}", ""),
                what=what,
                subject="" if subject.casefold() == _NOBODY else subject,
                modifiers="|".join(v for name, v in cells.items() if name.startswith("modifier")),
                comment=comment,
                media=media,
            )
        except ValueError as error:
            raise self.record.error(time, f"{error}; correct the cell") from None


def _observations(table: _Table) -> list[Observation | Damaged]:
    """Return the observations, each with all of its events."""
    found: dict[tuple[str, str], Observation] = {}
    for record in table.sheet.records:
        row = _Row(record, table.cells(record))
        observation = found.get(row.key)
        if observation is None:
            observation = found[row.key] = _observation(record, row.cells, row.media)
        row.add_to(observation, is_aggregated=table.is_aggregated)
    later = _later_videos([o for (name, _), o in found.items() if name])
    return [
        Damaged(
            f"{o.name} ({o.line.media[0].video_id})",
            AnnotationFormatError(
                f"{table.sheet.path}: expected to know when each of its videos begins, got a table "
                "without their lengths; export it again with a new BORIS, or read the project"
            ),
        )
        if o.line is not None and id(o) in later
        else o
        for o in found.values()
    ]


def _later_videos(observations: Sequence[Observation]) -> set[int]:
    """Return those that go on where another of the same name ends.

    Tables without a column of sources name the video of each row, and count time through all
    the videos of an observation.
    """
    later = set()
    of_name: dict[str, list[tuple[Fraction, Fraction, int]]] = {}
    for o in observations:
        events = [*o.events, *(event for span in o.spans for event in span)]
        times = [e.time_s for e in events if e.time_s is not None]
        if times:
            of_name.setdefault(o.name, []).append((min(times), max(times), id(o)))
    for spans in of_name.values():
        spans.sort()
        if all(before[1] <= after[0] for before, after in pairwise(spans)):
            later |= {span[2] for span in spans[1:]}
    return later


def _observation(record: Record, cells: _Cells, media: str) -> Observation:
    """Return an observation without events, from its first row."""
    name = cells.get("observation id", "")
    kind = cells.get("observation type", "").casefold()
    source, description = cells.get("source", ""), cells.get("description", "")
    name = name or video_name(media) or record.path.stem
    if kind.startswith("live"):
        return Observation(name, None, description)
    if kind.startswith("from "):
        folders = [f for f in of_first_player(source.strip("; ")) if f] or [name]
        line, remarks = TimeLine((Medium(video_name(folders[0])),)), remarks_on_images(folders)
        return Observation(name, line, description, of_images=True, remarks=remarks)
    offset = _seconds(record, cells, "time offset (s)") or Fraction(0)
    line = TimeLine(tuple(_media(cells, media, name)), offset)
    others = [*other_players(source), *filter(None, [cells.get("beside", "")])]
    remarks = remarks_on_media([m.video_id for m in line.media], offset, others)
    return Observation(name, line, description, remarks=remarks)


def _media(cells: _Cells, named: str, name: str) -> Iterator[Medium]:
    """Return the videos of the first player."""
    files = of_first_player(cells.get("source", "")) or [named or name]
    lengths = of_first_player(cells.get("media duration (s)", ""))
    rates = of_first_player(cells.get("fps", "") or cells.get("fps (frame/s)", ""))
    if len(files) > 1 and len(lengths) == 1:
        files = [";".join(files)] if video_name(named) not in map(video_name, files) else files
    for place, file in enumerate(files):
        length = lengths[place] if len(lengths) == len(files) else ""
        rate = rates[place] if place < len(rates) else (rates or [""])[0]
        yield Medium(video_name(file), stated_rate(rate), _length(length))


def _length(text: str) -> Fraction | None:
    try:
        length = parse_seconds(text)
    except ValueError:
        return None
    return length if length > 0 else None


def _seconds(record: Record, cells: _Cells, column: str) -> Fraction | None:
    text = cells.get(column, "")
    if text.casefold() in _NONE:
        return None
    try:
        return parse_seconds(text)
    except ValueError as error:
        raise record.error(column, f"{error}; correct the cell") from None
