"""How well spotters find expressions of known timing in a user's own videos."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from napari_mespot.evaluation import Matching, match_expressions
from napari_mespot.face import FaceCache
from napari_mespot.frames import open_frames
from napari_mespot.learning.injection_params import InjectionParams
from napari_mespot.learning.walk_params import WalkParams
from napari_mespot.model import Annotation
from napari_mespot.progress import Progress, ProgressCallback, report
from napari_mespot.spotting.baselines import VideoSpotter
from napari_mespot.spotting.spotter import SpottingResult, spot_video

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource
    from napari_mespot.learning.injection import InjectedVideo
    from napari_mespot.learning.injection_clip import NeutralClip
    from napari_mespot.learning.injection_plan import Content
    from napari_mespot.learning.own_motion import WalkedVideo
    from napari_mespot.learning.own_motions import OwnMotion
    from napari_mespot.network import Checkpoint

    BenchmarkClip = NeutralClip | OwnMotion

__all__ = [
    "BenchmarkOutcome",
    "BenchmarkParams",
    "CheckpointSpotter",
    "SpottingBenchmark",
    "bench_spotting",
    "open_clips",
    "open_own_motions",
]

_STAGE = "benchmark"
_CONTROLS: "tuple[Content, ...]" = ("untouched", "blinks")


class BenchmarkParams(BaseModel):
    """Size of the benchmark and what is shown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    motion: Literal["drawn", "own"] = Field(
        "drawn", description="drawn action units, or the person's own labelled expressions"
    )
    walk: WalkParams = WalkParams()
    injection: InjectionParams = InjectionParams()
    rates_hz: tuple[float | None, ...] = Field(
        (None,), min_length=1, description="frame rates to simulate; None: the clip's own"
    )
    renditions: int = Field(8, ge=1, le=1000, description="with expressions, per video and rate")
    controls: int = Field(3, ge=1, le=1000, description="untouched, and as many with blinks only")
    seconds: float = Field(20.0, ge=2, le=600, description="length of a rendition, in seconds")
    seed: int = Field(0, ge=0)
    bootstrap_draws: int = Field(2000, ge=10, description="draws for the interval of F1")


@dataclass(frozen=True, eq=False, slots=True)
class BenchmarkOutcome:
    """What one spotter found in one rendition.

    Parameters
    ----------
    video_id
        The video that the neutral frames come from.
    rate_hz
        As asked for in :class:`BenchmarkParams`; None: the clip's own.
    content, seed
        Of the rendition.
    spotter
        Name of the spotter.
    truth
        What is shown.
    result
        What was found.
    matching
        The two compared under the strict rule.
    seconds
        How long it took, drawing and aligning the frames included for the first spotter.
    """

    video_id: str
    rate_hz: float | None
    content: "Content"
    seed: int
    spotter: str
    truth: Annotation
    result: SpottingResult
    matching: Matching
    seconds: float

    @property
    def minutes(self) -> float:
        """Length of the rendition."""
        signal = self.result.signal
        return float(signal.n_frames / signal.frame_rate / 60)


@dataclass(frozen=True, eq=False, slots=True)
class SpottingBenchmark:
    """All outcomes of a benchmark; the figures are taken from them."""

    params: BenchmarkParams
    spotters: tuple[str, ...]
    outcomes: tuple[BenchmarkOutcome, ...]


@dataclass(frozen=True, eq=False, slots=True)
class CheckpointSpotter:
    """The network with a checkpoint's own parameters and thresholds."""

    checkpoint: "Checkpoint"
    device: str = "cpu"
    cache: FaceCache | None = None

    @property
    def name(self) -> str:
        """Name of the checkpoint."""
        return self.checkpoint.name

    def __call__(
        self, source: "FrameSource", progress: ProgressCallback | None = None
    ) -> SpottingResult:
        """Spot the expressions of a video; see :func:`~napari_mespot.spotting.spot_video`."""
        return spot_video(
            source, self.checkpoint, device=self.device, cache=self.cache, progress=progress
        )


def open_clips(path: Path, neutral: Annotation | None = None) -> "tuple[NeutralClip, ...]":
    """Read the neutral stretches of a video.

    Parameters
    ----------
    path
        The video.
    neutral
        Labels of the video; its reviewed stretches without expressions are used. None: the
        whole video is neutral.

    Raises
    ------
    FrameReadError, NoFaceError
        If the video cannot be read or shows no face.
    AnnotationFormatError
        If no reviewed stretch is free of expressions.
    """
    from napari_mespot.learning.injection_clip import load_neutral_clip, neutral_stretches

    with open_frames(path) as source:
        if neutral is None:
            return (load_neutral_clip(source),)
        stretches = neutral_stretches(neutral, source.n_frames)
        # More stretches than renditions would be read for nothing.
        return tuple(load_neutral_clip(source, stretch) for stretch in stretches[:4])


