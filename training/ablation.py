"""What each part of the method is worth: train with and without it, on the same drawn people.

    python training/ablation.py --out training/results/ablation.md [--steps 500] [--only NAME ...]

Every variation starts from the recipe `synthetic` with the same seed and the same people, is
trained for the same few steps and measured on other drawn people: area under the ROC curve and
average precision of the frames, per kind. A row is added to the file as soon as it is there;
rows that are there already are not computed again.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_mespot.clips import clip_frames, frame_skips
from napari_mespot.evaluation import frame_figures
from napari_mespot.learning import (
    BatchRecipe,
    ClipBatches,
    Corpus,
    LossParams,
    SyntheticRecipe,
    draw_corpus,
    fit,
    read_recipe,
)
from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.network import NetworkParams, TwoStream3DCNN

RECIPE = Path(__file__).parent / "recipes" / "synthetic.toml"
HEAD = """# Ablation

Written by `training/ablation.py`: {steps} steps of {batch} clips, {drawn} drawn sequences of
{seconds:g} s to train on, {held} of {held_s:g} s of other drawn people to measure on (30 frames per
second), one seed. So few steps rank what is learnt early, not what is learnt in the end.

| variation | loss | ME: AUC | ME: AP | MaE: AUC | MaE: AP |
|---|---|---|---|---|---|
"""


class PlainBatches(ClipBatches):
    """Batches without local contrast normalisation."""

    def normalised(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return grey values from -1 to 1."""
        return images.astype(np.float32) / np.float32(127.5) - np.float32(1)


class UnsharedNetwork(nn.Module):
    """The same network with weights of its own for each stream."""

    def __init__(self, params: NetworkParams) -> None:
        super().__init__()
        self.streams = nn.ModuleList(TwoStream3DCNN(params) for _ in range(2))
        self.output = nn.Linear(2 * params.channels[-1], 2)

    def forward(self, clips: Tensor) -> Tensor:
        """Return logits of ME and MaE, shape (n, 2)."""
        features = [
            network.tail(network.stem(clips[:, i].contiguous(memory_format=torch.channels_last)))
            for i, network in enumerate(self.streams)
        ]
        logits: Tensor = self.output(torch.cat(features, dim=1))
        return logits


@dataclass(frozen=True)
class Variation:
    """One difference from the recipe."""

    name: str
    changed: Callable[[SyntheticRecipe], SyntheticRecipe] = lambda recipe: recipe
    network: Callable[[NetworkParams], nn.Module] = TwoStream3DCNN
    batches: type[ClipBatches] = ClipBatches


def with_changes(part: str, **changes: object) -> Callable[[SyntheticRecipe], SyntheticRecipe]:
    """Return a function that changes some parameters of one part of a recipe."""

    def change(recipe: SyntheticRecipe) -> SyntheticRecipe:
        new = getattr(recipe, part).model_copy(update=changes)
        return recipe.model_copy(update={part: type(new).model_validate(new.model_dump())})

    return change


def with_references(
    reference: str, per_side: int = 1
) -> Callable[[SyntheticRecipe], SyntheticRecipe]:
    """Return a function that says where the reference frames lie, and how many on a side."""

    def change(recipe: SyntheticRecipe) -> SyntheticRecipe:
        recipe = with_changes("clips", reference=reference, references_per_side=per_side)(recipe)
        return with_changes("network", images_per_stream=recipe.clips.images_per_stream)(recipe)

    return change


