"""Measure the depth of the mean face on drawn people, and write the mean face in space.

    python training/measure_mean_mesh.py [--people 40] [--out FILE]

x and y are those of the mean face that frames are aligned to, made symmetrical. The depth is the
mean of what the mesh model says of drawn people at rest, after each was fitted to the mean face.
"""

import argparse
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

import napari_mespot.face
from napari_mespot.face.detection import FaceDetector
from napari_mespot.face.geometry import apply_transform, frame_face, mean_face, transform_scale
from napari_mespot.face.landmarks import Landmarker, region_of_detection
from napari_mespot.face.shape import RIGID_MESH
from napari_mespot.frames.synthetic import FaceScript, Scene, SyntheticSequence, random_identity

OUT = Path(napari_mespot.face.__file__).parent / "mean_mesh_468.csv"
ROUNDS = 10
HEAD = "# x,y,depth in the 112x112 aligned frame; x, y: mean_face_468.csv made symmetrical;\n"
MADE = "# depth: mean over {n} drawn people, by training/measure_mean_mesh.py\n"


def measured(people: int) -> NDArray[np.float64]:
    """Return the landmarks of drawn people at rest, (n, 468, 3), in the aligned frame."""
    detector, landmarker, meshes = FaceDetector(), Landmarker(), []
    for seed in range(people):
        who = random_identity(np.random.default_rng([2026, seed]))
        film = SyntheticSequence(who, FaceScript(1, Fraction(30)), Scene(seed=seed))
        grey = cv2.cvtColor(film.frame(0), cv2.COLOR_RGB2GRAY)
        for face in detector.detect(grey)[:1]:
            found = landmarker.measure_careful(grey, region_of_detection(face))
            if found is not None:
                to_crop = frame_face(found.points)
                xy = apply_transform(to_crop, found.points[:, :2])
                depth = found.points[:, 2] * transform_scale(to_crop)
                meshes.append(np.column_stack([xy, depth]))
    return np.array(meshes)


def fitted(mesh: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move, turn and scale a mesh in space onto another by the points that no expression moves."""
    a, b = mesh[RIGID_MESH], target[RIGID_MESH]
    from_middle, onto = a - a.mean(axis=0), b - b.mean(axis=0)
    left, values, right = np.linalg.svd(from_middle.T @ onto)
    handed = np.diag([1, 1, np.linalg.det(left @ right)])
    size = (values * np.diag(handed)).sum() / (from_middle**2).sum()
    return size * (mesh - a.mean(axis=0)) @ (left @ handed @ right) + b.mean(axis=0)


def partners(mesh: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which landmark each one becomes in a mirror, (468,)."""
    mirrored = mesh * [-1, 1, 1] + [2 * mesh[[10, 152, 1, 4], 0].mean(), 0, 0]
    apart = np.linalg.norm(mirrored[:, None] - mesh, axis=-1)
    _, partner = linear_sum_assignment(apart + apart.T)
    if (partner[partner] != np.arange(468)).any():
        raise RuntimeError("Expected every landmark to have one partner on the other side")
    return np.asarray(partner)


def symmetrical(mesh: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of a mesh and its mirror image."""
    axis = mesh[[10, 152, 1, 4], 0].mean()
    other = mesh[partners(mesh)] * [-1, 1, 1] + [2 * axis, 0, 0]
    return (mesh + other) / 2


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    meshes = measured(options.people)
    flat = mean_face()
    depth = meshes[:, :, 2].mean(axis=0)
    for _ in range(ROUNDS):
        mean = symmetrical(np.column_stack([flat, depth]))
        depths = np.array([fitted(mesh, mean)[:, 2] for mesh in meshes])
        depth = depths.mean(axis=0)
    mean = symmetrical(np.column_stack([flat, depth]))
    mean[:, 2] -= mean[RIGID_MESH, 2].mean()
    spread = depths.std(axis=0).mean()
    print(f"{len(meshes)} of {options.people} people; depths differ by {spread:.2f} px")
    with options.out.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEAD + MADE.format(n=len(meshes)))
        np.savetxt(file, mean, "%.3f", ",")


if __name__ == "__main__":
    main()
