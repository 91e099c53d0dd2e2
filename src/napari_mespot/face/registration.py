"""Hold a face still: robust inverse-compositional Lucas–Kanade registration.

A frame is registered to a template of the same face in the aligned frame, by a similarity
(scale, rotation, shift), on the still part of the face only (:mod:`.regions`). Gain and bias
are taken out, and Tukey weights leave out whatever moves on its own (Baker and Matthews
2004, "Lucas–Kanade 20 years on", with a robust error norm).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.geometry import ALIGNED_PX, compose
from napari_mespot.face.regions import stable_mask

__all__ = ["Registered", "Registration"]

_BLUR_PX = 1.0
_BLUR_KERNEL = (7, 7)
_BLUR_RADIUS = 3
_TUKEY = 4.685
_MAD_TO_STD = 1.4826
_SAME_DIRECTION = 0.8
_SLOWEST_RATIO = 0.6
_TINY = np.float32(1e-6)
_PAIRS = np.triu_indices(4)
# Where each entry of the symmetric 4×4 normal matrix stands among its ten different ones.
_SQUARE = np.array([[0, 1, 2, 3], [1, 4, 5, 6], [2, 5, 7, 8], [3, 6, 8, 9]])
_RIDGE = 1e-6 * np.eye(4)


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """Where registration ended.

    Parameters
    ----------
    transform
        (2, 3) frame → aligned frame.
    ncc
        Correlation of the frame with the template over the still part, −1 to 1.
    iterations
        Steps taken.
    """

    transform: NDArray[np.float64]
    ncc: float
    iterations: int


class Registration:
    """Registers frames to one template.

    Parameters
    ----------
    template
        (112, 112) grey face in the aligned frame, uint8 or float32.
    max_iterations
        Steps after which to give up.
    tolerance_px
        A step below this (sum of its four parts, in pixels) ends the search.
    """

    def __init__(
        self,
        template: NDArray[np.uint8] | NDArray[np.float32],
        *,
        max_iterations: int = 12,
        tolerance_px: float = 0.01,
    ) -> None:
        self.max_iterations = max_iterations
        self.tolerance_px = tolerance_px
        self._patch = _Patch()
        image = self._patch.smooth(template[self._patch.rows, self._patch.columns])
        values = self._patch.take(image).copy()
        spread = max(float(values.std()), 1e-3)
        self._template: NDArray[np.float32] = (values - values.mean()) / np.float32(spread)
        self._jacobian = self._patch.jacobian(image) / np.float32(spread)
        # The ten different products of two columns: the weighted normal matrix is then one
        # small product a step.
        first, second = _PAIRS
        self._products = self._jacobian[first] * self._jacobian[second]

    def __call__(self, frame: NDArray[np.uint8], start: NDArray[np.float64]) -> Registered:
        """Register a grey frame, (H, W) uint8, from a first guess of its transform."""
        transform = start
        weights: NDArray[np.float32] | None = None
        before: NDArray[np.float64] | None = None
        for iterations in range(1, self.max_iterations + 1):  # noqa: B007 - read below
            values = self._patch.cut(frame, transform)
            error, weights = self._error(values, weights)
            step = self._step(error, weights)
            small = np.abs(step).sum() < self.tolerance_px
            step = _lengthened(step, before)
            transform = compose(_motion(step), transform)
            if small:
                break
            before = step
        # The correlation is that of one step before: the last step is far below a pixel.
        return Registered(transform, self._correlation(values), iterations)

    def _error(
        self, values: NDArray[np.float32], weights: NDArray[np.float32] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the difference to the template without gain and bias, and its weights."""
        if weights is None:
            weights = np.ones_like(values)
        total = weights.sum() + _TINY
        mean_value = (weights @ values) / total
        template = self._template - (weights @ self._template) / total
        centred = values - mean_value
        weighted = weights * centred
        gain = (weighted @ template) / (weighted @ centred + _TINY)
        error = centred * gain
        error -= template
        size = np.abs(error)
        middle = len(size) // 2
        scale = _TUKEY * _MAD_TO_STD * np.partition(size, middle)[middle] + _TINY
        inside = np.minimum(size / scale, np.float32(1))
        inside *= inside
        new_weights = np.float32(1) - inside
        new_weights *= new_weights
        return error, new_weights

    def _step(
        self, error: NDArray[np.float32], weights: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Solve the weighted normal equations for scale, rotation and shift, in pixels."""
        normal = (self._products @ weights).astype(np.float64)[_SQUARE] + _RIDGE
        right = (self._jacobian @ (weights * error)).astype(np.float64)
        _, step = cv2.solve(normal, right, flags=cv2.DECOMP_CHOLESKY)
        return np.asarray(step[:, 0], dtype=np.float64)

    def _correlation(self, values: NDArray[np.float32]) -> float:
        centred = values - values.mean()
        norm = float(np.sqrt(centred @ centred)) * np.sqrt(len(centred))
        return float(centred @ self._template) / norm if norm > 1e-6 else 0.0


def _lengthened(
    step: NDArray[np.float64], before: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Go further along a step that shrinks slowly in one direction (Aitken's extrapolation).

    Where an expression moves part of the skin, the weights settle slowly; this saves a
    quarter of the steps and ends nearer to the limit.
    """
    if before is None:
        return step
    size, size_before = float(step @ step) ** 0.5, float(before @ before) ** 0.5
    if size == 0.0 or size_before == 0.0:
        return step
    cosine = float(step @ before) / (size * size_before)
    if cosine < _SAME_DIRECTION:
        return step
    stretch = 1 / (1 - cosine * min(size / size_before, _SLOWEST_RATIO))
    return np.asarray(step * stretch, dtype=np.float64)


def _motion(step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a step into a transform of the aligned frame about its centre."""
    centre = (ALIGNED_PX - 1) / 2
    scale, turn, x, y = step.tolist()
    a, b = scale / centre, turn / centre
    return np.array([[1 + a, -b, x - scale + turn], [b, 1 + a, y - scale - turn]])


class _Patch:
    """The smallest rectangle around the still part, and the pixels in it that count."""

    def __init__(self) -> None:
        mask = stable_mask()
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        top, bottom = rows[0] - _BLUR_RADIUS, rows[-1] + _BLUR_RADIUS + 1
        left, right = columns[0] - _BLUR_RADIUS, columns[-1] + _BLUR_RADIUS + 1
        self.rows = slice(max(0, int(top)), min(ALIGNED_PX, int(bottom)))
        self.columns = slice(max(0, int(left)), min(ALIGNED_PX, int(right)))
        inside = mask[self.rows, self.columns]
        self._indices = np.flatnonzero(inside)
        self._size = (inside.shape[1], inside.shape[0])
        self._offset = np.array([self.columns.start, self.rows.start], dtype=np.float64)
        self._raw = np.empty(inside.shape, np.uint8)
        self._values = np.empty(len(self._indices), np.float32)

    def cut(self, frame: NDArray[np.uint8], transform: NDArray[np.float64]) -> NDArray[np.float32]:
        """Warp the frame and return the smoothed pixels that count; the buffer is reused."""
        local = transform.copy()
        local[:, 2] -= self._offset
        cv2.warpAffine(
            frame,
            local,
            self._size,
            dst=self._raw,
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return self.take(self.smooth(self._raw))

    def smooth(self, image: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
        """Blur a patch lightly: registration then sees less noise and a wider slope."""
        values = image.astype(np.float32)
        return np.asarray(cv2.GaussianBlur(values, _BLUR_KERNEL, _BLUR_PX), dtype=np.float32)

    def take(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the pixels that count, (n,); the buffer is reused."""
        return image.ravel().take(self._indices, out=self._values)

    def jacobian(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (4, n) changes of the pixels per pixel of scale, rotation and shift."""
        along_x = cv2.Sobel(image, cv2.CV_32F, 1, 0, ksize=3) / 8
        along_y = cv2.Sobel(image, cv2.CV_32F, 0, 1, ksize=3) / 8
        centre = (ALIGNED_PX - 1) / 2
        y, x = np.mgrid[self.rows, self.columns].astype(np.float32)
        x, y = (x - centre) / centre, (y - centre) / centre
        planes = [along_x * x + along_y * y, along_y * x - along_x * y, along_x, along_y]
        return np.stack([plane.ravel()[self._indices] for plane in planes]).astype(np.float32)
