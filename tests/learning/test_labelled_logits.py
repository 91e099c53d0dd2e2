"""Logits of labelled faces are those of spotting, and their calibration counts seconds."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from tests.reference.context import lively_context
from tests.reference.network import lively_checkpoint

from napari_mespot.face import FaceChunk
from napari_mespot.learning import LabelledFaces
from napari_mespot.learning.calibration import Platt
from napari_mespot.learning.labelled_logits import (
    fit_platt_to_videos,
    probabilities,
    score_video,
)
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.spotting import score_faces

ME = ExpressionKind.MICRO


def video(n: int, rate: int, *shown: Interval) -> LabelledFaces:
    images = np.random.default_rng(n).integers(0, 256, (n, 112, 112), dtype=np.uint8)
    labels = tuple(Expression(interval, ME) for interval in shown)
    return LabelledFaces(images, Annotation("v", n, Fraction(rate), labels, (Interval(0, n - 1),)))


def test_probabilities_of_the_logits_are_the_scores_of_spotting():
    checkpoint, own = lively_checkpoint(temperature=(1.3, 0.8)), video(12, 30)
    everywhere = np.ones(12, np.bool_)
    chunk = FaceChunk(0, own.images, everywhere, everywhere * 1.0, np.zeros((12, 2, 3)))
    signal = score_faces(checkpoint, [chunk], n_frames=12, frame_rate=Fraction(30))
    values = probabilities(score_video(checkpoint, own), (Platt(1.3), Platt(0.8)))
    np.testing.assert_allclose(values, signal.values, atol=1e-4)


def test_with_a_context_network_they_are_its_own_and_stop_at_cuts():
    plain = lively_checkpoint(temperature=(1.3, 0.8))
    align = plain.align.model_copy(update={"shape_hz": 30.0})
    checkpoint = replace(plain, align=align, context=lively_context())
    rng = np.random.default_rng(5)
    found = np.ones(40, np.bool_)
    found[[0, 17]] = False
    shape = np.where(found[:, None], rng.normal(0, 3, (40, 26)), np.nan).astype(np.float32)
    own = replace(video(40, 30), found=found, shape=shape, breaks=(21,))
    signal = score_faces(checkpoint, own.faces, n_frames=40, frame_rate=Fraction(30))
    logits = score_video(checkpoint, own)
    values = probabilities(logits, (Platt(1.3), Platt(0.8)))
    np.testing.assert_allclose(values, signal.values, atol=1e-4)
    assert np.isnan(logits[~found]).all()
    uncut = score_video(checkpoint, replace(own, breaks=()))
    assert not np.allclose(uncut[18:24], logits[18:24], atol=1e-3)


def test_a_bias_reaches_the_logits_of_either_sort():
    plain = lively_checkpoint()
    align = plain.align.model_copy(update={"shape_hz": 30.0})
    for checkpoint in (plain, replace(plain, align=align, context=lively_context())):
        before = score_video(checkpoint, video(12, 30))
        checkpoint.add_bias(0.5, -2.0)
        after = score_video(checkpoint, video(12, 30))
        np.testing.assert_allclose(after - before, np.tile([0.5, -2.0], (12, 1)), atol=1e-3)


def test_a_second_counts_alike_at_any_frame_rate():
    rng = np.random.default_rng(0)
    slow, fast = video(300, 30, Interval(60, 149)), video(2100, 210, Interval(420, 1049))
    logits = rng.normal(0, 1, (300, 2)).astype(np.float32)
    logits[60:150] += 2
    alone = fit_platt_to_videos([(slow, logits)], 0)
    assert alone == fit_platt_to_videos([(fast, np.repeat(logits, 7, axis=0))], 0)
    assert alone is not None


def test_scores_that_say_nothing_of_the_labels_are_not_fitted():
    own = video(60, 30, Interval(10, 20))
    against = np.zeros((60, 2), np.float32)
    against[10:21] = -3
    assert fit_platt_to_videos([(own, against)], 0) is None
    assert fit_platt_to_videos([(own, against)], 1) is None, "no MaE at all"
    assert fit_platt_to_videos([], 0) is None
