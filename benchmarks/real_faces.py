"""Measure spotting on clips of real people that somebody has labelled.

    python -m benchmarks.real_faces CLIPS LABELS [--checkpoint NAME] [--out FILE.md]

CLIPS is a folder of videos. LABELS is a folder with, for each of them,

- ``NAME.labels.csv``: video, kind, onset, apex, offset, and if you like confidence (*clear* or
  *doubtful*); a video without this file, or with an empty one, is taken to show nothing;
- ``NAME.ranges.csv`` (optional): video, what, start, end: where else something happens, such as
  speech, head, blink, gaze, occlusion, neutral;
- ``groups.csv`` (optional, for all): video, group. Other videos are put into groups by the rule
  that is printed.

Frames count from 0, both ends included.
"""

import argparse
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from napari_mespot.batch.inputs import find_videos, plain_name
from napari_mespot.errors import AnnotationFormatError, MespotError, NoFaceError
from napari_mespot.evaluation import (
    Matching,
    SpottingCounts,
    TimingErrors,
    brief_counts,
    event_auc,
    f1_interval,
    frame_shares,
    is_doubtful,
    match_clear,
    match_expressions,
    of_any_kind,
    timing_by_length,
    watched_frames,
)
from napari_mespot.face import FaceCache
from napari_mespot.frames import FrameSource, open_frames
from napari_mespot.io import read_table
from napari_mespot.io.cells import parse_frame
from napari_mespot.io.delimited import read_sheet
from napari_mespot.model import (
    Annotation,
    Clock,
    ExpressionKind,
    Interval,
    ScoreSignal,
    composed,
    merged,
    same_video,
)
from napari_mespot.network import DEFAULT_CHECKPOINT, Checkpoint, load_checkpoint
from napari_mespot.spotting import SpottingResult, find_in_scores, spot_video

Ranges = tuple[tuple[str, Interval], ...]

LABELS = ".labels.csv"
STILL = "still"
ORDER = {what: i for i, what in enumerate(("event", "head", "speech", "blink", "gaze"))}
MOSTLY = 0.6
RULE = (
    "talk: speech in 60 % or more of the frames; still: no clear label; posed: no speech, and the "
    "head moves in less than half of the frames of clear labels; acted: all else"
)


@dataclass(frozen=True)
class Clip:
    """A video, what is known of it, and the group it is measured in."""

    path: Path
    name: str
    labels: Annotation
    ranges: Ranges
    group: str


@dataclass(frozen=True, eq=False)
class Spotted:
    """A clip and what was found in it."""

    clip: Clip
    result: SpottingResult

    @property
    def clock(self) -> Clock:
        """When its frames are shown."""
        return self.result.signal.clock

    @property
    def minutes(self) -> float:
        """Its length."""
        n_frames = self.result.signal.n_frames
        return float(self.clock.duration_of(Interval(0, n_frames - 1))) / 60

    def matching(self, *, clear: bool, any_kind: bool = False) -> Matching:
        """Compare with all labels or the clear ones."""
        both = (self.clip.labels, self.result.annotation)
        reference, found = map(of_any_kind, both) if any_kind else both
        compare = match_clear if clear else match_expressions
        return compare(reference, found)


def read_clips(clips: Path, labels: Path) -> tuple[Clip, ...]:
    """Find the videos of a folder and what is known of each."""
    tables = {composed(p.name).removesuffix(LABELS): p for p in sorted(labels.glob(f"*{LABELS}"))}
    if not tables:
        raise AnnotationFormatError(f"{labels}: expected a folder with NAME{LABELS}, got none")
    groups = read_groups(labels / "groups.csv")
    out = []
    for path in find_videos([clips]):
        name = plain_name(path)
        table = tables.pop(name, None)
        with open_frames(path) as source:
            blank = Annotation(name, source.n_frames).with_clock(source.clock)
        reference = blank if table is None else read_labels(table, blank)
        ranges = read_ranges(labels / f"{name}.ranges.csv", name)
        group = next((g for video, g in groups.items() if same_video(video, name)), "")
        group = group or group_of(reference, ranges, blank.n_frames or 0)
        out.append(Clip(path, name, reference, ranges, group))
        if table is None:
            print(f"no {name}{LABELS}: taken to show nothing")
    if tables:
        print(f"labels of videos that are not in {clips}, left out: {', '.join(tables)}")
    return tuple(out)


def read_labels(path: Path, blank: Annotation) -> Annotation:
    """Return the labels of a video."""
    tables = read_table(path, notice=lambda _: None)
    for other in tables:
        if not same_video(other.video_id, blank.video_id):
            raise AnnotationFormatError(
                f"{path}: expected labels of {blank.video_id!r} only, got {other.video_id!r} too"
            )
    own = tuple(e for table in tables for e in table.expressions)
    try:
        return replace(blank, expressions=own)
    except ValueError as error:
        raise AnnotationFormatError(f"{path}: {error}") from None


