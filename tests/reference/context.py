"""The context network's view of a stretch, plainly: whole, step by step, nothing streamed."""

import math

import numpy as np
import torch

from napari_mespot.network import Checkpoint, ContextNetwork, ContextParams


def plain_steps(times: np.ndarray, rate_hz: float) -> list[float]:
    """The times of all steps from the first frame to the last."""
    steps, k = [], 0
    while times[0] + k / rate_hz <= times[-1] + 1e-6:
        steps.append(times[0] + k / rate_hz)
        k += 1
    return steps


def plain_gather(times: np.ndarray, values: np.ndarray, steps: list[float], rate_hz: float):
    """Mean of the frames around a step where there are two or more, else a line between two."""
    out = []
    for k, at in enumerate(steps):
        near = [v for t, v in zip(times, values, strict=True)
                if math.floor((t - steps[0]) * rate_hz + 0.5) == k]  # fmt: skip
        if len(near) > 1:
            out.append(np.mean(near, axis=0))
            continue
        after = next((i for i, t in enumerate(times) if t >= at), len(times) - 1)
        before = max(0, after - 1) if times[after] > at else after
        span = times[after] - times[before]
        share = 0.0 if span == 0 else min(1.0, max(0.0, (at - times[before]) / span))
        out.append((1 - share) * values[before] + share * values[after])
    return np.array(out)


def plain_input(shape: np.ndarray, params: ContextParams):
    """Rows of the input, one step after the other; shape (channels, t)."""
    rows = []
    n = len(shape)
    kept = range(0, n, params.neutral_step)
    for k in range(n):
        neutral, jumps = plain_running(shape, k, kept, params)
        speed = (shape[min(k + 1, n - 1)] - shape[max(k - 1, 0)]) / (2 if 0 < k < n - 1 else 1)
        row = [
            *np.arcsinh(shape[k, :23] - neutral[:23]),
            *np.arcsinh(shape[k, :23] / 2),
            *np.arcsinh(5 * speed[:23]),
            *(shape[k, 23:] - neutral[23:]) / 10,
            *np.arcsinh(speed[23:] * params.rate_hz / 10),
        ]
        row += [math.log(1.4826 * j.mean() + 0.02) + 2 for j in (jumps[0:5], jumps[11:21])]
        rows.append(row)
    return np.array(rows).T


def plain_turn(shape: np.ndarray, k: int, params: ContextParams) -> float:
    """How far the head turns within some time around step k."""
    around = shape[max(0, k - params.still_steps) : k + params.still_steps + 1, 23:]
    return float((around.max(axis=0) - around.min(axis=0)).max())


def plain_running(shape: np.ndarray, k: int, kept: range, params: ContextParams):
    """Median of the signals, and of their jumps, around step k: on the line between two medians."""
    medians = []
    for i in (k // params.neutral_step, k // params.neutral_step + 1):
        i = min(i, len(kept) - 1)
        window = kept[max(0, i - params.neutral_steps) : i + params.neutral_steps + 1]
        jumps = [np.abs(shape[j, :23] - shape[max(j - 1, 0), :23]) for j in window]
        medians.append((np.median(shape[list(window)], axis=0), np.median(jumps, axis=0)))
    share = (k % params.neutral_step) / params.neutral_step
    return tuple((1 - share) * a + share * b for a, b in zip(*medians, strict=True))


def lively_context(seed: int = 0, params: ContextParams | None = None) -> ContextNetwork:
    """An untrained context network whose outputs are far from constant."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = ContextNetwork(params or ContextParams(channels=8, dilations=(1, 3, 2)))
        for layer in [x for member in network.members for x in member.layers]:
            layer.norm.running_mean.uniform_(-0.5, 0.5)
            layer.norm.running_var.uniform_(0.5, 2)
    return network.eval()


def plain_context_scores(
    checkpoint: Checkpoint, times: np.ndarray, logits: np.ndarray, shape: np.ndarray | None
) -> np.ndarray:
    """Probabilities of one stretch without a cut whose first frame has a face, (n, 2)."""
    params = checkpoint.context.params
    streams = logits / np.array(params.streams_temperature) + np.array(params.streams_bias)
    known = np.zeros(len(times), bool) if shape is None else np.isfinite(shape).all(axis=1)
    best = streams
    if known.any():
        steps = plain_steps(times, params.rate_hz)
        form = plain_gather_from(times[known], shape[known], steps, params.rate_hz)
        shown = torch.tensor(plain_input(form, params), dtype=torch.float32)
        with torch.no_grad():
            out = checkpoint.context(shown[None])[0].T.numpy().astype(np.float64)
        turns = [plain_turn(form, k, params) for k in range(len(steps))]
        back = [np.interp(times, steps, column) for column in (*out.T, turns)]
        best = np.empty((len(times), 2))
        for i in range(len(times)):
            best[i, 0] = math.log(math.exp(back[0][i]) + math.exp(streams[i, 0]))
            beyond = max(0, back[2][i] - params.still_deg)
            best[i, 1] = max(back[1][i], streams[i, 1] - params.fall_per_deg * beyond)
    return 1 / (1 + np.exp(-best / np.array(checkpoint.temperature)))


def plain_gather_from(times, values, steps, rate_hz):
    """Like `plain_gather`, for frames that need not begin with the first step."""
    if times[0] > steps[0]:
        # Before the first frame that is known, it counts as it is.
        times = np.concatenate([[-math.inf], times])
        values = np.concatenate([values[:1], values])
    finite = np.where(np.isfinite(times), times, steps[0] - 1e9)
    return plain_gather(finite, values, steps, rate_hz)