def open_own_motions(path: Path, labels: Annotation, params: WalkParams) -> "tuple[OwnMotion, ...]":
    """Read the labelled onsets of a video that begin from a still face.

    Raises
    ------
    FrameReadError
        If the video cannot be read.
    AnnotationFormatError
        If there is no such onset.
    """
    from napari_mespot.learning.own_motions import load_own_motions

    with open_frames(path) as source:
        return load_own_motions(source, labels, params)


def bench_spotting(
    clips: "Sequence[BenchmarkClip]",
    params: BenchmarkParams,
    spotters: Sequence[VideoSpotter],
    progress: ProgressCallback | None = None,
) -> SpottingBenchmark:
    """Let spotters find expressions of known timing, and count false alarms where there are none.

    Parameters
    ----------
    clips
        Neutral stretches, into which drawn expressions are injected, or labelled onsets, along
        which one walks; several of one video take turns.
    params
        Size of the benchmark and what is shown. Equal params give equal figures.
    spotters
        Who is compared. The second and following ones are taken as baselines of the first.
    progress
        Called now and then, in frames.

    Raises
    ------
    NoFaceError, CheckpointError
        As the spotters do.
    ValueError
        If there is no clip or no spotter, or two spotters have one name.
    """
    names = tuple(spotter.name for spotter in spotters)
    if not clips or not names or len(set(names)) < len(names):
        raise ValueError(f"Expected clips and spotters of different names, got {names}")
    tasks = list(_tasks(clips, params))
    total = sum(_n_frames(clip, rate, params) for clip, rate, _, _ in tasks) * len(spotters)
    done, outcomes = 0, []
    for clip, rate, content, seed in tasks:
        video = _rendition(clip, rate, content, seed, params)
        for spotter in spotters:

            def show(inner: Progress, done: int = done, n: int = video.n_frames) -> None:
                report(progress, _STAGE, done + round(inner.fraction * n), total)

            started = time.monotonic()
            result = spotter(video, show)
            outcomes.append(
                BenchmarkOutcome(
                    video_id=clip.video_id,
                    rate_hz=rate,
                    content=content,
                    seed=seed,
                    spotter=spotter.name,
                    truth=video.truth,
                    result=result,
                    matching=match_expressions(video.truth, result.annotation),
                    seconds=time.monotonic() - started,
                )
            )
            done += video.n_frames
    report(progress, _STAGE, total, total)
    return SpottingBenchmark(params, names, tuple(outcomes))


def _tasks(
    clips: "Sequence[BenchmarkClip]", params: BenchmarkParams
) -> "Iterator[tuple[BenchmarkClip, float | None, Content, int]]":
    """Yield clip, rate, content and seed of every rendition."""
    videos: dict[str, list[BenchmarkClip]] = {}
    for clip in clips:
        videos.setdefault(str(clip.path), []).append(clip)
    contents: list[Content] = ["expressions"] * params.renditions
    for content in _CONTROLS:
        contents += [content] * params.controls
    for place, stretches in enumerate(videos.values()):
        for rate in params.rates_hz:
            for i, content in enumerate(contents):
                seed = ((params.seed * 1000 + place) * 4000 + i) % 2**62
                yield stretches[i % len(stretches)], rate, content, seed


def _n_frames(clip: "BenchmarkClip", rate: float | None, params: BenchmarkParams) -> int:
    return round(params.seconds * float(clip.frame_rate if rate is None else rate))


def _rendition(
    clip: "BenchmarkClip",
    rate: float | None,
    content: "Content",
    seed: int,
    params: BenchmarkParams,
) -> "InjectedVideo | WalkedVideo":
    from napari_mespot.learning.injection import inject
    from napari_mespot.learning.own_motion import walk_motion
    from napari_mespot.learning.own_motions import OwnMotion

    frame_rate = None if rate is None else Fraction(rate).limit_denominator(1001)
    if isinstance(clip, OwnMotion) and content == "expressions":
        return walk_motion(
            clip, params.walk, seconds=params.seconds, frame_rate=frame_rate, seed=seed
        )
    return inject(
        clip.neutral if isinstance(clip, OwnMotion) else clip,
        params.injection,
        seconds=params.seconds,
        frame_rate=frame_rate,
        seed=seed,
        content=content,
    )
