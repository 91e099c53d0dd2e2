"""Measure what retraining on minutes of corrections brings, and whether it knows when nothing.

Drawn people, filmed by one camera, are spotted; a simulated coder confirms, adds and rejects
everywhere. The checkpoint is retrained on these corrections and measured on other people before
the same camera, whom neither retraining nor its own verdict has seen.

    python benchmarks/retraining.py [--seeds 5] [--cases reflections faint ...] [--out FILE.md]

Cases: `reflections` on glasses, `faint` expressions, and two with nothing to learn: `random`
labels, and `known`, the people whom the checkpoint was calibrated for.

Of a checkpoint with a context network, which reads the shape of the face, people are drawn as
signals of that shape, and their pictures are empty; `habits` (all of them sniff) takes the
place of `reflections`. Two sequences of a person are then of two faces.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from napari_mespot.face.shape import SHAPE_SIGNALS
from napari_mespot.learning import Corpus, LabelledFaces, Range, SequenceParams, SyntheticParams
from napari_mespot.learning.drawn_shape import draw_shape_sequence
from napari_mespot.learning.drawn_shape_params import (
    DrawnExpressionParams,
    DrawnShapeParams,
    ModeShares,
)
from napari_mespot.learning.retrain import retrain
from napari_mespot.learning.retrain_learner import learner_of
from napari_mespot.learning.retrain_outcome import kind_figures, matchings
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.retrain_scores import own_calibration, scored
from napari_mespot.learning.sequences import draw_corpus
from napari_mespot.model import (
    Annotation,
    Expression,
    Interval,
    ReviewStatus,
)
from napari_mespot.network import DEFAULT_CHECKPOINT, Checkpoint, load_checkpoint

RATE, CROP_PX = 30, 112
# Where the lenses lie in the aligned crop of 112 pixels: centre x, y and half axes.
LENSES = ((36.0, 30.0), (76.0, 30.0))
LENS_AXES = (14.0, 9.0)
REFLECTIONS_PER_MINUTE = 60.0

SITTING = SyntheticParams(
    texture_share=0.0,
    micro_amplitude_px=Range(low=1.0, high=3.0),
    macro_amplitude_px=Range(low=2.5, high=7.0),
    blink_per_s=0.25,
    gaze_per_s=0.25,
    swallow_per_s=0.05,
    turn_per_s=0.08,
    speech_probability=0.03,
    surroundings_probability=0.2,
)
FAINT = SITTING.model_copy(
    update={
        "micro_amplitude_px": Range(low=0.7, high=1.2),
        "macro_amplitude_px": Range(low=1.3, high=2.4),
        "noise": Range(low=1.5, high=2.5),
    }
)
CASES = {"reflections": SITTING, "faint": FAINT, "random": SITTING, "known": SITTING}

# Sniffing: what moves, in pixels of the crop; how often, and how long it lasts.
SNIFFED_PX = {
    "nose_wing_right": 2.0,
    "nose_wing_left": 2.0,
    "upper_lip_up": 1.2,
    "cheek_right": 0.8,
}
SNIFFS_PER_MINUTE, SNIFF_S = 20.0, (0.25, 0.7)
SIGNALS = DrawnShapeParams(
    length_s=(40.0, 40.0),
    longest_s=40.0,
    frame_rates=(RATE,),
    modes=ModeShares(apart=1.0, chain=0.3, talk=0.0, still=0.0, mixed=0.0, calm=0.5),
)
FAINT_SIGNALS = SIGNALS.model_copy(
    update={"expressions": DrawnExpressionParams(strength=(0.08, 0.3), least_px=(0.7, 1.4))}
)
SIGNAL_CASES = {"habits": SIGNALS, "faint": FAINT_SIGNALS, "random": SIGNALS, "known": SIGNALS}


@dataclass(frozen=True)
class Row:
    """One run: F1 on people nobody saw, before and after, and what retraining said itself."""

    case: str
    seed: int
    before: float
    after: float
    alarms_before: float
    alarms_after: float
    stage: str
    said: tuple[float, float, float]
    recommended: bool
    forgetting: float
    seconds: float


def people(case: str, seed: int, n_people: int, videos_each: int, duration_s: float) -> Corpus:
    """Draw people before one camera; what they show is known everywhere."""
    parts = []
    for person in range(n_people):
        params = SequenceParams(
            faces=1,
            fields=60,
            frame_rates=(RATE,),
            sequences=videos_each,
            duration_s=duration_s,
            gap_s=Range(low=1.0, high=5.0),
            seed=100_000 + 1000 * seed + person,
        )
        drawn = draw_corpus(CASES[case], params)
        rng = np.random.default_rng([seed, person, 5])
        parts += [filmed(case, video, f"person-{seed}-{person}", rng) for video in drawn.videos]
    return Corpus(tuple(parts))


def people_of_signals(case: str, seed: int, n_people: int, videos_each: int) -> Corpus:
    """Draw the shape of people's faces; what they show is known everywhere."""
    videos = []
    for number in range(n_people * videos_each):
        rng = np.random.default_rng([100_000 + 1000 * seed, number])
        drawn = draw_shape_sequence(SIGNAL_CASES[case], rng)
        shape = sniffed(drawn.shape, rng) if case == "habits" else drawn.shape
        annotation = replace(
            drawn.annotation,
            video_id=f"{case}-{seed}-{number}",
            subject_id=f"person-{seed}-{number // videos_each}",
        )
        empty = np.broadcast_to(np.uint8(128), (len(shape), CROP_PX, CROP_PX))
        videos.append(LabelledFaces(empty, annotation, shape=shape))
    return Corpus(tuple(videos))


