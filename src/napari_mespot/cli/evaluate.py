"""``mespot evaluate``: compare predictions with labels under a named rule."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import say, say_json, table, warn

if TYPE_CHECKING:
    from napari_mespot.evaluation import KindCounts, SpottingCounts, SpottingReport
    from napari_mespot.model import Annotation

__all__ = ["evaluate", "read_tables"]

_SCORES = ".scores.csv"
_NAMED = 5


def _rule(name: str) -> str:
    """Read ``--rule``."""
    from napari_mespot.evaluation import find_rule

    try:
        return find_rule(name).name
    except ValueError as error:
        raise typer.BadParameter(f"{error}.") from None


def _iou(text: str) -> float:
    """Read ``--iou``."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise typer.BadParameter(f"Expected a number above 0 and up to 1, got {text!r}.")
    return value


def evaluate(  # noqa: PLR0913 - one for each option
    reference: Annotated[
        Path, typer.Option(help="What is held to be true: a CSV, or a folder of CSVs.")
    ],
    hypothesis: Annotated[
        Path, typer.Option(help="What was predicted: a CSV, or a folder of CSVs.")
    ],
    rule: Annotated[
        str,
        typer.Option(
            help="How hits are counted: strict, megc2020, softnet, class-agnostic, lgsnet or abpn.",
            parser=_rule,
            metavar="NAME",
        ),
    ] = "strict",
    iou: Annotated[
        float,
        typer.Option(
            help="Intersection over union that a hit must reach.", parser=_iou, metavar="NUMBER"
        ),
    ] = 0.5,
    scores: Annotated[
        Path | None,
        typer.Option(help="NAME.scores.csv, or a folder of them, for frame-level figures too."),
    ] = None,
    allow_unmatched: Annotated[
        bool,
        typer.Option(
            "--allow-unmatched",
            help="Go on where a video is on one side only: its labels count as missed, its "
            "predictions as false.",
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write counts and figures as JSON, and nothing else.")
    ] = False,
) -> None:
    """Compare predicted intervals with labels.

    Every video must be on both sides; d18 and d18.mp4 are one video. Counts are summed over
    videos before precision, recall and F1 are taken from them. Figures under different rules
    cannot be compared.
    """
    from napari_mespot.evaluation import evaluate as evaluate_annotations
    from napari_mespot.evaluation import find_rule

    references, hypotheses = read_tables(reference), read_tables(hypothesis)
    report = evaluate_annotations(references, hypotheses, rule, iou)
    _check_unmatched(references, hypotheses, allowed=allow_unmatched)
    _warn_of_repeats("label", references)
    _warn_of_repeats("prediction", hypotheses)
    if find_rule(rule).kinds_by_own_length and any(
        video.frame_rate is None for video in report.videos
    ):
        warn("a video without a frame rate: its kinds are taken as stated, not by length")
    if as_json:
        say_json({**report.as_dict(), **_recognition(report)})
        return
    _say_report(report)
    _say_recognition(report)
    if scores is not None:
        _say_frame_level(references, scores)


def read_tables(path: Path) -> "list[Annotation]":
    """Read a CSV, or all CSVs of a folder but those of scores.

    Raises
    ------
    AnnotationFormatError
        If one cannot be read, or a folder holds none.
    """
    from napari_mespot.errors import AnnotationFormatError
    from napari_mespot.io import read_table

    if not path.is_dir():
        return list(read_table(path, notice=warn))
    files = [p for p in _csvs(path) if not p.name.lower().endswith(_SCORES)]
    if not files:
        raise AnnotationFormatError(
            f"{path}: expected a folder with CSV files of intervals, got none; check the path"
        )
    return [annotation for file in files for annotation in read_table(file, notice=warn)]


def _csvs(folder: Path) -> list[Path]:
    from napari_mespot.errors import AnnotationFormatError

    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise AnnotationFormatError(
            f"{folder}: expected a readable folder, got: {error.strerror}; check its permissions"
        ) from None
    return [p for p in files if p.suffix.lower() == ".csv" and not p.name.startswith(".")]


def _check_unmatched(
    references: "Sequence[Annotation]", hypotheses: "Sequence[Annotation]", *, allowed: bool
) -> None:
    """Refuse videos that are on one side only, or tell what they count as where allowed."""
    from napari_mespot.errors import AnnotationFormatError
    from napari_mespot.evaluation import unmatched_videos

    sides = unmatched_videos(references, hypotheses)
    lines = [
        (f"{len(names)} video{'s' * (len(names) > 1)} without {what} ({_listed(names)})", effect)
        for names, what, effect in zip(
            sides,
            ("predictions", "labels"),
            ("labels count as missed", "predictions count as false"),
            strict=True,
        )
        if names
    ]
    if lines and not allowed:
        raise AnnotationFormatError(
            f"expected every video on both sides, got {' and '.join(text for text, _ in lines)}; "
            "check the names, or say --allow-unmatched to count them as missed and false"
        )
    for text, effect in lines:
        warn(f"{text}: all their {effect}")


def _listed(names: "Sequence[str]") -> str:
    return ", ".join(sorted(names)[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _warn_of_repeats(word: str, annotations: "Sequence[Annotation]") -> None:
    """Say that intervals stand more than once, since each copy counts."""
    n_repeats = 0
    for annotation in annotations:
        standing = [(e.interval, e.kind) for e in annotation.expressions]
        n_repeats += len(standing) - len(set(standing))
    if n_repeats:
        plural = "s stand" if n_repeats > 1 else " stands"
        warn(
            f"{n_repeats} {word}{plural} there more than once, with the same frames and kind: "
            "every copy counts; take the copies out if they are not meant"
        )


def _recognition(report: "SpottingReport") -> dict[str, object]:
    """Return the figures of spot-then-recognise; empty if no emotions can be compared."""
    from napari_mespot.evaluation import names_emotions, recognition_f1, spot_then_recognise
    from napari_mespot.model import ExpressionKind

    if not names_emotions(report):
        return {}
    kinds = {kind.value: kind for kind in ExpressionKind} | {"overall": None}
    return {
        "spot_then_recognise": {
            name: {
                "emotion_f1": recognition_f1(report, kind),
                "strs": spot_then_recognise(report, kind),
            }
            for name, kind in kinds.items()
        }
    }


def _say_recognition(report: "SpottingReport") -> None:
    figures = _recognition(report).get("spot_then_recognise")
    if not isinstance(figures, dict):
        return
    say()
    say("spot, then recognise (F1 of spotting × F1 of the emotion on the hits):")
    rows = [["", "emotion F1", "STRS"]]
    rows += [[n, f"{v['emotion_f1']:.4f}", f"{v['strs']:.4f}"] for n, v in figures.items()]
    for line in table(rows):
        say(line)


def _say_report(report: "SpottingReport") -> None:
    counts = report.counts
    n_videos = len(report.videos)
    say(f"rule {report.rule}, IoU {report.iou:g}, {n_videos} video{'s' * (n_videos != 1)}")
    say()
    rows = [["", "TP", "FP", "FN", "precision", "recall", "F1"]]
    rows += [["ME", *_figures(counts.me)], ["MaE", *_figures(counts.mae)]]
    rows.append(["overall", *_figures(counts.overall)])
    for line in table(rows):
        say(line)
    _say_timing(report)
    subjects = report.per_subject()
    if any(video.subject_id for video in report.videos) and len(subjects) > 1:
        _say_subjects(subjects)


def _say_timing(report: "SpottingReport") -> None:
    timing = report.timing().as_dict()
    if not timing["onset"]["n"]:
        return
    say()
    say("prediction minus label, over the hits:")
    rows = [["", "hits", "mean frames", "mean |frames|", "mean ms", "mean |ms|"]]
    for point, figures in timing.items():
        names = ("mean_frames", "mean_absolute_frames", "mean_ms", "mean_absolute_ms")
        rows.append([point, str(figures["n"]), *(_number(figures[name]) for name in names)])
    for line in table(rows):
        say(line)


def _say_subjects(subjects: "dict[str, KindCounts]") -> None:
    say()
    rows = [["subject", "TP", "FP", "FN", "precision", "recall", "F1"]]
    rows += [[name, *_figures(counts.overall)] for name, counts in subjects.items()]
    for line in table(rows):
        say(line)


def _say_frame_level(references: "Sequence[Annotation]", scores: Path) -> None:
    """Write the figures of the score tracks of the labelled videos."""
    from napari_mespot.errors import AnnotationFormatError
    from napari_mespot.evaluation import frame_figures
    from napari_mespot.io import read_scores
    from napari_mespot.model import ExpressionKind, VideoNames

    tracks = _tracks(scores)
    names = VideoNames(tracks)
    videos = [
        (a, read_scores(tracks[name], frame_rate=a.frame_rate))
        for a in references
        if (name := names.find(a.video_id)) is not None
    ]
    if not videos:
        raise AnnotationFormatError(
            f"{scores}: expected NAME{_SCORES} of a labelled video, got none; check the names"
        )
    say()
    say(f"frame level, {len(videos)} of {len(references)} labelled videos:")
    rows = [["", "ROC AUC", "average precision", "prevalence", "frames", "with score"]]
    for kind in ExpressionKind:
        figures = frame_figures(videos, kind)
        values = (figures.roc_auc, figures.average_precision, figures.prevalence)
        rows.append(
            [
                kind.value,
                *(f"{value:.4f}" for value in values),
                str(figures.n_frames),
                str(figures.n_scored),
            ]
        )
    for line in table(rows):
        say(line)


def _tracks(path: Path) -> dict[str, Path]:
    """Return the score files by video: of a folder and, as `mespot loso` leaves them, below it."""
    from napari_mespot.errors import AnnotationFormatError

    files = sorted(path.rglob(f"*{_SCORES}")) if path.is_dir() else [path]
    tracks: dict[str, Path] = {}
    for file in files:
        name = file.name.removesuffix(_SCORES)
        if name in tracks:
            raise AnnotationFormatError(
                f"{path}: expected the scores of each video once, got {tracks[name]} and {file}; "
                "name one of their folders"
            )
        tracks[name] = file
    return tracks


def _figures(counts: "SpottingCounts") -> list[str]:
    figures = (counts.precision, counts.recall, counts.f1)
    return [
        *map(str, (counts.tp, max(0, counts.fp), counts.fn)),
        *(f"{value:.4f}" for value in figures),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
