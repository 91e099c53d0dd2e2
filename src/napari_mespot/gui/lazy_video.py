"""A video as napari reads it: an array of which only the frames that are looked at exist."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, frexp, ldexp
from operator import index as as_int
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.frames import FrameSource

if TYPE_CHECKING:
    from napari.layers import Layer
    from napari.types import FullLayerData

__all__ = [
    "FRAME_RATE_KEY",
    "PATH_KEY",
    "SESSION_KEY",
    "SOURCE_KEY",
    "LazyVideo",
    "source_of",
    "time_axis",
    "video_layer_data",
]

SOURCE_KEY = "mespot_source"
"""Key of a video layer's metadata: the :class:`FrameSource` it shows."""
PATH_KEY = "mespot_path"
"""Key of a video layer's metadata: path of the video, as text."""
FRAME_RATE_KEY = "mespot_frame_rate"
"""Key of a video layer's metadata: frames per second, a Fraction."""
SESSION_KEY = "mespot_session"
"""Key of a video layer's metadata: path of the session file it was opened from, as text."""

_MANTISSA = 53  # binary digits of a float
_MOST_FRAMES = 64
_SEARCH = 8
"""How far from a damaged frame another one may stand in for it."""


class LazyVideo:
    """Frames of a source as an array of shape (n_frames, H, W, 3), uint8 RGB.

    Indexing decodes what is asked for, at most 64 frames at once, and may be done from any
    thread. In the place of a damaged frame stands the nearest whole one, at most 8 frames away,
    or black.

    Parameters
    ----------
    source
        The frames; whoever opened it closes it.
    on_damage
        Called once, with a line for the user, when the first damaged frame is met; maybe from
        another thread.
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(
        self, source: FrameSource, on_damage: Callable[[str], object] | None = None
    ) -> None:
        self.source = source
        self.shape = (source.n_frames, source.height, source.width, 3)
        self._on_damage = on_damage
        self._stand_ins: dict[int, int | None] = {}
        self._told = ""
        self._lock = Lock()

    def tell_damage_to(self, on_damage: Callable[[str], object]) -> None:
        """Tell of damaged frames here from now on."""
        self._on_damage = on_damage

    @property
    def size(self) -> int:
        """Number of values."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """Memory that all frames would take."""
        return self.size

    @property
    def damaged(self) -> frozenset[int]:
        """Frames that were asked for and are damaged."""
        return frozenset(self._stand_ins)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> NDArray[np.uint8]:
        """Decode frames, and cut a part out of each.

        Parameters
        ----------
        key
            As for a NumPy array: the first index is a frame, a slice or a sequence of frames.

        Raises
        ------
        IndexError
            A frame lies outside the video.
        MemoryError
            More than 64 frames at once.
        """
        first, rest = _split(key, self.ndim)
        if isinstance(first, slice):
            chosen = self._stack(range(*first.indices(len(self))))
            return chosen[(slice(None), *rest)]
        frames = np.asarray(first)
        if frames.ndim == 0:
            return np.asarray(self._frame(self._checked(first))[rest])
        if frames.dtype == np.bool_:
            frames = np.flatnonzero(frames)
        chosen = self._stack([self._checked(frame) for frame in frames])
        return chosen[(slice(None), *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self[:].astype(dtype or self.dtype, copy=False)

    def __repr__(self) -> str:
        return f"LazyVideo({self.source!r})"

    def _checked(self, frame: Any) -> int:
        number: int = as_int(frame)
        if not -len(self) <= number < len(self):
            raise IndexError(f"Expected a frame from 0 to {len(self) - 1}, got {number}")
        return number % len(self)

    def _stack(self, frames: "range | list[int]") -> NDArray[np.uint8]:
        if len(frames) > _MOST_FRAMES:
            raise MemoryError(
                f"A view of {len(frames)} frames at once would take "
                f"{len(frames) * self.size // len(self) / 2**30:.1f} GiB: a video is shown frame "
                "by frame; switch back to the 2D view, with time on the slider"
            )
        out = np.empty((len(frames), *self.shape[1:]), np.uint8)
        for place, frame in enumerate(frames):
            out[place] = self._frame(frame)
        return out

    def _frame(self, frame: int) -> NDArray[np.uint8]:
        """Frame `frame`, or what stands in for it."""
        with self._lock:
            shown = self._stand_ins.get(frame, frame)
        if shown is not None:
            try:
                return self.source.read(shown)
            except FileReadError as error:  # nothing to remember: the next try may succeed
                self._tell(str(error))
            except FrameReadError as error:
                return self._replaced(frame, error)
        return np.zeros(self.shape[1:], np.uint8)

    def _replaced(self, frame: int, error: FrameReadError) -> NDArray[np.uint8]:
        found, image = self._nearest(frame)
        with self._lock:
            is_first = not self._stand_ins
            self._stand_ins[frame] = found
        if is_first:
            self._tell(f"{error} A frame near by, or black, is shown in its place.")
        return image

    def _tell(self, text: str) -> None:
        """Say it once, not for each of many frames."""
        if self._on_damage is not None and text != self._told:
            self._told = text
            self._on_damage(text)

    def _nearest(self, frame: int) -> tuple[int | None, NDArray[np.uint8]]:
        for distance in range(1, _SEARCH + 1):
            for near in (frame - distance, frame + distance):
                if 0 <= near < len(self):
                    try:
                        return near, self.source.read(near)
                    except FrameReadError:
                        continue
        return None, np.zeros(self.shape[1:], np.uint8)


def video_layer_data(source: FrameSource) -> "FullLayerData":
    """Return a video as (data, options, type) of a napari layer.

    Time is the first axis, in seconds; where frames are unevenly spaced, which napari's axes
    cannot say, it is the number of the frame. :func:`source_of` gives the frames of the layer.

    Parameters
    ----------
    source
        The frames. They must stay open as long as the layer.
    """
    from napari.utils.notifications import show_warning

    options = {
        "name": source.video_id,
        "rgb": True,
        "contrast_limits": (0, 255),  # else napari looks for them in the whole video
        **_first_axis(source),
        "metadata": {
            SOURCE_KEY: source,
            PATH_KEY: str(Path(source.path).absolute()),
            FRAME_RATE_KEY: source.frame_rate,
        },
    }
    return LazyVideo(source, on_damage=show_warning), options, "image"


def _first_axis(source: FrameSource) -> dict[str, Any]:
    clock = source.clock
    if not clock.is_even:
        return {"units": ("pixel", "pixel", "pixel"), "axis_labels": ("frame", "y", "x")}
    step, start = time_axis(clock.rate, clock.starts_late_s, source.n_frames)
    return {
        "scale": (step, 1, 1),
        "translate": (start, 0, 0),
        "units": ("s", "pixel", "pixel"),
        "axis_labels": ("time", "y", "x"),
    }


def time_axis(frame_rate: Fraction, starts_at_s: Fraction, n_frames: int) -> tuple[float, float]:
    """Return step and start of napari's time axis, in seconds.

    napari counts steps as the whole part of length / step. For many lengths that is one too few,
    since 1/30 is no binary fraction. So step and start have as few binary digits as leave every
    time on the axis exact; a step of 10 million is off by less than a hundred-millionth.
    """
    digits, exponent = frexp(float(1 / frame_rate))
    n_steps = n_frames + ceil(abs(starts_at_s) * frame_rate)
    n_digits = _MANTISSA - n_steps.bit_length()
    step = ldexp(round(ldexp(digits, n_digits)), exponent - n_digits)
    start = ldexp(round(ldexp(float(starts_at_s), n_digits - exponent)), exponent - n_digits)
    return step, start


def source_of(layer: "Layer") -> FrameSource | None:
    """Return the frames that a layer shows; None if it is no video of ours."""
    source = layer.metadata.get(SOURCE_KEY)
    return source if isinstance(source, FrameSource) else None


def _split(key: Any, ndim: int) -> tuple[Any, tuple[Any, ...]]:
    """Return the first index and the rest of a NumPy key."""
    keys = list(key) if isinstance(key, tuple) else [key]
    if any(k is Ellipsis for k in keys):
        place = next(i for i, k in enumerate(keys) if k is Ellipsis)
        keys[place : place + 1] = [slice(None)] * (ndim - len(keys) + 1)
    if len(keys) > ndim:
        raise IndexError(f"Expected at most {ndim} indices, got {len(keys)}")
    return (keys[0] if keys else slice(None)), tuple(keys[1:])
