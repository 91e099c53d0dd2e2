"""Drawn people with corrected labels, small enough to retrain on within seconds."""

from dataclasses import replace
from functools import cache

import torch

from napari_mespot.clips.params import ClipParams
from napari_mespot.learning import (
    Corpus,
    Range,
    SequenceParams,
    SyntheticParams,
)
from napari_mespot.learning.retrain_params import RetrainParams
from napari_mespot.learning.sequences import draw_corpus
from napari_mespot.model import Interval
from napari_mespot.network import Checkpoint, NetworkParams, TwoStream3DCNN

QUICK = RetrainParams(
    steps=2,
    batch_size=4,
    replay_videos=2,
    checked_drawn_videos=2,
    stretch_s=5.0,
    resamples=200,
    least_for_weights=10,
    thresholds=(0.3, 0.5),
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
