"""Train, calibrate and write the checkpoint of a recipe.

    python training/run_final.py training/recipes/synthetic.toml --run-dir RUN --out DIR

A run that was interrupted goes on when the same command is given again.
"""

import argparse
import json
import platform
import time
from pathlib import Path

import torch

from napari_mespot.learning import calibrated_checkpoint, read_recipe, train_network
from napari_mespot.network import save_checkpoint
from napari_mespot.progress import Progress


class Printer:
    """Print a line every 20 seconds."""

    last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Print how far a stage has come."""
        now = time.monotonic()
        if now - self.last >= 20 or progress.done == progress.total:
            print(f"{progress.stage}: {progress.done} of {progress.total}", flush=True)
            self.last = now


def main() -> None:
    """Run the recipe named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--run-dir", type=Path, required=True, help="log and resumable state")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    options = parser.parse_args()
    torch.set_num_threads(1)  # the other core makes the batches
    recipe = read_recipe(options.recipe)
    network, history = train_network(recipe, options.run_dir, progress=Printer())
    print(f"loss {history.mean_loss(100):.4f} after {len(history.losses)} steps")
    card = {
        "training_data": "drawn faces with action-unit-like motion, drawn by this library",
        "not_trained_on": "any photograph, video or data set of real people",
        "licence": "BSD-3-Clause",
        "torch": torch.__version__,
        "machine": platform.machine(),
        "loss": round(history.mean_loss(100), 4),
    }
    checkpoint = calibrated_checkpoint(network, recipe, card, progress=Printer())
    options.out.mkdir(parents=True, exist_ok=True)
    save_checkpoint(checkpoint, options.out / f"{recipe.name}.safetensors")
    print(json.dumps(checkpoint.card["held_out_drawn_people"], indent=1))


if __name__ == "__main__":
    main()
