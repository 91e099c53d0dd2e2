"""``mespot bench-spotting``: how well expressions of known timing are found in your own videos."""

import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import progress_bar, say, table, warn
from napari_mespot.cli.options import CheckpointOption, DeviceOption
from napari_mespot.progress import Progress

if TYPE_CHECKING:
    from napari_mespot.batch.spotting_benchmark import (
        BenchmarkClip,
        BenchmarkParams,
        SpottingBenchmark,
    )
    from napari_mespot.face import FaceCache
    from napari_mespot.model import Annotation as Labels
    from napari_mespot.spotting.baselines import VideoSpotter

__all__ = ["bench_spotting"]

_CACHE_BYTES = 400_000_000
# More than anybody shows who sits still, in the eyes of the quietest spotter.
_MOST_UNTOUCHED_PER_MINUTE = 4.0


_TABLES = (".labels.csv", ".intervals.csv", ".csv")


class Motion(StrEnum):
    """Which expressions are shown."""

    DRAWN = "drawn"
    OWN = "own"


def _rate(text: str) -> str:
    """Read ``--rate``."""
    try:
        good = text == "clip" or 5 <= float(text) <= 1000
    except ValueError:
        good = False
    if not good:
        raise typer.BadParameter(f"Expected clip, or a number from 5 to 1000, got {text!r}.")
    return text


def bench_spotting(  # noqa: PLR0913 - one parameter to an option
    videos: Annotated[
        list[Path],
        typer.Argument(
            help="Videos of a neutral face, or with --motion own, of one that you labelled.",
            metavar="VIDEO...",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for bench.csv, bench.md and bench.png.")
    ] = None,
    motion: Annotated[
        Motion,
        typer.Option(
            help="drawn: action units drawn into neutral video. own: the person's own labelled "
            "expressions, walked a little way into and back, briefly or slowly.",
        ),
    ] = Motion.DRAWN,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="With --motion own: CSV of intervals, or a folder with NAME.labels.csv, "
            "NAME.intervals.csv or NAME.csv for each video."
        ),
    ] = None,
    neutral: Annotated[
        Path | None,
        typer.Option(
            help="With --motion drawn: CSV of intervals; only reviewed ranges without expressions "
            "are taken as neutral."
        ),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            help="Frame rate: clip, or a number such as 200 to simulate. May be repeated.",
            parser=_rate,
            metavar="clip|NUMBER",
            show_default="clip",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other expressions.", min=0)] = 0,
    seconds: Annotated[
        float, typer.Option(help="Length of each rendition.", min=2, max=600)
    ] = 20.0,
    renditions: Annotated[
        int, typer.Option(help="Renditions with expressions, per video and rate.", min=1, max=1000)
    ] = 8,
    checkpoint: CheckpointOption = None,
    device: DeviceOption = "auto",
    baselines: Annotated[
        bool,
        typer.Option("--baselines/--no-baselines", help="Compare with two training-free spotters."),
    ] = True,
) -> None:
    """Measure spotting on your own videos.

    Expressions of known onset, apex and offset are shown in the videos; whoever finds them at the
    right time scores. Either the skin of a neutral face is moved, or a few labelled expressions
    of the person are walked into and back. Video in which nothing is shown, and with blinks only,
    says how many false alarms to expect.
    """
    _check_tables(motion, labels, neutral)
    from napari_mespot.batch import prepare_folder
    from napari_mespot.batch.spotting_benchmark import BenchmarkParams
    from napari_mespot.batch.spotting_benchmark_report import save_benchmark

    if out is not None:
        prepare_folder(out)
    params = BenchmarkParams(
        rates_hz=tuple(
            dict.fromkeys(None if text == "clip" else float(text) for text in rate or ["clip"])
        ),
        renditions=renditions,
        seconds=seconds,
        seed=seed,
        motion=motion.value,
    )
    clips = _clips(videos, labels if motion is Motion.OWN else neutral, params)
    benchmark = _run(clips, params, (checkpoint, device), baselines=baselines)
    _say_figures(benchmark)
    if out is not None:
        save_benchmark(out, benchmark)
        say()
        say(f"written: {out / 'bench.csv'}, bench.md, bench.png")


def _check_tables(motion: Motion, labels: Path | None, neutral: Path | None) -> None:
    """Refuse a table that the kind of motion has no use for, and a missing one."""
    if motion is Motion.OWN and neutral is not None:
        raise typer.BadParameter("Expected --labels with --motion own, got --neutral.")
    if motion is Motion.OWN and labels is None:
        raise typer.BadParameter(
            "Expected --labels with --motion own: a CSV of the intervals that you labelled."
        )
    if motion is Motion.DRAWN and labels is not None:
        raise typer.BadParameter(
            "Expected --labels with --motion own only; with drawn motion, --neutral takes a CSV."
        )


