"""Measure whether learning a face helps, on movements that it was neither taught nor judged by.

    python -m benchmarks.adapting CLIP… --donors FOLDER [--renditions N] [--seed N] [--out FILE.md]

Each clip is learned as ``mespot adapt`` does. What the old and the new checkpoint find is then
counted on still stretches of the clip kept aside, moved as the skin of other people has moved:
FOLDER holds videos with ``NAME.labels.csv`` (see :mod:`benchmarks.real_faces`), and the flow from
rest into a labelled expression there is what moves the face here. A clip is no donor to itself.
If it is labelled, one walks along its own labelled onsets too, those kept aside.
"""

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.real_faces import LABELS, read_clips, read_labels, table
from napari_mespot.errors import AnnotationFormatError, NoStillFaceError
from napari_mespot.evaluation import SpottingCounts, match_expressions
from napari_mespot.face import extract_faces
from napari_mespot.face.warp import Cropper
from napari_mespot.frames import open_frames
from napari_mespot.learning.adapt import try_out
from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_watch import watch
from napari_mespot.learning.dense_flow import DenseFlow
from napari_mespot.learning.injection import inject
from napari_mespot.learning.injection_clip import NeutralClip, load_neutral_clip
from napari_mespot.learning.injection_fields import GRID_MARGIN_PX, MovementField, field_of
from napari_mespot.learning.injection_params import InjectionParams
from napari_mespot.learning.injection_plan import Content
from napari_mespot.learning.own_motion import walk_motion
from napari_mespot.learning.own_motions import OwnMotion, load_own_motions
from napari_mespot.learning.skin_displacement import own_flow
from napari_mespot.learning.walk_params import WalkParams
from napari_mespot.model import Annotation, Interval, ReviewStatus
from napari_mespot.network import Checkpoint, load_checkpoint
from napari_mespot.spotting import Evidence, find_in_scores, gather_evidence, score_evidence

SHOWN = InjectionParams(me_per_minute=16, mae_per_minute=8, me_size_px=(0.9, 2.3))
SEED = 77_000_000
WALKS = WalkParams(still_px=1.0)
DONATED_PX = 3.5
DONATED_BLUR_PX = 6


@dataclass(frozen=True)
class Row:
    """What learning one clip brought."""

    name: str
    still_s: float
    judged: str
    is_better: bool
    before: SpottingCounts | None
    after: SpottingCounts | None
    seconds: float

    @property
    def gain(self) -> float:
        """Change of F1 if the new checkpoint is used."""
        if self.before is None or self.after is None:
            return 0.0
        return self.after.f1 - self.before.f1

    @property
    def used_gain(self) -> float:
        """Change of F1 for the user: nothing, where the old one is kept."""
        return self.gain if self.is_better else 0.0


def donated_fields(folder: Path) -> dict[str, list[MovementField]]:
    """Return how the skin of labelled people has moved, by video."""
    params = WalkParams(still_px=1.5, still_s=0.13)
    out: dict[str, list[MovementField]] = {}
    for clip in read_clips(folder, folder):
        if not clip.labels.expressions:
            continue
        with open_frames(clip.path) as source:
            try:
                motions = load_own_motions(source, clip.labels, params)
            except AnnotationFormatError:
                continue
        fields = (donated(motion) for motion in motions)
        out[clip.name] = [field for field in fields if field is not None]
    return out


def donated(motion: OwnMotion) -> MovementField | None:
    """Return the flow from rest to a movement of some pixels; None if it would fold."""
    crop = Cropper(112, supersample=True)
    crop.settle(motion.clip.transforms[0])
    rest, high = (
        crop.cut(motion.clip.frames[row], motion.clip.transforms[row])
        for row in (motion.base, round(motion.row_at(min(DONATED_PX, motion.largest_px))))
    )
    flow = cv2.GaussianBlur(own_flow(rest, high, DenseFlow(fine=True)), (0, 0), DONATED_BLUR_PX)
    moved = np.pad((flow * skin()).transpose(2, 0, 1), ((0, 0), *[(GRID_MARGIN_PX,) * 2] * 2))
    field = field_of(moved.astype(np.float32), motion.label.action_units)
    return field if field.slope * SHOWN.me_size_px[0] < SHOWN.steepest else None


def skin() -> NDArray[np.float32]:
    """Return 1 in the face, fading to 0 outside, (112, 112, 1)."""
    y, x = np.mgrid[:112, :112]
    away = np.hypot((x - 55.5) / 50, (y - 60) / 56)
    return np.clip((1.15 - away) / 0.15, 0, 1)[..., None].astype(np.float32)


