"""The checkpoint that comes with the library, on the sample and on a face that does nothing."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from napari_mespot.evaluation import match_expressions
from napari_mespot.face import FaceSequence
from napari_mespot.frames import open_frames
from napari_mespot.io import read_table
from napari_mespot.learning import Repertoire
from napari_mespot.learning.scene import Camera, Scene, render
from napari_mespot.model import ExpressionKind
from napari_mespot.network import DEFAULT_CHECKPOINT, load_checkpoint
from napari_mespot.spotting import spot_faces, spot_video

SAMPLE = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def checkpoint():
    return load_checkpoint()


def test_it_says_what_it_was_trained_on(checkpoint):
    assert checkpoint.name == DEFAULT_CHECKPOINT
    assert checkpoint.card["training_data"]
    assert checkpoint.card["recipe"]["training"]["steps"] > 0
    assert checkpoint.card["parameters"] < 500_000


def test_it_finds_the_macro_expressions_of_the_sample(checkpoint):
    (truth,) = read_table(SAMPLE / "synthetic_face_30fps.intervals.csv")
    with open_frames(SAMPLE / "synthetic_face_30fps.mp4") as source:
        result = spot_video(source, checkpoint)
    counts = match_expressions(truth, result.annotation).counts.of_kind(ExpressionKind.MACRO)
    assert counts.recall > 0.5
    inside = np.zeros(truth.n_frames or 0, dtype=bool)
    for expression in truth.expressions:
        inside[expression.onset : expression.offset + 1] = True
    scores = result.signal.of_kind(ExpressionKind.MACRO)
    assert np.nanmean(scores[inside]) > 2 * np.nanmean(scores[~inside])


def test_it_is_silent_on_a_face_that_does_nothing(checkpoint, repertoire: Repertoire):
    bank = repertoire.faces
    camera = Camera(jitter_px=0.02, noise=0.8)
    scene = Scene(face=bank.rest[0], shape=np.zeros((2, 112, 112), np.float32), camera=camera)
    images = render(scene, np.arange(150), np.random.default_rng(1))
    faces = FaceSequence(
        images=images,
        found=np.ones(150, dtype=bool),
        confidence=np.ones(150, dtype=np.float32),
        transforms=np.tile(np.eye(2, 3), (150, 1, 1)),
        video_id="still",
        frame_rate=Fraction(30),
    )
    assert spot_faces(faces, checkpoint).annotation.expressions == ()
