"""Labelled material from a video nobody has labelled: its own skin, moved at known times.

Drawn action units are injected into still stretches, and the person's own larger expressions are
walked along. What is kept to judge by lies later in time, and is moved by another injector.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.errors import AnnotationFormatError, FrameReadError, NoFaceError
from napari_mespot.face import extract_faces
from napari_mespot.face.params import AlignParams
from napari_mespot.frames import open_frames
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_sides import Side, sure_expressions
from napari_mespot.learning.adapt_watch import WatchedPart
from napari_mespot.learning.corpus import Corpus, LabelledFaces, labelled
from napari_mespot.learning.injection import InjectedVideo, inject
from napari_mespot.learning.injection_clip import NeutralClip, load_neutral_clip
from napari_mespot.learning.injection_fields import draw_field
from napari_mespot.learning.injection_plan import Content, DrawField
from napari_mespot.learning.judging_fields import draw_judging_field
from napari_mespot.learning.own_motion import WalkedVideo, walk_motion
from napari_mespot.learning.own_motions import OwnMotion, load_own_motions
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.progress import ProgressCallback, renamed

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["Material", "make_material"]

_JUDGED_SEED = 500_000
_SEEDS = 1_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Material:
    """All that adapting learns from and is judged by.

    Parameters
    ----------
    drawn, walked
        To learn from: drawn action units, and own expressions made brief and small.
    judged
        Of the other injector, and walks along other onsets.
    """

    drawn: Corpus
    walked: Corpus
    judged: Corpus


def make_material(
    parts: Sequence[WatchedPart],
    sides: tuple[Side, Side],
    align: AlignParams,
    params: AdaptParams,
    progress: ProgressCallback | None = None,
) -> Material:
    """Make all renditions and align their faces.

    Parameters
    ----------
    parts
        Of the videos.
    sides
        What is learned from, and what is kept.
    align
        How faces are aligned.
    params
        How much is made.
    progress
        Called from this thread; may raise :class:`~napari_mespot.progress.Cancelled`.

    Returns
    -------
    Empty if there is nothing to learn from, or nothing to judge by.

    Raises
    ------
    FrameReadError
        If a video cannot be read any more.
    """
    learned, kept = sides
    with ExitStack() as stack:
        videos = _Videos(stack)
        shown: list[tuple[str, InjectedVideo | WalkedVideo]] = []
        for group, side, count, draw in (
            ("drawn", learned, params.learned_renditions, draw_field),
            ("judged", kept, params.judged_renditions, draw_judging_field),
        ):
            clips = _clips(videos, parts, side, params)
            shown += [(group, s) for s in _injected(clips, count, draw, params)]
            motions = _motions(videos, parts, side, params)
            is_judged = group == "judged"
            walks = _walks(motions, len(motions) if clips else count, params, is_judged=is_judged)
            shown += [("judged" if is_judged else "walked", s) for s in walks]
        groups: dict[str, list[LabelledFaces]] = {"drawn": [], "walked": [], "judged": []}
        planned = {group for group, _ in shown}
        if "judged" not in planned or len(planned) == 1:
            shown = []  # with one side alone nothing can be learned and judged
        for number, (group, video) in enumerate(shown, 1):
            told = renamed(progress, f"moving the still face, {number} of {len(shown)}")
            faces = extract_faces(video, align, progress=told)
            name = f"{group} {number}"
            if faces.found.any():
                groups[group].append(labelled(faces, replace(video.truth, video_id=name)))
    return Material(*(Corpus(tuple(groups[g])) for g in ("drawn", "walked", "judged")))


class _Videos:
    """Videos that are opened once."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._open: dict[Path, FrameSource] = {}

    def __getitem__(self, part: WatchedPart) -> "FrameSource":
        if part.path not in self._open:
            self._open[part.path] = self._stack.enter_context(open_frames(part.path))
        return self._open[part.path]