def sniffed(shape: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Add sniffing to the shape of a face, (n, 26)."""
    out = shape.copy()
    for _ in range(rng.poisson(SNIFFS_PER_MINUTE * len(shape) / RATE / 60)):
        length = round(rng.uniform(*SNIFF_S) * RATE)
        first = int(rng.integers(0, max(1, len(shape) - length)))
        course = np.sin(np.linspace(0, np.pi, length)) ** 2 * rng.uniform(0.6, 1.3)
        for name, size_px in SNIFFED_PX.items():
            out[first : first + length, SHAPE_SIGNALS.index(name)] += size_px * course
    return out


def filmed(
    case: str, video: LabelledFaces, subject: str, rng: np.random.Generator
) -> LabelledFaces:
    """Return the video as the camera of a case shows it."""
    whole = (Interval(0, len(video.images) - 1),)
    annotation = replace(video.annotation, subject_id=subject, reviewed=whole)
    images = with_reflections(video.images, rng) if case == "reflections" else video.images
    return LabelledFaces(images, annotation)


def with_reflections(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Add dark rims, and lights that come, wander and go on the lenses."""
    n, side = images.shape[:2]
    y, x = np.mgrid[:side, :side].astype(np.float32)
    out = images.astype(np.float32)
    for cx, cy in LENSES:
        ring = np.hypot((x - cx) / LENS_AXES[0], (y - cy) / LENS_AXES[1])
        out -= 45 * np.exp(-(((ring - 1) / 0.12) ** 2))
    for _ in range(rng.poisson(REFLECTIONS_PER_MINUTE * n / RATE / 60)):
        length = round(rng.uniform(0.2, 1.0) * RATE)
        first = int(rng.integers(0, max(1, n - length)))
        course = np.sin(np.linspace(0, np.pi, length)) ** 2 * rng.uniform(50, 130)
        drift = rng.normal(0, 4, 2)
        at = rng.uniform(-0.5, 0.5, 2) * LENS_AXES
        for cx, cy in LENSES:
            for i, height in enumerate(course):
                bx, by = np.array([cx, cy]) + at + drift * i / length
                out[first + i] += height * np.exp(-((x - bx) ** 2 + (y - by) ** 2) / 40)
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def corrected(corpus: Corpus, checkpoint: Checkpoint, case: str, seed: int) -> Corpus:
    """Return what a coder leaves behind: confirmed labels, and rejected predictions."""
    rng = np.random.default_rng([seed, 9])
    logits = learner_of(checkpoint, RetrainParams()).logits(checkpoint, corpus)
    runs = matchings(
        scored(corpus.videos, logits, own_calibration(checkpoint)), checkpoint.spotting
    )
    out = []
    for video, found in zip(corpus.videos, runs, strict=True):
        alarms = [replace(e, status=ReviewStatus.REJECTED) for e in found.false_alarms]
        shown = video.annotation.expressions
        if case == "random":
            shown, alarms = shuffled(video.annotation, rng), []
        annotation = replace(video.annotation, expressions=(*shown, *alarms))
        out.append(replace(video, annotation=annotation))
    return Corpus(tuple(out))


def shuffled(truth: Annotation, rng: np.random.Generator) -> tuple[Expression, ...]:
    """Move every expression somewhere else; kinds and lengths stay."""
    out: list[Expression] = []
    for expression in truth.expressions:
        n = expression.interval.n_frames
        onset = int(rng.integers(0, (truth.n_frames or n) - n + 1))
        out.append(replace(expression, interval=Interval(onset, onset + n - 1), apex=None))
    return tuple(out)


def figures(checkpoint: Checkpoint, corpus: Corpus) -> tuple[float, float]:
    """Return F1 over both kinds, and false alarms per minute."""
    logits = learner_of(checkpoint, RetrainParams()).logits(checkpoint, corpus)
    runs = scored(corpus.videos, logits, own_calibration(checkpoint))
    both = kind_figures(runs, checkpoint.spotting)
    tp, fp, fn = (sum(getattr(f, name) for f in both.values()) for name in ("tp", "fp", "fn"))
    alarms = sum(f.false_alarms_per_minute for f in both.values())
    return 2 * tp / max(1, 2 * tp + fp + fn), alarms


def run(case: str, seed: int, checkpoint: Checkpoint, params: RetrainParams) -> Row:
    """Correct, retrain and measure on others."""
    began = time.perf_counter()
    if checkpoint.context is None:
        shown, others = people(case, seed, 6, 2, 40.0), people(case, seed + 500, 8, 1, 45.0)
    else:
        shown = people_of_signals(case, seed, 6, 2)
        others = people_of_signals(case, seed + 500, 8, 1)
    corpus = corrected(shown, checkpoint, case, seed)
    outcome = retrain(corpus, checkpoint, params.model_copy(update={"seed": seed}))
    before, after = figures(checkpoint, others), figures(outcome.checkpoint, others)
    gain = outcome.gain
    return Row(
        case=case,
        seed=seed,
        before=before[0],
        after=after[0],
        alarms_before=before[1],
        alarms_after=after[1],
        stage=outcome.stage,
        said=(gain.difference, gain.low, gain.high),
        recommended=outcome.recommended,
        forgetting=outcome.forgetting,
        seconds=time.perf_counter() - began,
    )


def line(row: Row) -> str:
    """Return a row of the Markdown table."""
    said = f"{row.said[0]:+.2f} ({row.said[1]:+.2f} to {row.said[2]:+.2f})"
    cells = [
        row.case,
        str(row.seed),
        f"{row.before:.2f}",
        f"{row.after:.2f}",
        f"{row.after - row.before:+.2f}",
        f"{row.alarms_before:.1f} → {row.alarms_after:.1f}",
        row.stage,
        said,
        f"{row.forgetting:+.3f}",
        "yes" if row.recommended else "no",
        f"{row.seconds:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


HEADER = (
    "| case | seed | F1 before | F1 after | gain | false alarms/min | changed | what it said "
    "itself (95 %) | forgetting | recommended | seconds |\n|" + " --- |" * 11
)


def summary(rows: Sequence[Row]) -> list[str]:
    """Return a line per case: mean gain over seeds with the 95 % interval of a bootstrap."""
    out = []
    for case in dict.fromkeys(row.case for row in rows):
        own = [row for row in rows if row.case == case]
        gains = np.array([row.after - row.before for row in own])
        rng = np.random.default_rng(0)
        means = rng.choice(gains, (10_000, len(gains))).mean(axis=1)
        low, high = np.quantile(means, (0.025, 0.975))
        n = sum(row.recommended for row in own)
        out.append(
            f"| {case} | {len(own)} | {np.mean([r.before for r in own]):.2f} | "
            f"{np.mean([r.after for r in own]):.2f} | {gains.mean():+.2f} "
            f"({low:+.2f} to {high:+.2f}) | {n} of {len(own)} |"
        )
    return out


SUMMARY_HEADER = (
    "| case | seeds | F1 before | F1 after | mean gain (95 %) | recommended |\n|" + " --- |" * 6
)


def main() -> None:
    """Run the cases and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--cases", nargs="+", metavar="CASE")
    parser.add_argument("--checkpoint", default=DEFAULT_CHECKPOINT)
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    checkpoint = load_checkpoint(asked.checkpoint)
    params = RetrainParams.model_validate(dict(text.split("=", 1) for text in asked.settings))
    known = list(CASES if checkpoint.context is None else SIGNAL_CASES)
    if unknown := sorted({*(asked.cases or ())} - {*known}):
        parser.error(f"expected cases among {', '.join(known)}, got {', '.join(unknown)}")
    rows: list[Row] = []
    print(HEADER, flush=True)
    for seed in range(asked.first, asked.first + asked.seeds):
        for case in asked.cases or known:
            rows.append(run(case, seed, checkpoint, params))
            print(line(rows[-1]), flush=True)
    text = "\n".join(["", SUMMARY_HEADER, *summary(rows)])
    print(text)
    if asked.out:
        asked.out.write_text("\n".join([HEADER, *map(line, rows), text, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
