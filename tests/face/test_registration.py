import cv2
import numpy as np
import pytest
from tests.reference.face import register

from napari_mespot.face.detection import FaceDetector
from napari_mespot.face.geometry import apply_transform, compose, frame_face, invert
from napari_mespot.face.landmarks import Landmarker, region_of_detection
from napari_mespot.face.regions import stable_mask
from napari_mespot.face.registration import Registration
from napari_mespot.face.template import aligned_view

PROBES = np.stack(np.meshgrid([20.0, 56.0, 92.0], [20.0, 56.0, 92.0]), -1).reshape(-1, 2)


@pytest.fixture(scope="module")
def rest(portrait):
    (face,) = FaceDetector().detect(portrait)
    return frame_face(Landmarker().measure_careful(portrait, region_of_detection(face)).points)


def off_by(found, expected):
    """Largest distance in the aligned frame, in pixels."""
    moved = apply_transform(compose(found, invert(expected)), PROBES)
    return np.linalg.norm(moved - PROBES, axis=1).max()


def test_finds_a_known_motion(portrait, rest, film, head_motion):
    registration = Registration(aligned_view(portrait, rest))
    motion = head_motion(12, 3.0, 0.4)
    for truth, frame in zip(motion, film(motion), strict=True):
        found = registration(frame, rest)
        assert off_by(found.transform, compose(rest, invert(truth))) < 0.03
        assert found.ncc > 0.995


def test_agrees_with_a_search_without_derivatives(portrait, rest, film, head_motion):
    truth = head_motion(2, 1.2, 0.3)[1]
    (frame,) = film([truth])
    template = aligned_view(portrait, rest)
    fast = Registration(template, tolerance_px=0.001, max_iterations=50)(frame, rest).transform
    assert off_by(fast, register(frame, template, stable_mask(), rest)) < 0.02


@pytest.mark.parametrize(("gain", "bias"), [(0.6, 20), (1.2, -20), (0.8, 0)])
def test_light_does_not_move_the_face(portrait, rest, gain, bias):
    registration = Registration(aligned_view(portrait, rest))
    start = rest.copy()
    start[:, 2] += [0.7, -0.5]
    lit = np.clip(np.round(portrait * gain + bias), 0, 255).astype(np.uint8)
    assert off_by(registration(lit, start).transform, rest) < 0.03


def test_a_moving_part_does_not_pull_the_rest(portrait, rest):
    """A forehead that rises by 1.5 px takes less than a tenth of that with it."""
    y, x = np.mgrid[: portrait.shape[0], : portrait.shape[1]].astype(np.float32)
    crop = apply_transform(rest, np.stack([x, y], axis=-1))
    rise = 1.5 * np.exp(-((crop - [56, 12]) ** 2).sum(axis=-1) / (2 * 9.0**2))
    risen = cv2.remap(portrait, x, (y + rise / rest[1, 1]).astype(np.float32), cv2.INTER_CUBIC)
    found = Registration(aligned_view(portrait, rest))(risen, rest)
    assert off_by(found.transform, rest) < 0.15


def test_a_flat_frame_is_no_match_and_no_error(portrait, rest):
    registration = Registration(aligned_view(portrait, rest))
    found = registration(np.full_like(portrait, 90), rest)
    assert found.ncc < 0.5
    assert np.isfinite(found.transform).all()