VARIATIONS = (
    Variation("the recipe"),
    Variation("without local contrast normalisation", batches=PlainBatches),
    Variation(
        "without random skips (those of spotting)", with_changes("sampling", random_skips=False)
    ),
    Variation("streams with weights of their own", network=UnsharedNetwork),
    Variation(
        "weighted loss (Eq. 2: 0.9, 0.1, W = 3)",
        with_changes("loss", weight_me=0.9, weight_mae=0.1, positive_weight=3.0),
    ),
    Variation(
        "frames as they come, not balanced by kind", with_changes("sampling", balanced=False)
    ),
    Variation("one reference frame on either side", with_references("both")),
    Variation("reference frame in the past", with_references("past")),
    Variation("reference frame in the future", with_references("future")),
    Variation(
        "without augmentation",
        with_changes(
            "augmentation", photometric_probability=0.0, flip_probability=0.0, rotation_deg=0.0
        ),
    ),
    Variation("without averaged weights (EMA)", with_changes("training", ema_decay=0.0)),
    Variation("first kernel 3 px", with_changes("network", stem_kernel_px=3)),
    Variation("first kernel 7 px", with_changes("network", stem_kernel_px=7)),
    Variation(
        "contrast window twice as wide",
        lambda r: with_changes("contrast", sigma_px=2 * r.contrast.sigma_px)(r),
    ),
    Variation(
        "contrast window half as wide",
        lambda r: with_changes("contrast", sigma_px=r.contrast.sigma_px / 2)(r),
    ),
)


@torch.inference_mode()
def logits(network: nn.Module, batches: ClipBatches, which: int) -> NDArray[np.float32]:
    """Score every frame of one video, shape (n, 2)."""
    video = batches.corpus.videos[which]
    shown = torch.from_numpy(batches.normalised(video.images))
    clips = batches.recipe.clips
    skips = frame_skips(clips, video.frame_rate)
    n = len(video.images)
    frames = clip_frames(np.arange(n), skips, n, clips.reference, clips.references_per_side)
    parts = [network(shown[torch.from_numpy(frames[i : i + 64])]) for i in range(0, n, 64)]
    return torch.cat(parts).numpy()


def row(variation: Variation, recipe: SyntheticRecipe, drawn: Corpus, held: Corpus) -> str:
    """Train one variation and return its row of the table."""
    recipe = variation.changed(recipe)
    how = BatchRecipe.of(recipe)
    torch.manual_seed(recipe.training.seed)
    network = variation.network(recipe.network)
    loss = LossParams.model_validate(recipe.loss.model_dump())
    history = fit(network, variation.batches(drawn, how), recipe.training, loss=loss)
    measured = variation.batches(held, how)
    scored = []
    for which, video in enumerate(held.videos):
        z = logits(network, measured, which).astype(np.float64)
        values = (0.5 * (1 + np.tanh(z / 2))).astype(np.float32)
        found = np.ones(len(values), dtype=np.bool_)
        name = video.annotation.video_id
        scored.append((video.annotation, ScoreSignal(values, found, video.frame_rate, name)))
    cells = [variation.name, f"{history.mean_loss(100):.3f}"]
    for kind in ExpressionKind:
        figures = frame_figures(scored, kind)
        cells += [f"{figures.roc_auc:.3f}", f"{figures.average_precision:.3f}"]
    return "| " + " | ".join(cells) + " |\n"


def main() -> None:
    """Fill the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--sequences", type=int, default=300)
    parser.add_argument("--held", type=int, default=16, help="sequences to measure on")
    parser.add_argument("--only", nargs="*", help="begin of the names of the variations wanted")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipe = read_recipe(RECIPE)
    recipe = recipe.model_copy(
        update={
            "training": recipe.training.model_copy(update={"steps": options.steps, "workers": 0}),
            "drawn": recipe.drawn.model_copy(update={"sequences": options.sequences}),
        }
    )
    aside = recipe.sequences.model_copy(update={"frame_rates": (30,), "sequences": options.held})
    drawn = draw_corpus(recipe.synthetic, recipe.drawn)
    held = draw_corpus(recipe.shown, aside)
    if not options.out.exists():
        text = HEAD.format(
            steps=options.steps,
            batch=recipe.training.batch_size,
            drawn=options.sequences,
            seconds=recipe.drawn.duration_s,
            held=aside.sequences,
            held_s=aside.duration_s,
        )
        options.out.write_text(text, encoding="utf-8")
    for variation in VARIATIONS:
        wanted = options.only is None or variation.name.startswith(tuple(options.only))
        if wanted and f"| {variation.name} |" not in options.out.read_text(encoding="utf-8"):
            line = row(variation, recipe, drawn, held)
            print(line, end="", flush=True)
            with options.out.open("a", encoding="utf-8") as file:
                file.write(line)


if __name__ == "__main__":
    main()