def measure(
    path: Path,
    donors: Path,
    fields: Mapping[str, Sequence[MovementField]],
    params: AdaptParams,
    renditions: int,
) -> Row:
    """Learn one clip and count."""
    old = load_checkpoint()
    started = time.monotonic()
    with open_frames(path) as source:
        parts = watch(source, old, params, name=source.video_id)
    still = sum(s.n_frames / float(p.frame_rate) for p in parts for s in p.stills)
    try:
        trial = try_out(parts, old, params)
    except NoStillFaceError as error:
        print(f"{path.stem}: {error}")
        return Row(
            path.stem, still, "nothing to learn from", False, None, None, time.monotonic() - started
        )
    took = time.monotonic() - started
    best = trial.best
    for tried in trial.tried:
        print(f"{path.stem}: {tried.changed}: {tried.verdict.why}", flush=True)
    kept = [s for i, s in trial.sides[1].stills if i == 0]
    clips = read_neutral(path, kept, parts[0].first_frame)
    others = [f for name, own in fields.items() if name != path.stem for f in own]
    shown = list(moved_faces(clips, others, old, renditions if clips else 0))
    ranges = [r for i, r in trial.sides[1].ranges if i == 0]
    shown += labelled_walks(path, donors, ranges[0].onset + parts[0].first_frame, old)
    if not shown:
        return Row(path.stem, still, "nothing to measure by", best.is_better, None, None, took)
    before, after = counted(shown, old), counted(shown, best.checkpoint)
    gain = best.verdict.gain
    said = f"{gain.difference:+.2f} ({gain.low:+.2f}, {gain.high:+.2f})"
    return Row(path.stem, still, said, best.is_better, before, after, took)


def read_neutral(path: Path, stills: Sequence[Interval], first: int) -> list[NeutralClip]:
    """Read still stretches, the longest first."""
    longest = sorted(stills, key=lambda s: -s.n_frames)[:4]
    with open_frames(path) as source:
        return [
            load_neutral_clip(source, Interval(first + s.onset, first + s.offset)) for s in longest
        ]


def moved_faces(
    clips: Sequence[NeutralClip], fields: Sequence[MovementField], old: Checkpoint, renditions: int
) -> Iterator[tuple[Annotation, Evidence]]:
    """Yield the truth and the evidence of each rendition; every eighth shows blinks alone."""

    def drawn(rng: np.random.Generator, unilateral_share: float) -> MovementField:
        del unilateral_share
        return fields[int(rng.integers(len(fields)))]

    for number in range(renditions):
        content: Content = "blinks" if number % 8 == 7 else "expressions"
        clip, seed = clips[number % len(clips)], SEED + number
        shown = inject(clip, SHOWN, seconds=15.0, seed=seed, content=content, draw=drawn)
        yield shown.truth, gather_evidence(old, extract_faces(shown, old.align))


def labelled_walks(
    path: Path, labels: Path, first: int, old: Checkpoint
) -> Iterator[tuple[Annotation, Evidence]]:
    """Yield walks along labelled onsets of the clip from a frame on; none without labels."""
    if not (labels / f"{path.stem}{LABELS}").exists():
        return
    with open_frames(path) as source:
        blank = Annotation(path.stem, source.n_frames).with_clock(source.clock)
        known = read_labels(labels / f"{path.stem}{LABELS}", blank)
        late = tuple(
            e if e.onset > first else replace(e, status=ReviewStatus.UNCERTAIN)
            for e in known.expressions
        )
        try:
            motions = load_own_motions(source, replace(known, expressions=late), WALKS)
        except AnnotationFormatError:
            return
        for number, motion in enumerate(motions):
            shown = walk_motion(motion, WALKS, seconds=15.0, seed=SEED + number)
            yield shown.truth, gather_evidence(old, extract_faces(shown, old.align))


def counted(shown: Sequence[tuple[Annotation, Evidence]], checkpoint: Checkpoint) -> SpottingCounts:
    """Count what a checkpoint finds in moved faces, both kinds together."""
    total = SpottingCounts(0, 0, 0)
    for truth, evidence in shown:
        signal = score_evidence(checkpoint, evidence)
        found = find_in_scores(signal, checkpoint.spotting).annotation
        total = total + match_expressions(truth, found).counts.overall
    return total


def report(rows: Sequence[Row]) -> list[str]:
    """Return all figures as lines of Markdown."""
    head = ["clip", "still s", "verdict's gain (95 %)", "verdict", "F1 before", "F1 after", "gain"]
    cells = [[*head, "hits, false, missed: before", "after", "learning took, s"]]
    for row in rows:
        f1 = [f"{c.f1:.3f}" if c else "–" for c in (row.before, row.after)]
        counts = [f"{c.tp}, {c.fp}, {c.fn}" if c else "–" for c in (row.before, row.after)]
        verdict = "use new" if row.is_better else "keep old"
        gain, took = f"{row.gain:+.3f}", f"{row.seconds:.0f}"
        cells.append(
            [
                row.name,
                f"{row.still_s:.1f}",
                row.judged,
                verdict,
                *f1,
                gain,
                *counts,
                took,
            ]
        )
    gains = sorted(row.used_gain for row in rows)
    worst = sorted(rows, key=lambda r: r.before.f1 if r.before else 1.0)[: max(1, len(rows) // 3)]
    least = AdaptParams().least_gain  # what is less counts as none, there and here
    agree = sum(row.is_better == (row.gain >= least) for row in rows)
    return [
        *table(cells),
        "",
        f"For the user (the old one kept is 0): worst {gains[0]:+.3f}, mean {np.mean(gains):+.3f}; "
        "the third of the clips with the lowest F1 before: "
        f"{np.mean([r.used_gain for r in worst]):+.3f}. The "
        f"verdict says what is measured in {agree} of {len(rows)}.",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--donors", type=Path, required=True)
    parser.add_argument("--renditions", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    params = AdaptParams(seed=options.seed)
    fields = donated_fields(options.donors)
    rows = []
    for path in options.clips:
        rows.append(measure(path, options.donors, fields, params, options.renditions))
        lines = report(rows)
        print("\n".join(lines), flush=True)
        if options.out:
            options.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
