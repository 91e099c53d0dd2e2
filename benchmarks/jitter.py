"""How still does a still face stay? Registration beside landmarks beside a fixed crop.

A still picture is moved by a known similarity, with sensor noise, flicker and JPEG, for 200
frames. What is left of the motion in the aligned crop is the jitter. Then an expression of
1.5 px is added: what of it shows up in the transform was absorbed.

    python benchmarks/jitter.py [PICTURE_OR_VIDEO ...] [--frames 200] [--json]

scikit-image's astronaut and the drawn face of the sample come first. Of a video the first frame
is taken.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_mespot.face import AlignParams, stream_faces
from napari_mespot.face.detection import FaceDetector
from napari_mespot.face.geometry import (
    apply_transform,
    compose,
    frame_face,
    invert,
    mean_face,
    transform_scale,
)
from napari_mespot.face.landmarks import Landmarker, region_of_detection
from napari_mespot.frames.synthetic.sample import sample_path

NOISE = 3.0
FLICKER = 0.03
JPEG_QUALITY = 75
EXPRESSION_PX = 1.5
CUT = 10  # frames
FACE_IN_FRAME = 0.6  # crop pixels per frame pixel after resizing the picture
# Where expressions pull at the face (landmark, direction): brows, cheeks, nose, mouth.
EXPRESSIONS = {
    "brows up": [((66, 105), (0, -1)), ((296, 334), (0, -1))],
    "frown": [((107, 55), (0.6, 0.8)), ((336, 285), (-0.6, 0.8))],
    "cheeks up": [((50, 117), (0, -1)), ((280, 346), (0, -1))],
    "nose wrinkle": [((98, 129), (0.2, -1)), ((327, 358), (-0.2, -1))],
    "smile": [((61, 57), (-0.8, -0.8)), ((291, 287), (0.8, -0.8)), ((50, 205), (0, -0.7)),
              ((280, 425), (0, -0.7))],
    "blink": [((159, 158), (0, 1)), ((386, 385), (0, 1))],
}  # fmt: skip
METHODS = {
    "landmarks each frame": AlignParams(method="landmarks", smoothing_s=0),
    "landmarks + Savitzky-Golay 11": AlignParams(
        method="landmarks", smoothing_s=10 / 30, smoothing_min_fps=1
    ),
    "registration": AlignParams(smoothing_s=0),
    "registration + Savitzky-Golay": AlignParams(smoothing_s=10 / 30, smoothing_min_fps=1),
}


@dataclass
class Frames:
    """Frames in memory, in the shape of a video."""

    frames: list[NDArray[np.uint8]]
    video_id: str = "benchmark"
    frame_rate: Fraction = Fraction(30)
    fingerprint: str = "0"

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.frames)

    def iter_luma(self, start: int = 0, stop: int | None = None) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames."""
        yield from self.frames[start:stop]


def motion(n: int, size: tuple[int, int], centre, scale: float, rng) -> NDArray[np.float64]:
    """Return (n, 2, 3) smooth similarities of a frame: about 1.3 crop pixels of head motion."""
    t = np.arange(n) / 30.0

    def wander(amount: float) -> NDArray[np.float64]:
        waves = sum(
            rng.normal() / k * np.sin(2 * np.pi * (0.35 * k * t + rng.random())) for k in (1, 2, 3)
        )
        return amount * waves / max(float(np.std(waves)), 1e-6)

    dx, dy, angle, size_change = wander(1.0), wander(1.0), wander(0.6), wander(0.008)
    out = np.empty((n, 2, 3))
    for i in range(n):
        matrix = cv2.getRotationMatrix2D(centre, angle[i], 1 + size_change[i])
        matrix[:, 2] += np.array([dx[i], dy[i]]) / scale
        out[i] = matrix
    return out


def expression_field(name: str, to_crop: NDArray[np.float64], shape) -> NDArray[np.float32]:
    """Return (H, W, 2) displacements in frame pixels, at most 1.5 crop pixels."""
    scale = transform_scale(to_crop)
    height, width = shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    crop = apply_transform(to_crop, np.stack([x, y], axis=-1))
    field = np.zeros((height, width, 2))
    for points, direction in EXPRESSIONS[name]:
        place = mean_face()[list(points)].mean(axis=0)
        bump = np.exp(-((crop - place) ** 2).sum(axis=-1) / (2 * 7.0**2))
        field += bump[..., None] * np.array(direction)
    return (field * EXPRESSION_PX / np.linalg.norm(field, axis=-1).max() / scale).astype("f4")


def record(picture, moves, rng, field=None) -> list[NDArray[np.uint8]]:
    """Film the picture: move, deform, flicker, add noise, compress."""
    height, width = picture.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    source = np.stack([x, y], axis=-1)
    spline = ndimage.spline_filter(picture.astype(np.float32), order=3, output=np.float32)
    frames = []
    for move in moves:
        # A spline: OpenCV's cubic warp is off by up to a tenth of a pixel.
        place = apply_transform(invert(move), source).astype(np.float32)
        if field is not None:
            place -= cv2.remap(field, place, None, cv2.INTER_LINEAR)
        frame = ndimage.map_coordinates(
            spline, [place[..., 1], place[..., 0]], order=3, mode="reflect", prefilter=False
        )
        gain = 1 + FLICKER * rng.normal()
        noisy = frame * gain + rng.normal(0, NOISE, frame.shape).astype("f4")
        image = np.clip(np.round(noisy), 0, 255).astype(np.uint8)
        _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        frames.append(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE))
    return frames