def read_ranges(path: Path, name: str) -> Ranges:
    """Return what else happens in a video; nothing if there is no such file."""
    if not path.exists():
        return ()
    out = []
    for row in read_sheet(path, ("video", "what", "start", "end")).records:
        if not same_video(row.cells["video"].strip(), name):
            raise row.error("video", f"expected {name!r}, got {row.cells['video']!r}")
        try:
            frames = Interval(parse_frame(row.cells["start"]), parse_frame(row.cells["end"]))
        except ValueError as error:
            raise row.error("start or end", str(error)) from None
        out.append((row.cells["what"].strip().casefold(), frames))
    return tuple(out)


def read_groups(path: Path) -> dict[str, str]:
    """Return the group of each video that the table names."""
    if not path.exists():
        return {}
    rows = read_sheet(path, ("video", "group")).records
    return {row.cells["video"].strip(): row.cells["group"].strip() for row in rows}


def group_of(labels: Annotation, ranges: Ranges, n_frames: int) -> str:
    """Return the group of a video by the rule that is printed."""
    speech = merged(frames for what, frames in ranges if what == "speech")
    head = merged(frames for what, frames in ranges if what == "head")
    clear = merged(e.interval for e in labels.expressions if not is_doubtful(e))
    if sum(i.n_frames for i in speech) >= MOSTLY * n_frames > 0:
        return "talk"
    if not clear:
        return STILL
    with_head = sum(event.overlap(i) for event in clear for i in head)
    if not speech and 2 * with_head < sum(event.n_frames for event in clear):
        return "posed"
    return "acted"


def spot(clips: Iterable[Clip], checkpoint: Checkpoint, device: str) -> tuple[Spotted, ...]:
    """Spot every clip, as ``mespot spot`` does."""
    out = []
    for clip in clips:
        with open_frames(clip.path) as source:
            try:
                result = spot_video(source, checkpoint, device=device, cache=FaceCache())
            except NoFaceError as error:
                print(f"nothing found: {error}")
                result = without_face(source, checkpoint)
        out.append(Spotted(clip, result))
        print(f"spotted {clip.name}", flush=True)
    return tuple(out)


def without_face(source: FrameSource, checkpoint: Checkpoint) -> SpottingResult:
    """Return the result of a video in which no face was found: no score, no find."""
    values = np.full((source.n_frames, len(ExpressionKind)), np.nan, dtype=np.float32)
    found = np.zeros(source.n_frames, dtype=np.bool_)
    signal = ScoreSignal(values, found, source.frame_rate, source.video_id)
    return find_in_scores(signal.with_clock(source.clock), checkpoint.spotting)


