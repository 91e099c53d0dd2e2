"""ELAN files (``.eaf``): one tier for each kind and coder, times in milliseconds.

Written and read with the standard library, so that damage is named and slots are written in
order of time; the tests read our files with an independent library.
"""

import mimetypes
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import (
    media_beside,
    read_bytes,
    with_expressions,
)
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.cells import parse_frame, parse_ranges, parse_rate, ranges_text, rate_text
from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.io.elan_media import linked_video
from napari_mespot.io.elan_tiers import read_tiers
from napari_mespot.io.labels import clean
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.seal import OPEN_SEAL, sealed
from napari_mespot.io.tiers import Lane, Tier, lanes
from napari_mespot.io.times import (
    MILLISECOND,
    ClockFinder,
    FrameClock,
    clock_to_write,
    milliseconds,
    needed_clock,
    start_stop,
)
from napari_mespot.model import Annotation, Clock, Interval

__all__ = ["read_elan", "write_elan"]

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_TYPE = "default-lt"
_OURS = "mespot:"


@dataclass(frozen=True, slots=True)
class Mark:
    """An interval of a tier, in milliseconds."""

    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier to write: what it is, whether it holds apexes, and its intervals."""

    tier: Tier
    is_apex: bool
    marks: tuple[Mark, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.tier.name(apex=self.is_apex)


def write_elan(path: str | Path, annotation: Annotation) -> None:
    """Write the expressions of one video as an ELAN file.

    A video of that name beside the file is linked to it. What ELAN has no place for (length,
    times of frames, reviewed ranges) is written as properties of the document, which it keeps.

    Raises
    ------
    OutputError
        If the file cannot be written, or the video has no frame rate or more than 1000
        frames per second.
    """
    content = elan_content(Path(path), annotation)
    with atomic_write(path) as file:
        file.write(content)


def elan_content(path: Path, annotation: Annotation) -> bytes:
    """Return the file that :func:`write_elan` writes; raises what that raises."""
    clock = clock_to_write(annotation, "ELAN", in_milliseconds=True)
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "napari-mespot",
            "DATE": datetime.now(UTC).isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            f"{{{_INSTANCE}}}noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    _add_header(root, path, annotation)
    _add_tiers(root, [row for lane in lanes(annotation) for row in tier_rows(lane, clock)])
    facts = {"TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"}
    ET.SubElement(root, "LINGUISTIC_TYPE", {"LINGUISTIC_TYPE_ID": _TYPE, **facts})
    ET.register_namespace("xsi", _INSTANCE)
    ET.indent(root, "    ")
    return sealed(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def read_elan(
    path: str | Path,
    *,
    frame_rate: Fraction | ClockFinder | None = None,
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Read an ELAN file: the tiers named ``ME`` or ``MaE``, and those of their apexes.

    Parameters
    ----------
    path
        The ``.eaf`` file.
    frame_rate
        Frames per second, or what finds the clock of the video; needed for files that this
        program did not write.
    notice
        Is told what was left out and what looks wrong.

    Returns
    -------
    tuple of Annotation
        One for each participant that its tiers name; at least one.

    Raises
    ------
    AnnotationFormatError
        If the file is no ELAN file, has no tier of ours, or its frame rate is unknown.
    """
    path = Path(path)
    root = _root(path)
    video = stated_video(path, root)
    try:
        linked = linked_video(path, root, video, notice)
        video = replace(video, video_id=linked.name or path.stem)
        times = needed_clock(path, video.video_id, frame_rate, ours=video.clock)
        clock = FrameClock(path, times, MILLISECOND)
        of_subject = read_tiers(path, root, linked, clock, notice)
    except (KeyError, ValueError) as error:
        raise AnnotationFormatError(
            f"{path}: expected whole intervals in its tiers, got a broken one ({error}); open it "
            "in ELAN and save it again"
        ) from None
    clock.give_notice(notice)
    return tuple(
        with_expressions(path, replace(video.with_clock(times), subject_id=subject), reader, notice)
        for subject, reader in of_subject.items()
    )


def tier_rows(lane: Lane, clock: Clock, origin_s: Fraction = Fraction(0)) -> Iterator[TierRow]:
    """Return the tier of a lane, and the tier of its apexes if it has any.

    Parameters
    ----------
    lane
        Expressions that do not overlap.
    clock
        Of the video.
    origin_s
        Time in the video at which the time line of the file begins.
    """

    def mark(interval: Interval, text: str) -> Mark:
        start, stop = (milliseconds(time - origin_s) for time in start_stop(interval, clock))
        return Mark(start, stop, text)

    yield TierRow(lane.tier, False, tuple(mark(e.interval, text) for e, text in lane.labelled()))
    apexes = [e.apex for e in lane.expressions if e.apex is not None]
    if apexes:
        # ELAN has no points: an apex is an interval of one frame.
        yield TierRow(lane.tier, True, tuple(mark(Interval(a, a), "apex") for a in apexes))


