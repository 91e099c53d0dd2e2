from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_mespot.clips import ClipParams
from napari_mespot.face.params import ContrastParams
from napari_mespot.learning import (
    AugmentationParams,
    BatchRecipe,
    Range,
    SequenceParams,
    SyntheticBatches,
    draw_clip,
    draw_sequence,
)
from napari_mespot.learning.timeline import Stretch, clip_expressions, draw_scene
from napari_mespot.model import ExpressionKind

DISTRACTORS = (
    "blink_per_s",
    "gaze_per_s",
    "swallow_per_s",
    "turn_per_s",
    "speech_probability",
    "surroundings_probability",
    "light_change",
    "flicker",
    "jpeg_probability",
    "micro_probability",
)


@pytest.fixture
def recipe(small_params):
    return BatchRecipe(
        synthetic=small_params,
        augmentation=AugmentationParams(),
        contrast=ContrastParams(),
        clips=ClipParams(),
        batch_size=6,
        seed=7,
    )


def test_a_batch_has_two_streams_of_two_frames(repertoire, recipe):
    clips, targets, known = SyntheticBatches(repertoire, recipe)[0]
    assert clips.shape == (6, 2, 2, 112, 112)
    assert clips.dtype == torch.float32
    assert targets.shape == known.shape == (6, 2)
    assert torch.equal(clips[:, 0, 1], clips[:, 1, 1])  # both streams end in the same frame


def test_a_batch_depends_on_seed_and_step_alone(repertoire, recipe):
    batches = SyntheticBatches(repertoire, recipe)
    first = batches[3]
    batches[9]
    assert all(torch.equal(a, b) for a, b in zip(first, batches[3], strict=True))
    assert not torch.equal(first[0], batches[4][0])
    other = SyntheticBatches(repertoire, replace(recipe, seed=8))
    assert not torch.equal(first[0], other[3][0])


def test_expressions_are_shown_as_often_as_asked(small_params, rng):
    always = small_params.model_copy(
        update={"micro_probability": 1.0, "macro_probability": 0.0, "inside_share": 1.0}
    )
    for rate in (30, 200):
        for _ in range(50):
            (shown,) = clip_expressions(always, rng, rate)
            assert shown.kind is ExpressionKind.MICRO
            assert shown.course.onset <= 0 <= shown.course.offset
            assert 0.1 <= shown.course.n_frames / rate <= 0.52
    before = always.model_copy(update={"inside_share": 0.0})
    assert all(clip_expressions(before, rng, 30)[0].course.offset < 0 for _ in range(50))


def test_an_expression_moves_the_face_and_nothing_does_not(repertoire, small_params, rng):
    quiet = small_params.model_copy(
        update=dict.fromkeys(DISTRACTORS, 0.0)
        | {
            "noise": Range(low=0.01, high=0.01),
            "jitter_px": Range(low=1e-3, high=1e-3),
            "sway_px": Range(low=1e-3, high=1e-3),
            "macro_amplitude_px": Range(low=6, high=6),
        }
    )

    def change(probability: float) -> float:
        shown = quiet.model_copy(
            update={"macro_probability": probability, "inside_share": 1.0, "min_change_px": 2.0}
        )
        most = 0.0
        for _ in range(12):
            images, targets, known = draw_clip(repertoire, shown, ClipParams(), rng)
            assert targets.tolist() == [0, probability]
            if known.all():
                most = max(most, float(np.abs(images[0].astype(float) - images[2]).mean()))
        return most

    assert change(1.0) > 10 * change(0.0)


def test_what_cannot_be_seen_is_unknown(repertoire, small_params, rng):
    faint = small_params.model_copy(
        update={
            "micro_probability": 0.0,
            "macro_probability": 1.0,
            "inside_share": 1.0,
            "macro_amplitude_px": Range(low=0.1, high=0.1),
        }
    )
    _, targets, known = draw_clip(repertoire, faint, ClipParams(), rng)
    assert targets.tolist() == [0, 1]
    assert known.tolist() == [True, False]


def test_a_scene_looks_the_same_whatever_frames_are_asked_for(repertoire, small_params):
    rng = np.random.default_rng(2)
    shown = clip_expressions(small_params, rng, 30)
    scene = draw_scene(repertoire, shown, small_params, rng, Stretch(30, -60, 0))
    frames = np.arange(-60, 1)
    for movement in scene.movements:
        assert np.allclose(movement.course(frames)[::7], movement.course(frames[::7]))


@pytest.mark.parametrize("rate", [30, 200])
def test_a_sequence_says_where_its_expressions_are(repertoire, small_params, rate):
    params = SequenceParams(duration_s=6, gap_s=Range(low=0.3, high=0.6))
    drawn = draw_sequence(repertoire, small_params, params, np.random.default_rng(5), rate)
    assert drawn.images.shape == (6 * rate, 112, 112)
    assert drawn.annotation.n_frames == 6 * rate
    assert drawn.frame_rate == rate
    assert len(drawn.annotation.expressions) >= 2
    for shown in drawn.annotation.expressions:
        short = shown.interval.n_frames / rate <= 0.5
        assert (
            short == (shown.kind is ExpressionKind.MICRO) or shown.interval.n_frames <= 0.52 * rate
        )
