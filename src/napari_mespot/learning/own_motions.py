"""Labelled onsets of a real video that start from a still face: what one can walk along.

The labels are a person's, and people are a few frames late, or a blink comes in between. So the
still stretch is measured: the longest run of frames, ending shortly before the onset, of which no
two differ by more than 0.6 pixels of movement. It is played to and fro for long, so that a
slow drift in it would become a movement that comes again and again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import AnnotationFormatError, FrameReadError, NoFaceError
from napari_mespot.evaluation import is_doubtful
from napari_mespot.face.choice import LARGEST, FaceChoice
from napari_mespot.learning.injection_clip import NeutralClip, load_neutral_clip
from napari_mespot.learning.skin_displacement import SkinDisplacement
from napari_mespot.learning.walk_params import WalkParams
from napari_mespot.model import Annotation, Expression, Interval, ReviewStatus

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["OwnMotion", "load_own_motions", "own_motions"]

_BEFORE_S = 2.0
_REACH_S = 1.0
_GUARD_S = 0.1
_MEASURED_HZ = 30
_COMPARED = 3  # every third frame of a run is compared with those before it
_FEWEST_FRAMES = 6
_MOST = 8


@dataclass(frozen=True, eq=False, slots=True)
class OwnMotion:
    """A still face and the beginning of an expression, frame by frame.

    Parameters
    ----------
    clip
        Still frames, then those in which the expression grows.
    base
        Row of the last still frame.
    sizes_px
        Shape (n - base,): displacement of the skin in the rows from `base` on, rising from 0, in
        pixels of the 112 px crop.
    label
        The labelled expression that begins here, in frames of the video.
    """

    clip: NeutralClip
    base: int
    sizes_px: NDArray[np.float64]
    label: Expression

    @property
    def path(self) -> Path:
        """The video."""
        return self.clip.path

    @property
    def video_id(self) -> str:
        """Name of the video."""
        return self.clip.video_id

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        return self.clip.frame_rate

    @property
    def n_frames(self) -> int:
        """Number of still frames."""
        return self.base + 1

    @property
    def neutral(self) -> NeutralClip:
        """The still frames alone."""
        return _rows(self.clip, 0, self.base)

    @property
    def largest_px(self) -> float:
        """The largest displacement that one can walk to."""
        return float(self.sizes_px[-1])

    def row_at(self, size_px: float) -> float:
        """Return the place in the clip, between its rows, at which the skin has moved so far."""
        rising = np.flatnonzero(np.diff(self.sizes_px, prepend=-1.0) > 0)
        return float(self.base + np.interp(size_px, self.sizes_px[rising], rising))


def own_motions(clip: NeutralClip, labels: Annotation, params: WalkParams) -> tuple[OwnMotion, ...]:
    """Find the labelled onsets in a clip that one can walk along.

    Labels that a person has rejected, doubts or has not looked at are not walked along.

    Parameters
    ----------
    clip
        Consecutive frames of a video, not all of them neutral.
    labels
        The labels of the video, in its frames.
    params
        How still a face must be before.
    """
    measure = SkinDisplacement(clip)
    found = (_own_motion(clip, labels, label, measure, params) for label in _certain(labels))
    return tuple(motion for motion in found if motion is not None)


def load_own_motions(
    source: "FrameSource",
    labels: Annotation,
    params: WalkParams,
    *,
    most: int = _MOST,
    face_at: Callable[[int], FaceChoice] = lambda _: LARGEST,
) -> tuple[OwnMotion, ...]:
    """Read the labelled onsets of a video that one can walk along.

    Parameters
    ----------
    source
        The video.
    labels
        Its labels.
    params
        How still a face must be before.
    most
        No more than this are read, those with the most room before them first.
    face_at
        Which face, by the frame from which it is followed.

    Raises
    ------
    AnnotationFormatError
        If there is none.
    """
    certain = sorted(_certain(labels), key=lambda e: -_room(labels, e))
    loaded: list[OwnMotion] = []
    for label in certain:
        if len(loaded) == most:
            break
        loaded += _loaded(source, labels, label, params, face_at)
    if not loaded:
        raise AnnotationFormatError(
            f"{source.path}: expected a labelled onset after {params.still_s:g} s of a still face "
            f"(skin moving by up to {params.still_px:g} px of the crop), from where the skin moves "
            f"by {params.me_size_px[0]:g} px or more; got {len(certain)} labels and none such; "
            "label an expression that begins from rest, or use --motion drawn"
        )
    return tuple(sorted(loaded, key=lambda motion: motion.label.sort_key))


def _loaded(
    source: "FrameSource",
    labels: Annotation,
    label: Expression,
    params: WalkParams,
    face_at: Callable[[int], FaceChoice],
) -> Iterator[OwnMotion]:
    rate = float(source.frame_rate)
    if _room(labels, label) < _fewest(rate, params):
        return
    start = max(0, label.onset - round(_BEFORE_S * rate))
    stretch = Interval(start, min(source.n_frames - 1, _furthest(label, rate)))
    try:
        clip = load_neutral_clip(source, stretch, choice=face_at(start))
    except (NoFaceError, FrameReadError):
        return
    motion = _own_motion(clip, labels, label, SkinDisplacement(clip), params)
    if motion is not None:
        yield motion


def _certain(labels: Annotation) -> list[Expression]:
    return [e for e in labels.expressions if e.status.is_present and not is_doubtful(e)]


def _room(labels: Annotation, label: Expression) -> int:
    """Return how many frames before a label are of no other; rejected ones are none."""
    before = [
        e.offset
        for e in labels.expressions
        if e.status is not ReviewStatus.REJECTED and e.onset <= label.onset and e != label
    ]
    return label.onset - 1 - max(before, default=-1)


def _furthest(label: Expression, rate: float) -> int:
    """Return the frame up to which an expression is walked: its apex, or its middle."""
    middle = (label.onset + label.offset) // 2
    apex = middle if label.apex is None else label.apex
    return min(apex, label.onset + round(_REACH_S * rate))


def _own_motion(
    clip: NeutralClip,
    labels: Annotation,
    label: Expression,
    measure: SkinDisplacement,
    params: WalkParams,
) -> OwnMotion | None:
    rate = float(clip.frame_rate)
    onset = label.onset - clip.stretch.onset
    if not 0 < onset < clip.n_frames:
        return None
    room = _room(labels, label) - round(_GUARD_S * rate) * (_room(labels, label) < label.onset)
    first = max(0, onset - min(room, round(_BEFORE_S * rate)))
    run = _still_run(measure, Interval(first, onset - 1), rate, params) if room > 0 else None
    if run is None:
        return None
    last = min(clip.n_frames - 1, _furthest(label, rate) - clip.stretch.onset)
    sizes = _growing(measure, Interval(run.offset, max(run.offset, last)), rate, params)
    if sizes[-1] < params.me_size_px[0]:
        return None
    end = run.offset + len(sizes) - 1
    return OwnMotion(_rows(clip, run.onset, end), run.n_frames - 1, sizes, label)


def _still_run(
    measure: SkinDisplacement, room: Interval, rate: float, params: WalkParams
) -> Interval | None:
    """Return the longest still run that ends near the end of `room`; of equal ones the last."""
    fewest = _fewest(rate, params)
    best: Interval | None = None
    for end in range(room.offset, max(room.onset, room.offset - round(params.late_s * rate)), -1):
        longest = end - room.onset + 1
        if longest < fewest or (best is not None and longest <= best.n_frames):
            break
        run = Interval(_start_of_still(measure, room.onset, end, rate, params), end)
        if run.n_frames >= fewest and (best is None or run.n_frames > best.n_frames):
            best = run
    return best


def _start_of_still(
    measure: SkinDisplacement, first: int, end: int, rate: float, params: WalkParams
) -> int:
    """Return from which row on the face is still up to `end`."""
    stride = _stride(rate)
    compared, start = [end], end
    for row in range(end - stride, first - 1, -stride):
        if any(measure.between(row, other) > params.still_px for other in compared):
            break
        start = row
        if (end - row) % (_COMPARED * stride) == 0:
            compared.append(row)
    return start


def _growing(
    measure: SkinDisplacement, rows: Interval, rate: float, params: WalkParams
) -> NDArray[np.float64]:
    """Return the displacement from the first row on, as long as it grows to what is wanted."""
    stride = _stride(rate)
    measured = [rows.onset, *range(rows.onset + stride, rows.offset + 1, stride)]
    sizes = [0.0]
    for row in measured[1:]:
        size = max(sizes[-1], measure.between(rows.onset, row))
        if size - sizes[-1] > params.largest_step_px:
            break
        sizes.append(size)
        if size >= params.mae_size_px[1]:
            break
    # Behind the largest one the expression goes back.
    sizes = sizes[: int(np.argmax(sizes)) + 1]
    places = np.array(measured[: len(sizes)]) - rows.onset
    return np.asarray(np.interp(np.arange(places[-1] + 1), places, sizes))


def _fewest(rate: float, params: WalkParams) -> int:
    """Return how many frames a face must be still, at least."""
    return max(_FEWEST_FRAMES, round(params.still_s * rate))


def _stride(rate: float) -> int:
    return max(1, round(rate / _MEASURED_HZ))


def _rows(clip: NeutralClip, first: int, last: int) -> NeutralClip:
    start = clip.stretch.onset
    rows = slice(first, last + 1)
    return replace(
        clip,
        stretch=Interval(start + first, start + last),
        frames=clip.frames[rows],
        transforms=clip.transforms[rows],
    )
