"""Drawn people with corrected labels, small enough to retrain on within seconds."""

from dataclasses import replace
from functools import cache

import numpy as np
import torch

from napari_mespot.clips.params import ClipParams
from napari_mespot.learning import (
    Corpus,
    Range,
    SequenceParams,
    SyntheticParams,
)
from napari_mespot.learning.retrain_params import ContextRetrainParams, RetrainParams
from napari_mespot.learning.sequences import draw_corpus
from napari_mespot.model import ExpressionKind, Interval
from napari_mespot.network import (
    Checkpoint,
    ContextNetwork,
    ContextParams,
    NetworkParams,
    TwoStream3DCNN,
)

QUICK = RetrainParams(
    steps=2,
    batch_size=4,
    replay_videos=2,
    checked_drawn_videos=2,
    stretch_s=5.0,
    resamples=200,
    least_for_weights=10,
    thresholds=(0.3, 0.5),
    context=ContextRetrainParams(steps=3, batch_size=4, window_s=5.0),
)


def small_checkpoint(name: str = "small", *, both: bool = False) -> Checkpoint:
    """A network of random weights, with one reference frame or two."""
    sizes = NetworkParams(channels=(4, 4, 8), stem_filters=2, images_per_stream=3 if both else 2)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = TwoStream3DCNN(sizes).eval()
    clips = ClipParams(reference="both") if both else ClipParams()
    return Checkpoint(network=network, name=name, clips=clips)


@cache
def drawn() -> Corpus:
    """Six videos of 12 s, two of each of three people, reviewed as a whole."""
    params = SequenceParams(
        faces=3,
        fields=12,
        frame_rates=(30,),
        sequences=6,
        duration_s=12.0,
        gap_s=Range(low=0.4, high=1.5),
        seed=70,
    )
    videos = draw_corpus(SyntheticParams(texture_share=0.0), params).videos
    out = []
    for index, video in enumerate(videos):
        whole = (Interval(0, len(video.images) - 1),)
        annotation = replace(video.annotation, subject_id=f"p{index // 2}", reviewed=whole)
        out.append(replace(video, annotation=annotation))
    return Corpus(tuple(out))


def context_checkpoint(name: str = "seconds") -> Checkpoint:
    """The same two streams, which say little, and a context network of random weights."""
    plain = small_checkpoint(name)
    plain.add_bias(-6.0, -6.0)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        context = ContextNetwork(ContextParams(channels=12, dilations=(1, 2, 4, 8)))
    align = plain.align.model_copy(update={"shape_hz": 30.0})
    return replace(plain, align=align, context=context.eval())


@cache
def shaped() -> Corpus:
    """The same videos with the shape of the face; brows or mouth move in each expression."""
    out = []
    for index, video in enumerate(drawn().videos):
        rng = np.random.default_rng(index)
        n = len(video.images)
        shape = rng.normal(0, 0.08, (n, 26)).astype(np.float32)
        for number, expression in enumerate(video.annotation.expressions):
            rows = slice(expression.onset, expression.offset + 1)
            columns = (slice(0, 5), slice(11, 15))[number % 2]
            shape[rows, columns] += 4.0 if expression.kind is ExpressionKind.MACRO else 2.0
        out.append(replace(video, shape=shape))
    return Corpus(tuple(out))
