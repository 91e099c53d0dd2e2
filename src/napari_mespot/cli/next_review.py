"""``mespot next``: which stretch of which video a person should review next."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import say, say_json, table, warn
from napari_mespot.cli.spot import parse_threshold

if TYPE_CHECKING:
    from fractions import Fraction

    from napari_mespot.batch import VideoResult
    from napari_mespot.model import Annotation, Clock
    from napari_mespot.spotting import ScoredVideo, SpottingParams, Stretch

__all__ = ["next_review"]

_LEFT = (0, 1, 2, 3, 4)


def next_review(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Folders with what mespot spot or the viewer has written, tables or sessions; "
            "folders of the videos too, for lines to copy.",
            metavar="FOLDER_OR_TABLE...",
        ),
    ],
    top: Annotated[int, typer.Option(help="How many stretches to show.", min=1)] = 10,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            help="Name or file of the checkpoint whose thresholds count, for tables.",
            show_default="the one that made them",
        ),
    ] = None,
    threshold_me: Annotated[
        float | None,
        typer.Option(
            help="Threshold of ME, if spotting had another than the checkpoint's.",
            parser=parse_threshold,
            metavar="SCORE",
        ),
    ] = None,
    threshold_mae: Annotated[
        float | None,
        typer.Option(help="Threshold of MaE, likewise.", parser=parse_threshold, metavar="SCORE"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write stretches and videos as one JSON document.")
    ] = False,
) -> None:
    """Say which stretches of which videos to review next, the most useful first.

    A stretch is useful where a look is expected to correct much in little time: predictions
    just above their threshold, peaks just below it, unclear edges. What has been reviewed is
    not proposed.
    """
    from napari_mespot.batch import find_results, with_thresholds
    from napari_mespot.spotting import find_stretches, rank_stretches

    results = [r for r in find_results(paths) if _can_be_ranked(r)]
    rules = _Rules(checkpoint)
    videos = [
        _scored(r, with_thresholds(rules.of(r), threshold_me, threshold_mae)) for r in results
    ]
    ranked = rank_stretches(videos, top=top)
    places = {_key(v.annotation): r for v, r in zip(videos, results, strict=True)}
    left = [find_stretches(video) for video in videos]
    if as_json:
        say_json(
            {
                "stretches": [_as_dict(n, s, places) for n, s in enumerate(ranked, 1)],
                "videos": [
                    _video_dict(v, r, s) for v, r, s in zip(videos, results, left, strict=True)
                ],
            }
        )
        return
    if not ranked:
        say(_nothing_left(videos))
        return
    _say_ranked(ranked, places)
    if len(videos) > 1:
        _say_videos(videos, left)


def _can_be_ranked(result: "VideoResult") -> bool:
    if result.annotation.frame_rate is None:
        warn(f"{result.file}: no frame rate for {result.annotation.video_id}, which is left out")
        return False
    if result.scores is None:
        warn(
            f"{result.annotation.video_id}: no score tracks, so what was missed is not seen; "
            "put its NAME.scores.csv beside the table"
        )
    return True


class _Rules:
    """The rules of each video: its session's, or those of the checkpoint it names."""

    def __init__(self, checkpoint: str | None) -> None:
        from napari_mespot.network.metadata import read_document

        self._known: dict[str, SpottingParams] = {}
        self._asked = None if checkpoint is None else read_document(checkpoint).spotting

    def of(self, result: "VideoResult") -> "SpottingParams":
        if self._asked is not None:
            return self._asked
        if result.rules is not None:
            return result.rules
        name = result.checkpoint
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    @staticmethod
    def _read(name: str) -> "SpottingParams":
        from napari_mespot.network.metadata import (
            DEFAULT_CHECKPOINT,
            list_checkpoints,
            read_document,
        )

        if name in list_checkpoints():
            return read_document(name).spotting
        what = f"the checkpoint {name!r} is not one that is shipped" if name else "no checkpoint"
        if name:
            warn(
                f"{what}: the thresholds of {DEFAULT_CHECKPOINT} are taken; name the file with "
                "--checkpoint"
            )
        return read_document(DEFAULT_CHECKPOINT).spotting


def _scored(result: "VideoResult", rules: "SpottingParams") -> "ScoredVideo":
    from napari_mespot.spotting import ScoredVideo, smooth

    scores = result.scores
    smoothed = None if scores is None else smooth(scores, rules.smoothing)
    return ScoredVideo(result.annotation, smoothed, rules)


