"""A real face that moves as we say: the astronaut of scikit-image, warped by known transforms."""

from dataclasses import dataclass, field
from fractions import Fraction

import cv2
import numpy as np
import pytest
from scipy import ndimage
from skimage.data import astronaut

from napari_mespot.face.geometry import apply_transform, invert
from napari_mespot.model import Clock


@dataclass
class ArraySource:
    """Frames in memory that can be read as a video."""

    frames: list
    frame_rate: Fraction = Fraction(30)
    video_id: str = "clip"
    fingerprint: str = "abc"
    read: list = field(default_factory=list)

    @property
    def n_frames(self):
        return len(self.frames)

    @property
    def clock(self):
        return Clock(self.frame_rate)

    def iter_luma(self, start=0, stop=None):
        for index, frame in enumerate(self.frames[start:stop]):
            self.read.append(start + index)
            yield frame


@pytest.fixture(scope="session")
def portrait():
    """(288, 352) uint8: a face, its eyes level, about as large as in a usual recording."""
    return astronaut_face()


def astronaut_face():
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)[:288, 48:400]
    return np.ascontiguousarray(grey)


@pytest.fixture(scope="session")
def wall():
    """(288, 352) uint8: nothing that looks like a face."""
    rng = np.random.default_rng(5)
    rough = cv2.resize(rng.normal(120, 25, (18, 22)), (352, 288), interpolation=cv2.INTER_CUBIC)
    return np.clip(rough, 0, 255).astype(np.uint8)


def move(image, transform):
    """Warp by a cubic spline: OpenCV's cubic warp is off by up to a tenth of a pixel."""
    inverse = invert(transform)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float64)
    source = apply_transform(inverse, np.stack([x, y], axis=-1))
    places = [source[..., 1], source[..., 0]]
    return ndimage.map_coordinates(image.astype(np.float32), places, order=3, mode="reflect")


@pytest.fixture(scope="session")
def head_motion():
    """Return a function n -> (n, 2, 3): a head that sways, nods, turns and comes nearer."""

    def make(n, frame_rate=30.0, amount=1.0):
        t = np.arange(n) / frame_rate
        out = []
        for i in range(n):
            angle = amount * 2.0 * np.sin(2 * np.pi * 0.5 * t[i])
            size = 1 + amount * 0.02 * np.sin(2 * np.pi * 0.3 * t[i])
            matrix = cv2.getRotationMatrix2D((176.0, 120.0), angle, size)
            matrix[0, 2] += amount * 4 * np.sin(2 * np.pi * 0.4 * t[i])
            matrix[1, 2] += amount * 3 * np.sin(2 * np.pi * 0.7 * t[i])
            out.append(matrix)
        return np.array(out)

    return make


@pytest.fixture(scope="session")
def film(portrait):
    """Return a function that films the moved portrait, with sensor noise if wanted."""

    def make(transforms, noise=0.0, seed=0):
        rng = np.random.default_rng(seed)
        frames = []
        for transform in transforms:
            frame = move(portrait, transform).astype(np.float64)
            frame += rng.normal(0, noise, frame.shape) if noise else 0
            frames.append(np.clip(np.round(frame), 0, 255).astype(np.uint8))
        return frames

    return make
