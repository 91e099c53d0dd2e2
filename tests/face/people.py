"""Several people, cut out and put into scenes: one photographed, three drawn."""

from fractions import Fraction
from functools import cache

import cv2
import numpy as np
from tests.face.conftest import ArraySource, astronaut_face

from napari_mespot.face.geometry import apply_transform, invert
from napari_mespot.frames.synthetic import FaceScript, SyntheticSequence, random_identity

NAMES = ("anna", "ben", "cleo", "dora")
_SEEDS = {"ben": 0, "cleo": 3, "dora": 6}


@cache
def portrait(name):
    """(288, 288) uint8: head and shoulders; anna is photographed, the others are drawn."""
    if name == "anna":
        close = astronaut_face()[23:221, 81:279]
        return cv2.resize(close, (288, 288), interpolation=cv2.INTER_CUBIC)
    script = FaceScript(n_frames=1, frame_rate=Fraction(30))
    identity = random_identity(np.random.default_rng(_SEEDS[name]))
    picture = SyntheticSequence(identity, script).frame(0)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[40:480, 100:540]
    return cv2.resize(grey, (288, 288), interpolation=cv2.INTER_AREA)


def scene(*people, width=800, height=320, grey=100):
    """A picture of people, each (name, x, size) with size 1 for 288 pixels."""
    picture = np.full((height, width), grey, np.uint8)
    for name, x, size in people:
        person = cv2.resize(portrait(name), None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        top = (height - person.shape[0]) // 2
        left, right = max(0, x), min(width, x + person.shape[1])
        picture[top : top + person.shape[0], left:right] = person[:, left - x : right - x]
    return picture


def sway(frame, amount=3):
    """How far a live head is from its place, in pixels."""
    return round(amount * np.sin(frame / 4))


def film(make, n, rate=30):
    """A video whose frames are made by a function, with a little noise."""
    rng = np.random.default_rng(2)
    frames = [make(i) for i in range(n)]
    noisy = [np.clip(f + rng.normal(0, 1.0, f.shape), 0, 255).astype(np.uint8) for f in frames]
    return ArraySource(noisy, frame_rate=Fraction(rate))


def place(faces, frame):
    """Where the middle of the followed face is, from the left; None if it is not found."""
    if not faces.found[frame]:
        return None
    return float(apply_transform(invert(faces.transforms[frame]), [[56.0, 56.0]])[0, 0])


def says(faces, *words):
    """Whether a single warning has all the words."""
    return any(all(word in text for word in words) for text in faces.warnings)