def _key(named: "Annotation | Stretch") -> tuple[str, str]:
    return named.video_id, named.subject_id


# -- for people ----------------------------------------------------------------------------


def _say_ranked(ranked: "Sequence[Stretch]", places: "dict[tuple[str, str], VideoResult]") -> None:
    rows = [["", "video", "frames", "time", "why", "corrections", "work"]]
    for number, stretch in enumerate(ranked, 1):
        first, last = stretch.interval.onset, stretch.interval.offset
        clock = _clock_of(places[_key(stretch)])
        more = len(stretch.doubts) - 1
        rows.append(
            [
                str(number),
                stretch.video_id,
                f"{first}–{last}",
                f"{_clock(clock.second_of(first))}–{_clock(clock.second_of(last))}",
                stretch.why + (f" (+{more} more)" if more else ""),
                f"{stretch.gain:.2f}",
                f"{stretch.cost_s:.0f} s",
            ]
        )
    for line in table(rows, left=_LEFT):
        say(line)
    commands = [_command(stretch, places[_key(stretch)]) for stretch in ranked]
    say()
    if not any(commands):
        say("Name the folder of the videos too, and the lines that open them follow here.")
    for command in filter(None, commands):
        say(command)


def _say_videos(videos: "Sequence[ScoredVideo]", left: "Sequence[Sequence[Stretch]]") -> None:
    """Say how much each video has left, the one with the most first."""
    say()
    rows = [["video", "stretches left", "corrections expected", "work"]]
    order = sorted(range(len(videos)), key=lambda n: -sum(s.gain for s in left[n]))
    for number in order:
        stretches = left[number]
        gain, work = sum(s.gain for s in stretches), sum(s.cost_s for s in stretches)
        name = videos[number].annotation.video_id
        rows.append([name, str(len(stretches)), f"{gain:.1f}", f"{work / 60:.1f} min"])
    for line in table(rows):
        say(line)


def _nothing_left(videos: "Sequence[ScoredVideo]") -> str:
    if not videos:
        return "Nothing to review: no video with a frame rate was found."
    return "All settled: nothing uncertain is left to review."


def _command(stretch: "Stretch", result: "VideoResult") -> str:
    """Return the line that opens a video there; empty if the video was not found."""
    if result.video is None:
        return ""
    words = ["mespot", "review", str(result.video)]
    if not result.is_session:
        words += ["--predictions", str(result.file)]
    return shlex.join([*words, "--frame", str(stretch.frame)])


def _clock_of(result: "VideoResult") -> "Clock":
    """Return when the frames of a video are shown; those without a rate were left out before."""
    clock = result.annotation.clock
    assert clock is not None  # noqa: S101  (see _can_be_ranked)
    return clock


def _clock(seconds: "Fraction") -> str:
    """Write a time as ``1:02.5``."""
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


# -- for scripts ---------------------------------------------------------------------------


def _as_dict(
    rank: int, stretch: "Stretch", places: "dict[tuple[str, str], VideoResult]"
) -> dict[str, object]:
    result = places[_key(stretch)]
    clock = _clock_of(result)
    return {
        "rank": rank,
        "video": stretch.video_id,
        "subject": stretch.subject_id,
        "path": None if result.video is None else str(result.video),
        "onset": stretch.interval.onset,
        "offset": stretch.interval.offset,
        "onset_s": float(clock.second_of(stretch.interval.onset)),
        "offset_s": float(clock.second_of(stretch.interval.offset)),
        "frame": stretch.frame,
        "corrections": stretch.gain,
        "work_s": stretch.cost_s,
        "command": _command(stretch, result) or None,
        "doubts": [
            {
                "kind": doubt.kind.value,
                "onset": doubt.interval.onset,
                "offset": doubt.interval.offset,
                "frame": doubt.frame,
                "reason": doubt.reason.name.lower(),
                "why": doubt.why,
                "score": doubt.score,
                "threshold": doubt.threshold,
                "corrections": doubt.gain,
            }
            for doubt in stretch.doubts
        ],
    }


def _video_dict(
    video: "ScoredVideo", result: "VideoResult", left: "Sequence[Stretch]"
) -> dict[str, object]:
    annotation = video.annotation
    return {
        "video": annotation.video_id,
        "subject": annotation.subject_id,
        "file": str(result.file),
        "frames": annotation.n_frames,
        "reviewed_frames": sum(r.n_frames for r in annotation.reviewed),
        "stretches": len(left),
        "corrections": sum(s.gain for s in left),
        "work_s": sum(s.cost_s for s in left),
    }
