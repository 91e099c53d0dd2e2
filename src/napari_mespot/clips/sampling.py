"""Which frames are compared: the skips of the two streams and their reference frames.

The paper compares every frame with two temporally local reference frames (section 2.2,
"Input Layer"), a short skip for ME and a longer one for MaE, and gives the skips in frames
(Table 1). Here they are seconds until the frame rate of a video turns them into frames.
"""

from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_mespot.clips.params import ClipParams, SkipRange

__all__ = ["clip_frames", "clip_places", "draw_skips", "frame_skips"]

ReferenceDirection = Literal["past", "future", "both"]
_DIRECTIONS = ("past", "future", "both")


def clip_places(reference: ReferenceDirection, per_side: int = 1) -> tuple[int, ...]:
    """Return where the images of one stream lie, in skips after the frame that is scored.

    ``"past"`` and ``"future"`` are the paper's pair, the reference frame first; ``"both"`` has
    the frame between reference frames (decisions 0081 and 0088). With several per side the
    nearest is one skip away, the next two skips, and so on.

    Raises
    ------
    ValueError
        If there is no such direction, or no reference frame is wanted.

    Examples
    --------
    >>> clip_places("both")
    (-1, 0, 1)
    >>> clip_places("past", 2)
    (-2, -1, 0)
    """
    if reference not in _DIRECTIONS:
        raise ValueError(f"Expected reference {', '.join(_DIRECTIONS)}, got {reference!r}")
    if per_side < 1:
        raise ValueError(f"Expected per_side >= 1, got {per_side}")
    before = tuple(range(-per_side, 0))
    after = tuple(range(1, per_side + 1))
    if reference == "past":
        return (*before, 0)
    return (*after[::-1], 0) if reference == "future" else (*before, 0, *after)


def frame_skips(params: ClipParams, frame_rate: Fraction) -> tuple[int, int]:
    """Return the skips of the two streams in frames (the paper's k-th frames).

    Both are at least 1, and the second is longer than the first by at least 1, also at frame
    rates too low to tell the two durations apart.

    Parameters
    ----------
    params
        Skips in seconds.
    frame_rate
        Frames per second.

    Returns
    -------
    (stream 1 (ME), stream 2 (MaE)), in frames.

    Raises
    ------
    ValueError
        If the frame rate is not positive.

    Examples
    --------
    >>> frame_skips(ClipParams(), Fraction(30))
    (6, 19)
    """
    first = _frames(params.skip_me_s, frame_rate)
    return first, max(first + 1, _frames(params.skip_mae_s, frame_rate))


def clip_frames(
    positions: ArrayLike,
    skips: ArrayLike,
    n_frames: int,
    reference: ReferenceDirection,
    per_side: int = 1,
) -> NDArray[np.int64]:
    """Return the frames of each clip: two streams of images in the order of :func:`clip_places`.

    Reference frames are clamped to the video. That gives every frame a score: near an end a
    clip spans less than the skip, and at the very end a frame is compared with itself.

    Parameters
    ----------
    positions
        Shape (n,): frames that are scored.
    skips
        Shape (2,) for all positions, or (n, 2): skips of the two streams in frames.
    n_frames
        Length of the video.
    reference
        ``"past"``: position - skip; ``"future"``: position + skip; ``"both"``: either.
    per_side
        Reference frames on a side.

    Returns
    -------
    Shape (n, 2, t), int64: position, stream, image. Indexing the images of a video, shape
    (n_frames, H, W), with it gives the network's input, (n, 2, t, H, W).

    Raises
    ------
    ValueError
        If a position lies outside the video or the direction is unknown.
    """
    at = np.asarray(positions, dtype=np.int64)
    if at.size and (at.min() < 0 or at.max() >= n_frames):
        raise ValueError(f"Expected positions in 0..{n_frames - 1}, got {at.min()}..{at.max()}")
    step = np.broadcast_to(np.asarray(skips, dtype=np.int64), (len(at), 2))
    wanted = at[:, np.newaxis, np.newaxis] + step[:, :, np.newaxis] * np.array(
        clip_places(reference, per_side), dtype=np.int64
    )
    return np.asarray(np.clip(wanted, 0, max(n_frames - 1, 0)), dtype=np.int64)


def draw_skips(
    params: ClipParams, frame_rate: Fraction, size: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw random skips for training and validation (paper, Table 1 and section 3.2).

    Each is uniform over the whole frames of its range, both ends included, and the second is
    kept longer than the first.

    Parameters
    ----------
    params
        Ranges in seconds.
    frame_rate
        Frames per second.
    size
        Number of clips.
    rng
        Source of randomness.

    Returns
    -------
    Shape (size, 2), int64: skips of stream 1 (ME) and stream 2 (MaE), in frames.
    """
    first = _draw(params.random_skip_me, frame_rate, size, rng)
    second = _draw(params.random_skip_mae, frame_rate, size, rng)
    return np.stack([first, np.maximum(second, first + 1)], axis=1)


def _frames(seconds: float, frame_rate: Fraction) -> int:
    if frame_rate <= 0:
        raise ValueError(f"Expected frame_rate > 0, got {frame_rate}")
    return max(1, round(seconds * float(frame_rate)))


def _draw(
    span: SkipRange, frame_rate: Fraction, size: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    low, high = _frames(span.low_s, frame_rate), _frames(span.high_s, frame_rate)
    return rng.integers(low, high, size=size, endpoint=True, dtype=np.int64)
