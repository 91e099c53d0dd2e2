"""The noise of a clip of a still face, told from its skin."""

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.learning.injection_clip import NeutralClip

__all__ = ["ClipNoise"]

_Picture = NDArray[np.float32]

_REACH = 3.5  # half width of the Gaussian in time, in standard deviations
_NOISE_FRAMES = 48
_FEW = 4  # rests to draw from; fewer would repeat visibly
_BLOCK_PX = 8
_SKINS_KEPT = 4
_STEPS = 64  # of noise per grey level: whole numbers are quicker than half floats
_NOISE_CLIP = 4.0  # robust standard deviations beyond which a rest is movement, not noise


class ClipNoise:
    """Takes frames apart into skin, on which neighbours in time agree, and noise.

    Parameters
    ----------
    clip
        The frames, played to and fro.
    smoothing_frames
        Standard deviation of the Gaussian in time that tells skin from noise, in frames.
    interpolated
        Whether pictures between the frames are made, with noise of their own. Where they are
        not, the skin is smoothed so that it shares no noise with the rest of the same frame.
    """

    def __init__(self, clip: NeutralClip, smoothing_frames: float, *, interpolated: bool) -> None:
        self._clip, self._width, self._interpolated = clip, smoothing_frames, interpolated
        self._skins: dict[int, _Picture] = {}

    def skin(self, position: float) -> _Picture:
        """Return what the frames around a place in the clip agree on.

        Between two frames of the clip it is blended from the two, which are smooth in time
        already; the few in use are kept.
        """
        low, share = divmod(position, 1.0)
        before = self._skin_at(int(low))
        if not share:
            return before
        after = self._skin_at(int(low) + 1)
        return np.asarray(cv2.addWeighted(before, 1 - share, after, share, 0), dtype=np.float32)

    def kept(self, position: float) -> float:
        """Return the share of the variance of independent noise that smoothing keeps."""
        low, share = divmod(position, 1.0)
        weights = (1 - share) * self._weights_at(int(low))[1]
        if share:
            weights = weights + share * self._weights_at(int(low) + 1)[1]
        return float((weights**2).sum())

    def drawn(self, rng: np.random.Generator, here: int, gain: float) -> _Picture:
        """Draw noise that is not in the skin of the frames around `here`.

        Parameters
        ----------
        rng
            Source of randomness.
        here
            A frame of the clip.
        gain
            1 for noise as strong as that of a frame.
        """
        numbers, rests = self._rests
        scale = np.float32(gain / _STEPS)
        # The noise of a frame that is part of the skin would add to itself.
        far = np.flatnonzero(np.abs(numbers - here) > 2 * _REACH * self._width)
        if len(far) >= _FEW:
            return np.asarray(scale * rests[int(rng.choice(far))], dtype=np.float32)
        # In a very short clip it is shifted, by whole blocks of the codec.
        shift = rng.choice((-2, -1, 1, 2), 2) * _BLOCK_PX
        rest = np.roll(rests[int(rng.integers(len(rests)))], shift, (0, 1))
        return np.asarray(scale * rest, dtype=np.float32)

    def _skin_at(self, place: int) -> _Picture:
        if place not in self._skins:
            frames, weights = self._weights_at(place)
            chosen = self._clip.frames[frames]
            picture = weights[frames].astype(np.float32) @ chosen.reshape(len(frames), -1).astype(
                np.float32
            )
            while len(self._skins) >= _SKINS_KEPT:
                del self._skins[next(iter(self._skins))]
            self._skins[place] = np.asarray(picture.reshape(chosen.shape[1:]))
        return self._skins[place]

    def _weights_at(self, place: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the frames around a place of the clip, and the weight of every frame.

        The weights are a Gaussian in time. At the clip's own rate its middle is made flatter,
        so that the weight of the frame itself is the sum of all squared weights. Noise that is
        independent from frame to frame is then not correlated between the skin and the rest,
        and moving one against the other leaves its strength as it was.
        """
        width, clip = self._width, self._clip
        reach = int(_REACH * width)
        away = np.arange(-reach, reach + 1)
        # Where the clip turns, a frame comes twice.
        turned = clip.turned(place + away)
        nearness = np.exp(-0.5 * (away / width) ** 2)
        weights = np.bincount(turned, weights=nearness, minlength=clip.n_frames)
        if not self._interpolated:
            own = turned[reach]
            weights[own] = 0
            # The root below 1 of w² + squares (1 - w)² = w is squares / (1 + squares).
            weights[own] = (weights**2).sum() / weights.sum()
        return np.unique(turned), weights / weights.sum()

    def drawn_beside(self, rng: np.random.Generator, here: int, gain: float) -> _Picture:
        """Draw noise of any frame but `here` and its neighbours, where no skin is added to it.

        Parameters as in :meth:`drawn`. Nothing is shifted: where an edge of the face has moved a
        little, the noise knows of it, and it shows in any other place.
        """
        numbers, rests = self._rests
        far = np.flatnonzero(np.abs(numbers - here) > 1)
        scale = np.float32(gain / _STEPS)
        return np.asarray(scale * rests[int(rng.choice(far))], dtype=np.float32)

    @cached_property
    def _rests(self) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """Numbers and noise of up to 48 frames, as strong as that of whole frames, in 1/64."""
        n = self._clip.n_frames
        chosen = np.unique(np.linspace(0, n - 1, min(n, _NOISE_FRAMES)).round().astype(np.int64))
        rests = np.stack([self._noise_of(int(frame)) for frame in chosen])
        level = np.median(np.abs(rests), axis=0) * np.float32(1.4826 * _NOISE_CLIP)
        level = np.maximum(level, 1.0)
        steps = np.rint(np.clip(rests, -level, level) * _STEPS)
        return chosen, steps.astype(np.int16)

    def _noise_of(self, frame: int) -> _Picture:
        """Return the rest of a frame, grown by what smoothing has kept of its noise.

        Of noise that is independent from frame to frame, with variance 1, the rest has
        1 - 2 w₀ + sum(w²), w₀ being the weight of the frame itself.
        """
        weights = self._weights_at(frame)[1]
        kept = 1 - 2 * float(weights[frame]) + float((weights**2).sum())
        rest = self._clip.frames[frame] - self.skin(float(frame))
        return np.asarray(rest / np.sqrt(kept), dtype=np.float32)
