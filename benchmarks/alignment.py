"""How well and how fast faces are aligned, on videos and on a head that turns.

    python -m benchmarks.alignment [VIDEO ...] [--turn]

For every video (by default the drawn samples): frames with a face, correlation with the
template, how often it was renewed, and processor time a frame beside decoding. With
``--turn``, still pictures are turned in depth by known angles, and what moves in the crop is
compared with the best that any similarity could do.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator

from benchmarks.jitter import METHODS, NOISE, align, load
from napari_mespot.face import AlignParams, ContrastParams, contrast_normalise
from napari_mespot.face.align import align_frames
from napari_mespot.face.detection import FaceDetector
from napari_mespot.face.geometry import apply_transform, fit_similarity, frame_face, invert
from napari_mespot.face.landmarks import Landmarker, region_of_detection
from napari_mespot.face.tracker import FaceTracker
from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic.sample import sample_path

REPEATS = 3
MAX_FRAMES = 600
TURN_FRAMES = 90
TURNS = ((3.0, 2.0), (8.0, 4.0), (20.0, 8.0))  # yaw and pitch, in degrees


def cpu_ms(call, frames: int) -> float:
    """Return the least processor time of a call, in milliseconds a frame (all threads)."""
    spent = []
    for _ in range(REPEATS):
        start = time.process_time()
        call()
        spent.append(time.process_time() - start)
    return min(spent) / frames * 1e3


def measure(path: Path) -> dict[str, str]:
    """Return the figures of one video."""
    with open_frames(path) as source:
        n = min(source.n_frames, MAX_FRAMES)
        frames = list(source.iter_luma(0, n))
        rate = float(source.frame_rate)
        decoding = cpu_ms(lambda: sum(1 for _ in source.iter_luma(0, n)), n)
        size = f"{source.width}x{source.height}"
    tracker = FaceTracker(AlignParams(), rate)
    faces = list(align_frames(frames, tracker, AlignParams(), rate))
    found = np.array([face.found for face in faces])
    confidence = np.array([face.confidence for face in faces])[found]
    crops = np.stack([face.image for face in faces])

    def again() -> None:
        params = AlignParams()
        sum(1 for _ in align_frames(frames, FaceTracker(params, rate), params, rate))

    counts = tracker.counts
    return {
        "video": f"{path.name} ({size}, {rate:g} fps)",
        "frames": str(n),
        "found": f"{100 * found.mean():.1f} %",
        "ncc": f"{confidence.mean():.4f}" if found.any() else "-",
        "lowest": f"{confidence.min():.3f}" if found.any() else "-",
        "re-keys": str(counts.rekeys),
        "restarts": str(counts.restarts),
        "decode ms": f"{decoding:.2f}",
        "align ms": f"{cpu_ms(again, n):.2f}",
        "LCN ms": f"{cpu_ms(lambda: contrast_normalise(crops, ContrastParams()), n):.2f}",
    }


@dataclass
class Head:
    """A picture with a depth for every pixel, to be turned about a point behind the face."""

    picture: NDArray[np.uint8]
    depth: NDArray[np.float64]
    centre: NDArray[np.float64]
    axis_depth: float
    rest: NDArray[np.float64]

    @classmethod
    def of(cls, picture: NDArray[np.uint8]) -> "Head":
        """Take the depth from the landmarks."""
        (face, *_) = FaceDetector().detect(picture, tiles=True)
        found = Landmarker().measure_careful(picture, region_of_detection(face))
        if found is None:
            raise RuntimeError("Expected a face in the picture")
        xy, z = found.points[:, :2], found.points[:, 2]
        y, x = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(float)
        inside = LinearNDInterpolator(xy, z)(x, y)
        depth = np.where(np.isnan(inside), NearestNDInterpolator(xy, z)(x, y), inside)
        axis = float(z.max() + 0.1 * np.ptp(xy[:, 0]))
        smooth = ndimage.gaussian_filter(depth, 2)
        return cls(picture, smooth, xy.mean(axis=0), axis, frame_face(found.points))

    def project(self, points, depth, yaw: float, pitch: float) -> NDArray[np.float64]:
        """Return where (..., 2) points of the picture go when the head turns (in radians)."""
        x, y = points[..., 0] - self.centre[0], points[..., 1] - self.centre[1]
        z = depth - self.axis_depth
        turned_x, turned_z = (
            x * np.cos(yaw) + z * np.sin(yaw),
            z * np.cos(yaw) - x * np.sin(yaw),
        )
        return np.stack([turned_x, y * np.cos(pitch) - turned_z * np.sin(pitch)], -1) + self.centre

    def depth_at(self, points) -> NDArray[np.float64]:
        """Return the depth of (..., 2) points."""
        return ndimage.map_coordinates(
            self.depth, [points[..., 1], points[..., 0]], order=1, mode="nearest"
        )

    def turned(self, yaw: float, pitch: float) -> NDArray[np.float64]:
        """Return the picture of the turned head."""
        y, x = np.mgrid[: self.picture.shape[0], : self.picture.shape[1]].astype(float)
        target = np.stack([x, y], axis=-1)
        source = target.copy()
        for _ in range(12):
            source += target - self.project(source, self.depth_at(source), yaw, pitch)
        places = [source[..., 1], source[..., 0]]
        picture = self.picture.astype(np.float32)
        return ndimage.map_coordinates(picture, places, order=3, mode="reflect")


def turning(head: Head, yaw: float, pitch: float) -> dict[str, float]:
    """Return what moves in the crop while the head turns, in pixels (rms over the face)."""
    rng = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(np.arange(16.0, 97, 8), np.arange(16.0, 97, 8)), -1).reshape(-1, 2)
    points = apply_transform(invert(head.rest), grid)
    frames, truth = [], []
    for t in np.arange(TURN_FRAMES) / 30:
        a = np.radians(yaw) * np.sin(2 * np.pi * 0.4 * t)
        b = np.radians(pitch) * np.sin(2 * np.pi * 0.55 * t)
        image = head.turned(a, b) + rng.normal(0, NOISE, head.picture.shape)
        frames.append(np.clip(np.round(image), 0, 255).astype(np.uint8))
        truth.append(head.project(points, head.depth_at(points), a, b))

    def moves(transforms) -> float:
        seen = np.array([apply_transform(t, p) for t, p in zip(transforms, truth, strict=True)])
        return float(np.sqrt(((seen - seen.mean(axis=0)) ** 2).sum(axis=-1).mean()))

    rows = {"best similarity": moves([fit_similarity(p, grid) for p in truth])}
    for name in ("landmarks each frame", "registration"):
        rows[name] = moves(align(frames, METHODS[name]))
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--turn", action="store_true", help="turn the first frames in depth")
    options = parser.parse_args()
    for path in options.videos or [sample_path(30), sample_path(200)]:
        print("  ".join(f"{key} {value}" for key, value in measure(path).items()))
    if options.turn:
        for path in [None, *options.videos]:
            picture = load(path)
            head = Head.of(cv2.resize(picture, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA))
            print(f"\n{path.name if path else 'astronaut'}, turning: what moves in the crop, px")
            for yaw, pitch in TURNS:
                figures = turning(head, yaw, pitch)
                print(
                    f"  ±{yaw:g}° / ±{pitch:g}°  "
                    + "  ".join(f"{name} {value:.2f}" for name, value in figures.items())
                )


if __name__ == "__main__":
    main()