def _clips(
    videos: list[Path], tables: Path | None, params: "BenchmarkParams"
) -> "list[BenchmarkClip]":
    """Read what of the videos is needed."""
    from napari_mespot.batch.spotting_benchmark import open_clips, open_own_motions

    clips: list[BenchmarkClip] = []
    for video in videos:
        labels = _labels_of(video, tables)
        if params.motion == "own" and labels is not None:
            motions = open_own_motions(video, labels, params.walk)
            largest = max(motion.largest_px for motion in motions)
            if largest < params.walk.mae_size_px[0]:
                warn(
                    f"{video}: its labelled expressions move the skin by up to {largest:.1f} px, "
                    "too little for MaE: only ME are shown"
                )
            clips += motions
            continue
        stretches = open_clips(video, labels)
        for clip in stretches:
            if clip.n_frames < clip.frame_rate:
                warn(f"{clip.path}: only {clip.n_frames} neutral frames, played to and fro")
        clips += stretches
    return clips


def _run(
    clips: "list[BenchmarkClip]",
    params: "BenchmarkParams",
    network: tuple[str | None, str],
    *,
    baselines: bool,
) -> "SpottingBenchmark":
    """Let every spotter look at the videos."""
    from napari_mespot.batch.spotting_benchmark import bench_spotting as run_benchmark
    from napari_mespot.face import FaceCache

    with tempfile.TemporaryDirectory(prefix="mespot-") as folder, progress_bar() as bar:
        # All spotters see the same aligned faces, found once.
        cache = FaceCache(folder, max_bytes=_CACHE_BYTES)
        spotters = _spotters(network, cache, baselines=baselines)

        def show(progress: Progress) -> None:
            bar(", ".join(dict.fromkeys(clip.path.name for clip in clips)), progress)

        return run_benchmark(clips, params, spotters, show)


def _spotters(
    network: tuple[str | None, str], cache: "FaceCache", *, baselines: bool
) -> "list[VideoSpotter]":
    """Return the network and those it is compared with."""
    from napari_mespot.batch.spotting_benchmark import CheckpointSpotter
    from napari_mespot.network import choose_device, load_checkpoint
    from napari_mespot.spotting.baselines import FlowSpotter, LbpSpotter

    name, device = network
    place = str(choose_device(device))
    loaded = load_checkpoint() if name is None else load_checkpoint(name)
    spotters: list[VideoSpotter] = [CheckpointSpotter(loaded, place, cache)]
    if baselines:
        spotters += [LbpSpotter(cache=cache), FlowSpotter(cache=cache)]
    return spotters


def _labels_of(video: Path, tables: Path | None) -> "Labels | None":
    """Return the labels of a video among those of ``--labels`` or ``--neutral``."""
    if tables is None:
        return None
    from napari_mespot.batch import plain_name
    from napari_mespot.errors import AnnotationFormatError
    from napari_mespot.io import read_table
    from napari_mespot.model import same_video

    name = plain_name(video)
    path = _table_in(tables, name) if tables.is_dir() else tables
    labels = read_table(path, notice=warn)
    own = [annotation for annotation in labels if same_video(annotation.video_id, name)]
    if not own:
        found = ", ".join(annotation.video_id for annotation in labels[:5])
        raise AnnotationFormatError(
            f"{path}: expected labels of {name!r}, got {found or 'none'}; name the video's table"
        )
    return own[0]


def _table_in(folder: Path, name: str) -> Path:
    from napari_mespot.errors import AnnotationFormatError

    wanted = [f"{name}{ending}" for ending in _TABLES]
    found = [folder / file for file in wanted if (folder / file).is_file()]
    if not found:
        raise AnnotationFormatError(
            f"{folder}: expected {' or '.join(wanted)}, got none of them; name the video's table"
        )
    return found[0]


def _say_figures(benchmark: "SpottingBenchmark") -> None:
    from napari_mespot.batch.spotting_benchmark_figures import (
        benchmark_figures,
        least_untouched_per_minute,
    )
    from napari_mespot.batch.spotting_benchmark_report import HEADER, figure_rows

    params = benchmark.params
    n_videos = len({outcome.video_id for outcome in benchmark.outcomes})
    say(
        f"{n_videos} video{'s' * (n_videos != 1)}, "
        f"{params.renditions} rendition{'s' * (params.renditions != 1)} of "
        f"{params.seconds:g} s, seed {params.seed}, strict rule, IoU 0.5"
    )
    say()
    figures = benchmark_figures(benchmark)
    for line in table([list(HEADER), *figure_rows(figures)]):
        say(line)
    found = least_untouched_per_minute(figures)
    if found > _MOST_UNTOUCHED_PER_MINUTE:
        advice = (
            "label onsets that begin from rest"
            if params.motion == "own"
            else "name neutral ranges with --neutral labels.csv"
        )
        warn(
            f"expected neutral video, got one in which every spotter finds {found:.0f} or more "
            f"expressions a minute where nothing is shown: these figures mean little; {advice}"
        )