def report(spotted: Sequence[Spotted], checkpoint: Checkpoint) -> list[str]:
    """Return all figures as lines of Markdown."""
    minutes = sum(s.minutes for s in spotted)
    lines = [
        f"Checkpoint {checkpoint.name}, {len(spotted)} videos, {60 * minutes:.0f} s, strict rule "
        "(IoU 0.5, both ends included, one to one, kind must agree). Intervals: 95 % of draws of "
        "the videos with replacement.",
        "",
        f"Groups: {RULE}; unless `groups.csv` names one.",
    ]
    for clear, title in ((True, "Clear labels"), (False, "All labels")):
        lines += ["", f"## {title}", ""]
        if clear:
            lines += ["A find that hits a doubtful label is neither right nor wrong.", ""]
        lines += [*count_table(spotted, clear=clear), "", alarm_line(spotted, clear=clear), ""]
        lines += timing_table(spotted, clear=clear)
    lines += ["", "## Frames", "", *share_table(spotted, checkpoint), ""]
    return [*lines, "## Videos", "", *video_table(spotted)]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows, the first of them names, as a table in Markdown."""
    head, *rest = rows
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return ["| " + " | ".join(row) + " |" for row in (head, rule, *rest)]


def count_table(spotted: Sequence[Spotted], *, clear: bool) -> list[str]:
    """Return hits, false alarms, misses and F1 by group and kind."""
    rows = [["group", "of", "hits", "false", "missed", "precision", "recall", "F1", "95 %"]]
    for group in (*sorted({s.clip.group for s in spotted}), "all"):
        own = [s for s in spotted if group in (s.clip.group, "all")]
        matchings = [(s.matching(clear=clear), s.clock) for s in own]
        any_kind = [s.matching(clear=clear, any_kind=True).counts.mae for s in own]
        for name, counts in (
            ("ME", [m.counts.me for m, _ in matchings]),
            ("MaE", [m.counts.mae for m, _ in matchings]),
            ("both", [m.counts.overall for m, _ in matchings]),
            ("any kind", any_kind),
            ("brief", [brief_counts(m, clock) for m, clock in matchings]),
        ):
            if sum(counts, start=SpottingCounts()) != SpottingCounts():
                rows.append([group, name, *count_cells(counts)])
    legend = (
        "*both*: the sum of ME and MaE; *any kind*: the kind need not agree; *brief*: labels of "
        "up to 0.5 s of either kind, and false alarms as short. No row: neither label nor find."
    )
    return [*table(rows), "", legend]


def count_cells(counts: Sequence[SpottingCounts]) -> list[str]:
    """Return the figures of several videos together."""
    total = sum(counts, start=SpottingCounts())
    low, high = f1_interval(counts)
    return [
        *map(str, (total.tp, total.fp, total.fn)),
        *(f"{value:.2f}" for value in (total.precision, total.recall)),
        f"{total.f1:.3f}",
        f"{low:.2f}–{high:.2f}",
    ]


def alarm_line(spotted: Sequence[Spotted], *, clear: bool) -> str:
    """Return how many false alarms a minute come on still faces."""
    still = [s for s in spotted if s.clip.group == STILL or not s.clip.labels.expressions]
    minutes = sum(s.minutes for s in still)
    if not minutes:
        return "No video of a still face."
    alarms = [e for s in still for e in s.matching(clear=clear).false_alarms]
    parts = [f"{kind.value} {sum(e.kind is kind for e in alarms)}" for kind in ExpressionKind]
    return (
        f"False alarms a minute on still faces ({', '.join(s.clip.name for s in still)}; "
        f"{60 * minutes:.0f} s): **{len(alarms) / minutes:.1f}** ({', '.join(parts)})."
    )


def timing_table(spotted: Sequence[Spotted], *, clear: bool) -> list[str]:
    """Return how far onset and offset of the hits lie from their labels."""
    hits = [
        (hit.reference, hit.hypothesis, s.clock)
        for s in spotted
        for hit in s.matching(clear=clear, any_kind=True).hits
    ]
    rows = [["label lasts", "hits of any kind", *errors_head("onset"), *errors_head("offset")]]
    for band in timing_by_length(hits):
        upper = "longer" if math.isinf(band.up_to_s) else f"to {band.up_to_s:g} s"
        rows.append([f"{band.above_s:g} s {upper}", *error_cells(band.errors)])
    for band in timing_by_length(hits, ()):
        rows.append(["all", *error_cells(band.errors)])
    return [*table(rows), "", "Errors: prediction minus label; late is positive."]


def errors_head(point: str) -> list[str]:
    """Name the columns of one point of time."""
    return [f"{point}: median frames", "median ms", "mean size ms"]


def error_cells(errors: TimingErrors) -> list[str]:
    """Return the number of hits and the errors of onset and offset."""
    figures = errors.as_dict()
    cells = [str(figures["onset"]["n"])]
    for point in ("onset", "offset"):
        names = (("median_frames", "+.1f"), ("median_ms", "+.0f"), ("mean_absolute_ms", ".0f"))
        for name, form in names:
            value = figures[point][name]
            cells.append("-" if value is None else format(value, form))
    return cells


def share_table(spotted: Sequence[Spotted], checkpoint: Checkpoint) -> list[str]:
    """Return how often the scores reach their threshold by what happens."""
    rules = checkpoint.spotting.detection
    limits = {kind: rules.of_kind(kind).threshold for kind in ExpressionKind}
    videos = [
        watched_frames(s.clip.labels, s.result.smoothed, limits, s.clip.ranges) for s in spotted
    ]
    rows = [["what happens", "frames", "at or above the threshold"]]
    shares = sorted(frame_shares(videos), key=lambda s: ORDER.get(s.what, len(ORDER)))
    rows += [[s.what, str(s.n_frames), f"{s.share:.2f}"] for s in shares]
    named = ", ".join(f"{kind.value} {value:.2f}" for kind, value in limits.items())
    auc = event_auc(videos)
    return [
        *table(rows),
        "",
        f"Thresholds: {named}. *event*: frames of clear labels; frames of no label in all other "
        f"rows. AUC of the frames of clear labels against those of no label, higher score of "
        f"both kinds: **{auc:.3f}**.",
    ]


def video_table(spotted: Sequence[Spotted]) -> list[str]:
    """Return the counts of every video."""
    rows = [["video", "group", "seconds", "clear: hits", "false", "missed", "all: hits", "false"]]
    rows[0].append("missed")
    for s in spotted:
        cells = [s.clip.name, s.clip.group, f"{60 * s.minutes:.1f}"]
        for clear in (True, False):
            counts = s.matching(clear=clear).counts.overall
            cells += map(str, (counts.tp, counts.fp, counts.fn))
        rows.append(cells)
    return table(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Spot, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path, nargs="?", help="folder of videos")
    parser.add_argument("labels", type=Path, nargs="?", help="folder of NAME.labels.csv")
    parser.add_argument("--checkpoint", default=DEFAULT_CHECKPOINT)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, help="write the figures there too, as Markdown")
    asked = parser.parse_args(arguments)
    if asked.clips is None or asked.labels is None:
        print("left out: it needs two folders: python -m benchmarks.real_faces CLIPS LABELS")
        return
    try:
        checkpoint = load_checkpoint(asked.checkpoint)
        spotted = spot(read_clips(asked.clips, asked.labels), checkpoint, asked.device)
    except MespotError as error:
        raise SystemExit(f"error: {error}") from None
    text = "\n".join(report(spotted, checkpoint)) + "\n"
    print(f"\n{text}")
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
