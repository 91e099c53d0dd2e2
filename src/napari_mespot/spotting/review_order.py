"""Which video, and which stretch of it, a person should review next.

Doubtful places that lie together are one stretch, which is watched at once. Stretches come in
the order of corrections expected for the time that they take; one near a better one, or of a
video or subject that has better ones, comes a little later, so that the first hour sees many
videos and people.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from napari_mespot.model import Annotation, Clock, Interval, ScoreSignal
from napari_mespot.spotting.params import SpottingParams
from napari_mespot.spotting.uncertainty import Doubt, find_doubts
from napari_mespot.spotting.uncertainty_params import UncertaintyParams

__all__ = ["ScoredVideo", "Stretch", "find_stretches", "rank_stretches"]

_Video = tuple[str, str]  # subject and video: data sets use one video name for many subjects


@dataclass(frozen=True, slots=True)
class ScoredVideo:
    """A video with what is known of it.

    Parameters
    ----------
    annotation
        Predictions, what a person made of them, and the reviewed ranges. Its frame rate must be
        known.
    smoothed
        Smoothed scores; None: the scores of the predictions have to do.
    params
        The rules that the predictions were made with.
    """

    annotation: Annotation
    smoothed: ScoreSignal | None
    params: SpottingParams


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a video that is worth a look.

    Parameters
    ----------
    video_id, subject_id
        The video and the person seen.
    interval
        Frames to watch.
    doubts
        What is in doubt there, the one with the most to gain first; at least one.
    gain
        Corrections expected.
    cost_s
        Seconds of work that it takes.
    """

    video_id: str
    subject_id: str
    interval: Interval
    doubts: tuple[Doubt, ...]
    gain: float
    cost_s: float

    @property
    def frame(self) -> int:
        """Where to look first."""
        return self.doubts[0].frame

    @property
    def why(self) -> str:
        """The main reason in plain words."""
        return self.doubts[0].why

    @property
    def gain_per_minute(self) -> float:
        """Corrections expected per minute of work."""
        return 60 * self.gain / self.cost_s


def find_stretches(
    video: ScoredVideo, uncertainty: UncertaintyParams | None = None
) -> tuple[Stretch, ...]:
    """Find the stretches of a video worth a look, in order of time; no two share a frame.

    Raises
    ------
    ValueError
        If the video has no frame rate.
    """
    annotation = video.annotation
    uncertainty = uncertainty or UncertaintyParams()
    if annotation.frame_rate is None:
        raise ValueError("Expected an annotation with a frame rate, got none")
    rate, clock = float(annotation.frame_rate), annotation.clock or Clock(annotation.frame_rate)
    doubts = find_doubts(video.smoothed, annotation, video.params, uncertainty)
    context = round(uncertainty.context_s * rate)
    longest = round(uncertainty.max_stretch_s * rate)
    last = max([d.interval.offset for d in doubts], default=0) + context
    if annotation.n_frames is not None:
        last = annotation.n_frames - 1
    groups = _joined(doubts, context, last, longest)
    return tuple(
        Stretch(
            annotation.video_id,
            annotation.subject_id,
            interval,
            tuple(sorted(group, key=lambda d: -d.gain)),
            sum(d.gain for d in group),
            uncertainty.overhead_s + uncertainty.slowdown * float(clock.duration_of(interval)),
        )
        for interval, group in groups
    )


def rank_stretches(
    videos: Iterable[ScoredVideo],
    uncertainty: UncertaintyParams | None = None,
    *,
    top: int | None = None,
) -> tuple[Stretch, ...]:
    """Rank the stretches of all videos, the one that helps most first.

    Parameters
    ----------
    videos
        Each with a frame rate.
    uncertainty
        What makes a stretch worth a look; by default :class:`UncertaintyParams`.
    top
        How many are wanted; None: all.

    Raises
    ------
    ValueError
        If a video has no frame rate.
    """
    uncertainty = uncertainty or UncertaintyParams()
    stretches: list[Stretch] = []
    reach: dict[_Video, int] = {}
    for video in videos:
        stretches += find_stretches(video, uncertainty)
        rate = video.annotation.frame_rate
        name = (video.annotation.subject_id, video.annotation.video_id)
        reach[name] = round(uncertainty.apart_s * float(rate or 0))
    return _spread(stretches, reach, uncertainty, len(stretches) if top is None else top)


def _spread(
    stretches: Sequence[Stretch], reach: dict[_Video, int], uncertainty: UncertaintyParams, top: int
) -> tuple[Stretch, ...]:
    """Take the best one again and again, each discounted by those taken before."""
    videos: Counter[_Video] = Counter()
    subjects: Counter[str] = Counter()
    taken: dict[_Video, list[Interval]] = {}

    def worth(stretch: Stretch) -> float:
        video, subject = (stretch.subject_id, stretch.video_id), stretch.subject_id
        out = stretch.gain_per_minute * uncertainty.video_discount ** videos[video]
        if subject:
            out *= uncertainty.subject_discount ** subjects[subject]
        near = reach[video]
        is_near = any(stretch.interval.gap(other) < near for other in taken.get(video, ()))
        return out * uncertainty.near_discount if is_near else out

    # Worth only falls, so the head whose worth is still what it was is the best of all.
    heap = [(-s.gain_per_minute, number) for number, s in enumerate(stretches)]
    heapify(heap)
    out: list[Stretch] = []
    while heap and len(out) < top:
        before, number = heappop(heap)
        stretch = stretches[number]
        now = -worth(stretch)
        if now > before + 1e-12 and heap and now > heap[0][0]:
            heappush(heap, (now, number))
            continue
        out.append(stretch)
        video = (stretch.subject_id, stretch.video_id)
        videos[video] += 1
        subjects[stretch.subject_id] += 1
        taken.setdefault(video, []).append(stretch.interval)
    return tuple(out)


def _joined(
    doubts: Sequence[Doubt], context: int, last: int, longest: int
) -> list[tuple[Interval, list[Doubt]]]:
    """Join places whose surroundings touch, while the stretch stays short enough.

    Where it does not, the next stretch begins behind the one before. Every place is looked at
    inside its own stretch.
    """
    out: list[tuple[Interval, list[Doubt]]] = []
    free = 0  # first frame behind all stretches but the last
    for doubt in sorted(doubts, key=lambda d: d.frame):
        around = Interval(
            max(doubt.interval.onset - context, free), min(doubt.interval.offset + context, last)
        )
        if not out or around.onset > out[-1][0].offset + 1:
            out.append((around, [doubt]))
        else:
            stretch, group = out[-1]
            if stretch.hull(around).n_frames <= longest:
                out[-1] = (stretch.hull(around), [*group, doubt])
                continue
            if doubt.frame in stretch:
                group.append(doubt)
                continue
            out.append((Interval(stretch.offset + 1, around.offset), [doubt]))
        free = out[-2][0].offset + 1 if len(out) > 1 else 0
    return out
