"""Obvious versions of what the clips room computes, frame by frame."""

import numpy as np

from napari_mespot.model import Annotation, ExpressionKind, FrameState


def slow_reference_frame(position: int, skip: int, n_frames: int, reference: str) -> int:
    wanted = position - skip if reference == "past" else position + skip
    if wanted < 0:
        return 0
    if wanted > n_frames - 1:
        return n_frames - 1
    return wanted


def slow_clip(
    position: int, skip: int, n_frames: int, reference: str, per_side: int = 1
) -> list[int]:
    past, future = [], []
    for step in range(1, per_side + 1):
        past.insert(0, slow_reference_frame(position, step * skip, n_frames, "past"))
        future.append(slow_reference_frame(position, step * skip, n_frames, "future"))
    return {
        "past": [*past, position],
        "future": [*reversed(future), position],
        "both": [*past, position, *future],
    }[reference]


def slow_places(reference: str, per_side: int) -> list[int]:
    """Where the images of a clip lie, in skips after the frame that is scored."""
    far = 10 * per_side
    return [place - far for place in slow_clip(far, 1, 2 * far + 1, reference, per_side)]


def slow_frame_targets(annotation: Annotation) -> tuple[np.ndarray, np.ndarray]:
    assert annotation.n_frames is not None
    targets = np.zeros((annotation.n_frames, 2), np.float32)
    known = np.zeros((annotation.n_frames, 2), bool)
    for frame in range(annotation.n_frames):
        for column, kind in enumerate((ExpressionKind.MICRO, ExpressionKind.MACRO)):
            state = annotation.state_at(frame, kind)
            targets[frame, column] = state is FrameState.PRESENT
            known[frame, column] = state is not FrameState.UNKNOWN
    return targets, known