def _add_header(root: ET.Element, path: Path, annotation: Annotation) -> None:
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    add_media(header, path, annotation)
    for name, value in {**elan_properties(annotation), "digest": OPEN_SEAL}.items():
        if value:
            ET.SubElement(header, "PROPERTY", {"NAME": _OURS + name}).text = value


def add_media(header: ET.Element, path: Path, annotation: Annotation) -> None:
    """Link the video that lies beside the file, if one does."""
    media = media_beside(path, annotation.video_id)
    if media:
        url = "./" + quote(media)
        kind = mimetypes.guess_type(media)[0] or "video/mp4"
        facts = {"MEDIA_URL": url, "RELATIVE_MEDIA_URL": url, "MIME_TYPE": kind}
        header.insert(0, ET.Element("MEDIA_DESCRIPTOR", facts))


def elan_properties(annotation: Annotation) -> dict[str, str]:
    """Return what is written as properties of the document; empty where nothing is known."""
    n_frames = annotation.n_frames
    return {
        "video": clean(annotation.video_id),
        "subject": clean(annotation.subject_id),
        "frames": "" if n_frames is None else str(n_frames),
        "fps": rate_text(annotation.frame_rate),
        "times": clock_text(annotation.clock),
        "reviewed": ranges_text(annotation.reviewed),
    }


def _add_tiers(root: ET.Element, rows: Sequence[TierRow]) -> None:
    """Add the slots, in order of time, and the tiers that refer to them."""
    marks = [mark for row in rows for mark in row.marks]
    ends = [
        (time, 2 * i + k) for i, m in enumerate(marks) for k, time in enumerate((m.start, m.stop))
    ]
    ends.sort()
    slots = {end: f"ts{number}" for number, (_, end) in enumerate(ends, start=1)}
    order = ET.SubElement(root, "TIME_ORDER")
    for time, end in ends:
        ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slots[end], "TIME_VALUE": str(time)})
    number = 0
    for row in rows:
        facts = {"TIER_ID": row.name, "LINGUISTIC_TYPE_REF": _TYPE}
        annotator = {"ANNOTATOR": row.tier.owner} if row.tier.owner else {}
        tier = ET.SubElement(root, "TIER", facts | annotator)
        for mark in row.marks:
            facts = {
                "ANNOTATION_ID": f"a{number + 1}",
                "TIME_SLOT_REF1": slots[2 * number],
                "TIME_SLOT_REF2": slots[2 * number + 1],
            }
            number += 1
            aligned = ET.SubElement(
                ET.SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", facts
            )
            ET.SubElement(aligned, "ANNOTATION_VALUE").text = mark.text


def _root(path: Path) -> ET.Element:
    data = read_bytes(path, "an ELAN file (.eaf)")
    try:
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError, LookupError) as error:
        raise AnnotationFormatError(
            f"{path}: expected an ELAN file (.eaf), got broken XML: {error}"
        ) from None
    if root.tag != "ANNOTATION_DOCUMENT":
        raise AnnotationFormatError(
            f"{path}: expected an ELAN file (.eaf), got XML that starts with {root.tag[:40]!r}"
        )
    header = root.find("HEADER")
    unit = "milliseconds" if header is None else header.get("TIME_UNITS", "milliseconds")
    if unit != "milliseconds":
        raise AnnotationFormatError(
            f"{path}: expected times in milliseconds, got {unit[:40]!r}; save it with a new ELAN"
        )
    return root


def stated_video(path: Path, root: ET.Element) -> Annotation:
    """Return what the header says of the video, without expressions; its name may be empty.

    Raises
    ------
    AnnotationFormatError
        If somebody has changed it so that it cannot be read.
    """
    named = {p.get("NAME", ""): p.text or "" for p in root.iterfind("HEADER/PROPERTY")}
    ours = {name.removeprefix(_OURS): v for name, v in named.items() if name.startswith(_OURS)}
    try:
        return Annotation(
            ours.get("video", ""),
            n_frames=parse_frame(ours["frames"]) if "frames" in ours else None,
            reviewed=parse_ranges(ours.get("reviewed", "")),
            subject_id=ours.get("subject", ""),
        ).with_clock(parse_clock(ours.get("times", ""), parse_rate(ours.get("fps", ""))))
    except ValueError as error:
        raise AnnotationFormatError(
            f"{path}: expected readable properties {_OURS}…, got: {error}; remove them in ELAN"
        ) from None