def face_positions(transforms, moves, rest) -> NDArray[np.float64]:
    """Return (n, points, 2): where points of the picture's face land in the crop."""
    grid = np.stack(np.meshgrid(np.arange(16, 97, 10), np.arange(16, 97, 10)), -1).reshape(-1, 2)
    in_picture = apply_transform(invert(rest), grid)
    return np.stack(
        [apply_transform(compose(t, m), in_picture) for t, m in zip(transforms, moves, strict=True)]
    )


def jitter(positions) -> tuple[float, float]:
    """Return the standard deviation over time, and that of what changes frame to frame."""
    still = positions - positions.mean(axis=0)
    steps = np.diff(positions, axis=0) / np.sqrt(2)
    return float(np.sqrt((still**2).mean())), float(np.sqrt((steps**2).mean()))


def align(frames, params) -> NDArray[np.float64]:
    """Return (n, 2, 3) transforms of the frames."""
    with stream_faces(Frames(frames), params) as stream:
        chunks = list(stream)
    if not all(chunk.found.all() for chunk in chunks):
        raise RuntimeError("Expected a face in every frame")
    return np.concatenate([chunk.transforms for chunk in chunks])


def measure(picture: NDArray[np.uint8], n: int, seed: int) -> dict[str, dict[str, float]]:
    """Return the figures of every method on one picture."""
    rest = locate(picture)
    scale = transform_scale(rest)
    centre = apply_transform(invert(rest), [56.0, 56.0])
    rng = np.random.default_rng(seed)
    moves = motion(n, picture.shape, centre, scale, rng)
    frames = record(picture, moves, np.random.default_rng(seed + 1))
    rows: dict[str, dict[str, float]] = {}
    fixed = np.repeat(compose(rest, invert(moves[0]))[None], n, axis=0)
    std, step = jitter(face_positions(fixed, moves, rest))
    rows["fixed crop"] = {"std": std, "step": step, "ms": 0.0}
    short = slice(0, min(n, 50))
    filmed = {
        name: frames[short]
        + record(picture, moves[short], np.random.default_rng(seed + 1),
                 expression_field(name, rest, picture.shape))
        for name in EXPRESSIONS
    }  # fmt: skip
    for name, params in METHODS.items():
        start = time.thread_time()
        transforms = align(frames, params)
        spent = (time.thread_time() - start) / n * 1e3
        std, step = jitter(face_positions(transforms, moves, rest))
        rows[name] = {"std": std, "step": step, "ms": spent}
        leaks = []
        for expression, clip in filmed.items():
            half = len(clip) // 2
            t = align(clip, params)
            # The frames around the cut are left out: smoothing mixes the two sides there.
            still, held = slice(0, half - CUT), slice(CUT, half)
            before = face_positions(t[still], moves[still], rest).mean(axis=0)
            after = face_positions(t[half:][held], moves[held], rest).mean(axis=0)
            leak = float(np.sqrt(((after - before) ** 2).sum(axis=-1).mean()))
            rows[name][f"absorbed: {expression}"] = leak
            leaks.append(leak)
        rows[name]["absorbed"] = float(np.mean(leaks))
    return rows


def locate(picture) -> NDArray[np.float64]:
    """Return picture → aligned frame."""
    (face, *_) = FaceDetector().detect(picture, tiles=True)
    found = Landmarker().measure_careful(picture, region_of_detection(face))
    if found is None:
        raise RuntimeError("Expected a face in the picture")
    return frame_face(found.points)


def load(path: Path | None) -> NDArray[np.uint8]:
    """Read a picture (or a video's first frame) in grey, sized so that the face is usual."""
    if path is None:
        from skimage.data import astronaut

        image = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    else:
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if image is None:
            _, colour = cv2.VideoCapture(str(path)).read()
            image = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    k = transform_scale(locate(image)) / FACE_IN_FRAME
    interpolation = cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, None, fx=k, fy=k, interpolation=interpolation)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = {
        str(path.name if path else "astronaut"): measure(load(path), options.frames, 7 * i)
        for i, path in enumerate([None, sample_path(30), *options.pictures])
    }
    if options.json:
        json.dump(results, sys.stdout, indent=1)
        return
    for picture, rows in [*results.items(), ("mean of all", mean_of(list(results.values())))]:
        print(f"\n{picture}\n{'method':32}{'std':>8}{'step':>8}{'absorbed':>10}{'ms':>8}")
        for name, row in rows.items():
            absorbed = f"{row['absorbed']:10.3f}" if "absorbed" in row else " " * 10
            print(f"{name:32}{row['std']:8.3f}{row['step']:8.3f}{absorbed}{row['ms']:8.2f}")
    print("\nabsorbed, by expression (registration beside landmarks), mean of all")
    rows = mean_of(list(results.values()))
    for key in rows["registration"]:
        if key.startswith("absorbed:"):
            pair = (rows[m][key] for m in ("registration", "landmarks each frame"))
            print(f"  {key[10:]:16}" + "".join(f"{value:8.3f}" for value in pair))


def mean_of(tables: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Average several tables of the same shape."""
    return {
        name: {key: float(np.mean([t[name][key] for t in tables])) for key in tables[0][name]}
        for name in tables[0]
    }


if __name__ == "__main__":
    main()
