"""What a context network learns from: stretches of video on its time grid, with targets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.clips import frame_targets, grid_targets
from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.model import Annotation
from napari_mespot.network.context_input import N_CHANNELS, TimeGrid, context_input
from napari_mespot.network.context_params import ContextParams
from napari_mespot.spotting import Evidence

__all__ = ["ContextStretch", "mirrored_input", "stretches_of"]

_N_FORM = len(SHAPE_SIGNALS) - 3


@dataclass(frozen=True, eq=False, slots=True)
class ContextStretch:
    """The input of a stretch and what is true at each of its steps.

    Parameters
    ----------
    shown
        Shape (N_CHANNELS, t), float16: see
        :func:`napari_mespot.network.context_input.context_input`.
    targets
        Shape (2, t), float32: 1 where ME, MaE is present.
    known
        Shape (2, t), bool: False where nobody has said.
    """

    shown: NDArray[np.float16]
    targets: NDArray[np.float32]
    known: NDArray[np.bool_]

    def __post_init__(self) -> None:
        steps = self.shown.shape[1]
        for part in (self.targets, self.known):
            if part.shape != (2, steps):
                raise ValueError(f"Expected shape (2, {steps}), got {part.shape}")

    @property
    def n_steps(self) -> int:
        """Number of steps."""
        return int(self.shown.shape[1])


def stretches_of(
    evidence: Evidence, labels: Annotation, params: ContextParams
) -> list[ContextStretch]:
    """Return the stretches of a labelled video between its cuts where a shape was measured.

    Only reviewed ranges and confirmed expressions are known, as in
    :func:`napari_mespot.clips.frame_targets`.

    Raises
    ------
    ValueError
        If labels and evidence are not of one length.
    """
    if labels.n_frames != evidence.n_frames:
        raise ValueError(
            f"Expected labels of {evidence.n_frames} frames for {evidence.video_id!r}, got "
            f"{labels.n_frames}"
        )
    known = frame_targets(labels)[1] & evidence.found[:, np.newaxis]
    if evidence.shape is None:
        return []
    parts = [
        _stretch(evidence, evidence.shape, rows, (labels, known[rows]), params)
        for rows in evidence.stretches()
    ]
    return [part for part in parts if part is not None]


def _stretch(
    evidence: Evidence,
    shape: NDArray[np.float32],
    rows: slice,
    truth: tuple[Annotation, NDArray[np.bool_]],
    params: ContextParams,
) -> ContextStretch | None:
    """Return one stretch; None if the shape was never measured there."""
    times = evidence.times[rows]
    measured = np.isfinite(shape[rows]).all(axis=1)
    if not measured.any():
        return None
    grid = TimeGrid(float(times[0]), params.rate_hz)
    steps = range(grid.last_step(float(times[-1])) + 1)
    shown = context_input(grid.gathered(times[measured], shape[rows][measured], steps), params)
    # The frame in view at a step.
    frame = np.clip(np.searchsorted(times, grid.times_of(steps) + 1e-6, "right") - 1, 0, None)
    labels, known = truth
    targets = grid_targets(labels.expressions, evidence.times, grid.times_of(steps))
    return ContextStretch(shown.astype(np.float16), targets.T.copy(), known[frame].T.copy())


def mirrored_input(shown: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return inputs (..., N_CHANNELS, t) of the same face seen in a mirror."""
    order, sign = _mirror()
    return np.asarray(shown[..., order, :] * sign[:, np.newaxis].astype(shown.dtype))


def _mirror() -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return which channel takes whose place, and with which sign."""
    order, sign = np.arange(N_CHANNELS), np.ones(N_CHANNELS, np.float32)
    names = SHAPE_SIGNALS[:_N_FORM]
    partner = [names.index(_other_side(name)) for name in names]
    for block in range(3):
        first = block * _N_FORM
        order[first : first + _N_FORM] = first + np.array(partner)
        sign[first + names.index("mouth_to_left")] = -1
    for first in (3 * _N_FORM, 3 * _N_FORM + 3):
        sign[first + 1 : first + 3] = -1  # yaw and roll
    return order, sign


def _other_side(name: str) -> str:
    for side, other in (("_right", "_left"), ("_left", "_right")):
        if name.endswith(side) and name != "mouth_to_left":
            return name.removesuffix(side) + other
    return name
