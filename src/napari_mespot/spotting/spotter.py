"""One video, one direction: from frames to faces, scores, smoothed scores and expressions."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from napari_mespot.errors import NoFaceError
from napari_mespot.face import (
    FaceCache,
    FaceChoice,
    FaceSequence,
    FaceStream,
    follow_right_face,
    stream_faces,
)
from napari_mespot.face.prefetch import prefetch
from napari_mespot.model import Annotation, Clock, Expression, ScoreSignal
from napari_mespot.progress import ProgressCallback
from napari_mespot.spotting.detection import Found, search_expressions
from napari_mespot.spotting.inference import ScoresCallback, score_faces
from napari_mespot.spotting.lengths import is_long
from napari_mespot.spotting.params import DetectionParams, SpottingParams
from napari_mespot.spotting.smoothing import smooth

if TYPE_CHECKING:
    from napari_mespot.face.watch import Known
    from napari_mespot.frames import FrameSource
    from napari_mespot.network.checkpoint import Checkpoint

__all__ = ["SpottingResult", "find_in_scores", "spot_faces", "spot_video"]

_CHUNK_FRAMES = 32
_CHUNKS_AHEAD = 2
_MOST_PLACES = 3  # named in a warning


@dataclass(frozen=True, eq=False, slots=True)
class SpottingResult:
    """What was found in one video.

    Parameters
    ----------
    signal
        Calibrated probability of each kind per frame.
    smoothed
        The same, normalised and smoothed.
    annotation
        The expressions, none of which a person has looked at.
    warnings
        One-line texts for the user.
    followed
        Which face of the video this is about, in words; empty if that is not known.
    """

    signal: ScoreSignal
    smoothed: ScoreSignal
    annotation: Annotation
    warnings: tuple[str, ...] = ()
    followed: str = ""


def spot_video(  # noqa: PLR0913 - two of them are callbacks
    source: "FrameSource",
    checkpoint: "Checkpoint",
    *,
    params: SpottingParams | None = None,
    device: str = "cpu",
    cache: FaceCache | None = None,
    progress: ProgressCallback | None = None,
    on_scores: ScoresCallback | None = None,
    face: FaceChoice | None = None,
) -> SpottingResult:
    """Spot the expressions of a video.

    Decoding and alignment run ahead in threads of their own, by a bounded number of frames, so
    the memory needed does not depend on the length of the video. However the call ends, the
    threads end with it.

    Which of several faces is the largest and most central one is known at the end of the video
    only. If it is not the one that was followed, the video is gone through once more, with
    progress and scores from the first frame on.

    Parameters
    ----------
    source
        The video; stays open.
    checkpoint
        Network and all parameters.
    params
        Smoothing and rules, in place of the checkpoint's.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    cache
        Where aligned faces are kept between calls.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`.
    on_scores
        Called from this thread now and then with the scores of the next stretch of frames, see
        :func:`~napari_mespot.spotting.score_faces`.
    face
        Which face to follow; by default the largest and most central one.

    Raises
    ------
    NoFaceError
        If no frame shows a face, none is what `face` asks for, or the face models are missing.
    CheckpointError
        If the device is not available.
    """
    signals: list[ScoreSignal] = []

    def run(known: "Known | None") -> FaceStream:
        faces = stream_faces(
            source,
            checkpoint.align,
            chunk_frames=_CHUNK_FRAMES,
            cache=cache,
            follow=known or face,
        )
        with closing(prefetch(faces, _CHUNKS_AHEAD)) as chunks:
            signal = score_faces(
                checkpoint,
                chunks,
                n_frames=source.n_frames,
                frame_rate=source.frame_rate,
                clock=source.clock,
                video_id=source.video_id,
                device=device,
                progress=progress,
                on_scores=on_scores,
            )
        signals.append(signal)
        return faces

    faces = follow_right_face(run)
    warnings = (*source.warnings, *faces.warnings)
    result = _result(signals[-1], checkpoint, params, warnings)
    return replace(result, followed=faces.followed)


def spot_faces(
    faces: FaceSequence,
    checkpoint: "Checkpoint",
    *,
    params: SpottingParams | None = None,
    device: str = "cpu",
    progress: ProgressCallback | None = None,
    on_scores: ScoresCallback | None = None,
) -> SpottingResult:
    """Spot the expressions of a video whose faces are aligned already, e.g. by OpenFace.

    Parameters and errors are those of :func:`spot_video`.
    """
    signal = score_faces(
        checkpoint,
        faces,
        n_frames=faces.n_frames,
        frame_rate=faces.frame_rate,
        clock=faces.clock,
        video_id=faces.video_id,
        device=device,
        progress=progress,
        on_scores=on_scores,
    )
    result = _result(signal, checkpoint, params, faces.warnings)
    return replace(result, followed=faces.followed)


def find_in_scores(
    signal: ScoreSignal, params: SpottingParams, *, source: str = "", warnings: Iterable[str] = ()
) -> SpottingResult:
    """Do all that follows the network: smooth, then find the expressions."""
    smoothed = smooth(signal, params.smoothing)
    found = search_expressions(smoothed, params.detection, source=source)
    annotation = Annotation(
        video_id=signal.video_id,
        n_frames=signal.first_frame + signal.n_frames,
        frame_rate=Fraction(signal.frame_rate),
        times=signal.times,
        expressions=found.expressions,
    )
    told = _lengths_told(found, params.detection, signal.clock)
    return SpottingResult(signal, smoothed, annotation, (*warnings, *told))


def _lengths_told(found: Found, rules: DetectionParams, clock: Clock) -> Iterable[str]:
    """Yield a line on what lasts long, and one on what is too short, if there is any.

    Examples
    --------
    ``"1 MaE marked as long, over 4.5 s: frames 210–640 (0.92); look whether it is one"``
    """
    longest_s = rules.mae.max_duration_s
    long = [e for e in found.expressions if is_long(e, clock, rules)]
    if long:
        places = [_place(e) for e in long[:_MOST_PLACES]]
        more = f" and {len(long) - _MOST_PLACES} more" if len(long) > _MOST_PLACES else ""
        yield (
            f"{len(long)} MaE marked as long, over {longest_s:g} s: frames "
            f"{', '.join(places)}{more}; look whether each is one"
        )
    if found.too_short:
        yield (
            f"{len(found.too_short)} left out as too short: frames "
            f"{', '.join(map(_place, found.too_short))}; look there, or allow shorter ones"
        )


def _place(expression: Expression) -> str:
    e = expression
    return f"{e.onset}–{e.offset} ({e.score:.2f})"


def _result(
    signal: ScoreSignal,
    checkpoint: "Checkpoint",
    params: SpottingParams | None,
    warnings: tuple[str, ...],
) -> SpottingResult:
    missing = int(np.count_nonzero(~signal.found))
    if missing == signal.n_frames:
        known = "; ".join(warnings)
        raise NoFaceError(
            f"No face in any of the {signal.n_frames} frames of {signal.video_id}: expected a "
            "face seen from the front and upright, its eyes at least 7 % of the picture's width "
            f"apart{f' ({known})' if known else '; turn a video that is upside down first'}"
        )
    if missing:
        warnings = (
            *warnings,
            f"no face in {missing} of {signal.n_frames} frames, which have no score",
        )
    return find_in_scores(
        signal, params or checkpoint.spotting, source=checkpoint.name, warnings=warnings
    )
