"""Brief small movements of real skin to learn from, made of expressions that people confirmed.

What brief small movements look like before this camera is what corrections hold least of. The
first frames of a larger expression are such movements: see :mod:`.own_motion`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_mespot.errors import AnnotationFormatError, NoFaceError
from napari_mespot.face import FaceCache, extract_faces
from napari_mespot.face.params import AlignParams
from napari_mespot.learning.corpus import labelled
from napari_mespot.learning.corrections import Walk
from napari_mespot.learning.own_motion import walk_motion
from napari_mespot.learning.own_motions import OwnMotion, load_own_motions
from napari_mespot.learning.walk_params import WalkParams
from napari_mespot.model import Annotation, ExpressionKind
from napari_mespot.progress import ProgressCallback, renamed, report

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["make_walks", "walks_text"]

_MOST = 4
_SECONDS = 20.0
# A video of 200 frames per second needs no more of them.
_MOST_FRAMES = 1200


def make_walks(
    source: "FrameSource",
    annotation: Annotation,
    align: AlignParams,
    *,
    cache: FaceCache | None = None,
    progress: ProgressCallback | None = None,
) -> list[Walk]:
    """Make videos of small movements out of the confirmed MaE of a video, and align their faces.

    Parameters
    ----------
    source
        The video.
    annotation
        Its labels.
    align
        How faces are aligned.
    cache
        Where faces are kept; without one they are held.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`.

    Returns
    -------
    One for each of up to four MaE that begin from a still face; none if no MaE does.
    """
    stage = f"small movements of {annotation.video_id}"
    report(progress, stage, 0, 0)
    out = []
    for motion in _motions(source, annotation):
        rate = float(motion.frame_rate)
        seconds = min(_SECONDS, _MOST_FRAMES / rate)
        shown = walk_motion(motion, WalkParams(), seconds=seconds, seed=motion.label.onset)
        try:
            faces = extract_faces(shown, align, cache=cache, progress=renamed(progress, stage))
        except NoFaceError:
            continue
        name = f"{annotation.video_id}, movements of frame {motion.label.onset}"
        truth = replace(shown.truth, video_id=name, subject_id=annotation.subject_id)
        if faces.found.any():
            out.append(Walk(labelled(faces, truth), annotation.video_id, motion.label.interval))
    return out


def walks_text(walks: Sequence[Walk]) -> str:
    """Say what was made."""
    if not walks:
        return (
            "no confirmed MaE begins from a still face: small movements to learn from could not be "
            "made of them"
        )
    frames = sum(len(walk.faces.images) / float(walk.faces.frame_rate) for walk in walks)
    return (
        f"{frames:.0f} s of brief small movements to learn from were made of {len(walks)} "
        "confirmed MaE"
    )


def _motions(source: "FrameSource", annotation: Annotation) -> Iterator[OwnMotion]:
    """Yield the beginnings of confirmed MaE."""
    if not any(e.status.is_present for e in annotation.of_kind(ExpressionKind.MACRO)):
        return
    try:
        motions = load_own_motions(source, annotation, WalkParams(), most=_MOST)
    except AnnotationFormatError:
        return
    yield from (m for m in motions if m.label.kind is ExpressionKind.MACRO)