def _clips(
    videos: _Videos, parts: Sequence[WatchedPart], side: Side, params: AdaptParams
) -> list[NeutralClip]:
    """Read the longest still stretches of a side."""
    longest = sorted(side.stills, key=lambda s: -s[1].n_frames / float(parts[s[0]].frame_rate))
    out = []
    for number, still in longest[: params.stretches]:
        part = parts[number]
        frames = Interval(part.first_frame + still.onset, part.first_frame + still.offset)
        try:
            out.append(_still_clip(videos[part], part, frames, params))
        except NoFaceError:
            continue  # found in the whole video, not in these frames alone
    return out


def _still_clip(
    source: "FrameSource", part: WatchedPart, frames: Interval, params: AdaptParams
) -> NeutralClip:
    return load_neutral_clip(
        source, frames, longest_s=params.longest_still_s, choice=part.face_at(frames.onset)
    )


def _injected(
    clips: Sequence[NeutralClip], count: int, draw: DrawField, params: AdaptParams
) -> Iterator[InjectedVideo]:
    """Yield renditions with expressions, and one with blinks alone; clips take turns."""
    contents: list[Content] = ["blinks"]
    for _ in range(count):
        contents.insert(0, "expressions")
    is_judged = draw is draw_judging_field
    for number, content in enumerate(contents if clips else ()):
        clip = clips[number % len(clips)]
        yield inject(
            clip,
            params.judged_injection if is_judged else params.injection,
            seconds=params.rendition_s,
            frame_rate=_rendered_rate(clip.frame_rate, params),
            seed=_seed(params, number, is_judged=is_judged),
            content=content,
            draw=draw,
        )


def _walks(
    motions: Sequence[OwnMotion], count: int, params: AdaptParams, *, is_judged: bool
) -> Iterator[WalkedVideo]:
    """Yield renditions of own expressions; they take turns."""
    for number in range(count if motions else 0):
        motion = motions[number % len(motions)]
        yield walk_motion(
            motion,
            params.walk,
            seconds=params.rendition_s,
            frame_rate=_rendered_rate(motion.frame_rate, params),
            seed=_seed(params, 1000 + number, is_judged=is_judged),
        )


def _seed(params: AdaptParams, number: int, *, is_judged: bool) -> int:
    return params.seed * _SEEDS + is_judged * _JUDGED_SEED + number


def _rendered_rate(rate: Fraction, params: AdaptParams) -> Fraction | None:
    """Return the frame rate of a rendition; None: the clip's."""
    most = Fraction(params.rendered_hz).limit_denominator(1001)
    return most if rate > most else None


def _motions(
    videos: _Videos, parts: Sequence[WatchedPart], side: Side, params: AdaptParams
) -> list[OwnMotion]:
    """Return the beginnings of own MaE that the old checkpoint is sure of."""
    out: list[OwnMotion] = []
    for number, where in side.ranges:
        left = params.own_motions - len(out)
        part = parts[number]
        labels = _sure(part, where, params)
        if left <= 0 or labels is None:
            continue
        try:
            out += load_own_motions(
                videos[part], labels, params.walk, most=left, face_at=part.face_at
            )
        except (AnnotationFormatError, FrameReadError):
            continue
    return out


def _sure(part: WatchedPart, where: Interval, params: AdaptParams) -> Annotation | None:
    """Return what is found, in frames of the video, confirmed where it is sure; None: nowhere.

    What is not sure, or not in `where`, only says that there is no room for a still face; and
    there is none before `where` begins.
    """
    sure = {
        i
        for i in sure_expressions(part, params)
        if where.onset < i.onset and i.offset <= where.offset
    }
    if not sure:
        return None
    first = part.first_frame
    expressions = []
    for e in part.found:
        moved = Interval(e.onset + first, e.offset + first)
        status = ReviewStatus.ACCEPTED if e.interval in sure else ReviewStatus.UNCERTAIN
        apex = None if e.apex is None else e.apex + first
        expressions.append(replace(e, interval=moved, apex=apex, status=status))
    if first + where.onset:
        before = Interval(0, first + where.onset - 1)
        expressions.append(Expression(before, ExpressionKind.MACRO, status=ReviewStatus.UNCERTAIN))
    n_frames = first + part.faces.n_frames
    return Annotation(part.name, n_frames, part.frame_rate, tuple(expressions))
