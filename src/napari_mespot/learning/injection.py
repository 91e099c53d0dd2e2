"""Real neutral video with expressions of known timing in it.

The skin is moved, the noise is not: a frame is taken apart into what its neighbours in time
agree on and the rest (sensor noise, compression); only the first is warped, and the rest stays
where the camera put it. Frames in which nothing moves are the video's own, bit for bit.
"""

import hashlib
from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import invert
from napari_mespot.frames.base import FramesBase
from napari_mespot.learning.clip_noise import ClipNoise
from napari_mespot.learning.injection_clip import NeutralClip
from napari_mespot.learning.injection_fields import GRID_MARGIN_PX, draw_field
from napari_mespot.learning.injection_params import InjectionParams
from napari_mespot.learning.injection_plan import Content, DrawField, InjectionPlan, draw_plan
from napari_mespot.model import Annotation

__all__ = ["InjectedVideo", "inject"]

_Picture = NDArray[np.float32]


class InjectedVideo(FramesBase):
    """A rendition of a neutral clip, as a source of frames.

    Every frame is a function of its index alone. It is grey: `read` gives three equal
    channels.

    Parameters
    ----------
    clip
        The neutral frames, played to and fro.
    plan
        What is injected, at the frame rate of the plan. Where that is not the clip's, frames
        are interpolated in time, and each gets noise of its own drawn from the clip's.
    params
        How noise is told from skin.
    seed
        Which noise and which phase of the clip.
    """

    def __init__(
        self, clip: NeutralClip, plan: InjectionPlan, params: InjectionParams, seed: int
    ) -> None:
        self.path, self.warnings = clip.path, ()
        self.n_frames, self.frame_rate = plan.n_frames, plan.frame_rate
        self.height, self.width = clip.frames.shape[1:]
        self.video_id = f"{clip.video_id}-{float(plan.frame_rate):g}fps-{seed}"
        self.plan = plan
        self._clip, self._params, self._seed = clip, params, seed
        self._phase = int(np.random.default_rng([seed, 1]).integers(2 * clip.n_frames))
        self._interpolated = plan.frame_rate != clip.frame_rate
        self._noise = ClipNoise(clip, params.smoothing_frames, interpolated=self._interpolated)
        self.fingerprint = self._digest()

    @property
    def truth(self) -> Annotation:
        """The labels."""
        return self.plan.truth(self.video_id)

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Brightness of frame `index`, ``(H, W)``."""
        index = self._check(index)
        back = self.plan.backward(index)
        position = self._position(index)
        if not self._interpolated and back is None:
            return np.array(self._clip.frames[self._clip.turned(np.array([int(position)]))[0]])
        still = self._noise.skin(position)
        rest = self._rest(index, position, still)
        moved = still if back is None else self._moved(still, back, position)
        return np.asarray(np.clip(np.rint(moved + rest), 0, 255), dtype=np.uint8)

    def read(self, index: int) -> NDArray[np.uint8]:
        """Frame `index` as ``(H, W, 3)``, three equal channels."""
        return np.repeat(self.read_luma(index)[..., None], 3, axis=2)

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Sequential ``(H, W)`` brightness."""
        return (self.read_luma(index) for index in self._range(start, stop))

    def close(self) -> None:
        """Nothing is open."""

    def _position(self, index: int) -> float:
        """Return the place in the clip, in its frames, at which a frame is taken."""
        if not self._interpolated:
            return float(self._phase + index)
        return self._phase + float(index * self._clip.frame_rate / self.frame_rate)

    def _rest(self, index: int, position: float, still: _Picture) -> _Picture:
        """Return the noise of a frame: its own, or for an interpolated one, another's."""
        here = int(self._clip.turned(np.array([round(position)]))[0])
        if not self._interpolated:
            return np.asarray(self._clip.frames[here] - still, dtype=np.float32)
        # Smoothing has left the share sum(w²) of the noise's variance in the skin.
        gain = float(np.sqrt(1 - self._noise.kept(position)))
        return self._noise.drawn(np.random.default_rng([self._seed, 2, index]), here, gain)

    def _moved(self, still: _Picture, back: NDArray[np.float32], position: float) -> _Picture:
        """Warp a picture by where each point comes from, given over the grid of the crop."""
        to_crop = self._transform(position)
        from_grid = invert(to_crop)
        from_grid[:, 2] -= from_grid[:, :2] @ (GRID_MARGIN_PX, GRID_MARGIN_PX)
        size = (self.width, self.height)
        shift = cv2.warpAffine(np.ascontiguousarray(back.transpose(1, 2, 0)), from_grid, size)
        linear = np.linalg.inv(to_crop[:, :2]).astype(np.float32)
        shift = shift @ linear.T
        x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in size))
        warped = cv2.remap(
            still, x + shift[..., 0], y + shift[..., 1], cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        return np.asarray(warped, dtype=np.float32)

    def _transform(self, position: float) -> NDArray[np.float64]:
        low = int(np.floor(position))
        before, after = self._clip.transforms[self._clip.turned(np.array([low, low + 1]))]
        share = position - low
        return np.asarray((1 - share) * before + share * after)

    def _digest(self) -> str:
        parts = (
            self._clip.fingerprint,
            str(self._clip.stretch),
            self._params.model_dump_json(),
            str(self.frame_rate),
            str(self._seed),
            str([p.expression for p in self.plan.expressions]),
            str([b.interval for b in self.plan.blinks]),
            str(self.n_frames),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def inject(  # noqa: PLR0913 - what is drawn, and how
    clip: NeutralClip,
    params: InjectionParams,
    *,
    seconds: float,
    frame_rate: Fraction | None = None,
    seed: int = 0,
    content: Content = "expressions",
    draw: DrawField = draw_field,
) -> InjectedVideo:
    """Draw a rendition of a neutral clip with expressions of known timing.

    Parameters
    ----------
    clip
        The neutral frames.
    params
        How many expressions, of what size and course.
    seconds
        Length of the rendition; the clip is played to and fro for as long.
    frame_rate
        Of the rendition; None: the clip's.
    seed
        Another seed gives other expressions and another phase of the clip.
    content
        ``"expressions"`` (and blinks), ``"blinks"`` alone, or ``"untouched"``.
    draw
        Draws how the skin moves in an expression.
    """
    rate = clip.frame_rate if frame_rate is None else frame_rate
    n_frames = max(1, round(seconds * float(rate)))
    plan = draw_plan(params, np.random.default_rng([seed, 0]), n_frames, rate, content, draw)
    return InjectedVideo(clip, plan, params, seed)
