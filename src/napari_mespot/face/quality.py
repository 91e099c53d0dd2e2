"""Whether a face is large and lit enough for small movements to be seen in it."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["FaceQuality"]

# OpenFace refuses faces below 30 pixels and asks for 120; the aligned face is 105 wide.
_SMALL_PX = 60.0
_FEW_LEVELS = 24.0
# White is 235 or 255, as the video has it.
_WHITE, _WITHIN, _BLOWN_OUT_SHARE = 225, 3, 0.2
_DARK, _BRIGHT = 60.0, 200.0
_INNER = (slice(20, 100), slice(20, 92))  # skin, eyes and mouth in the aligned frame


class FaceQuality:
    """Collects figures of the followed face, and says what is too little."""

    def __init__(self) -> None:
        self._widths: list[float] = []
        self._levels: list[tuple[float, float, float]] = []

    @property
    def width_px(self) -> float:
        """Width of the face, the median; 0 if none was measured."""
        return float(np.median(self._widths)) if self._widths else 0.0

    def add(self, points: NDArray[np.float64], view: NDArray[np.uint8]) -> None:
        """Take a look at the face.

        Parameters
        ----------
        points
            (468, 2 or more) landmarks in the frame.
        view
            (112, 112) uint8 aligned face.
        """
        face = view[_INNER]
        low, middle, high, top = np.percentile(face, [5, 50, 95, 99.5])
        white = max(_WHITE, float(top) - _WITHIN)
        self._widths.append(float(np.ptp(points[:, 0])))
        self._levels.append((float(high - low), float(middle), float((face >= white).mean())))

    def warnings(self) -> tuple[str, ...]:
        """Return one line for each thing that is too little."""
        if not self._widths:
            return ()
        levels, brightness, blown_out = np.median(np.array(self._levels), axis=0)
        texts = []
        if self.width_px < _SMALL_PX:
            texts.append(
                f"the face is small, {self.width_px:.0f} pixels wide: small movements are lost "
                f"below {_SMALL_PX:.0f}, and 120 or more are better; film from nearer or with "
                "more pixels, and trust the scores little"
            )
        if levels < _FEW_LEVELS:
            how = "dark" if brightness < _DARK else "bright" if brightness > _BRIGHT else "flat"
            texts.append(
                f"the face is too {how}: its contrast is {levels:.0f} grey levels of 255 (at "
                f"least {_FEW_LEVELS:.0f} are needed), its middle brightness {brightness:.0f}; "
                "light it more evenly or change the exposure, and trust the scores little"
            )
        elif blown_out >= _BLOWN_OUT_SHARE:
            texts.append(
                f"{100 * blown_out:.0f} % of the face is blown out (white without contrast): "
                "movements are not seen there; use less light or a shorter exposure"
            )
        return tuple(texts)
