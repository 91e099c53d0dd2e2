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
    """Print a line now and then."""

    def __init__(self, every_s: float = 20.0) -> None:
        self.every_s = every_s
        self.last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Print how far a stage has come."""
        now = time.monotonic()
        if now - self.last >= self.every_s or progress.done == progress.total:
            print(f"{progress.stage}: {progress.done} of {progress.total}", flush=True)
            self.last = now


def main() -> None:
    """Run the recipe named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--run-dir", type=Path, required=True, help="log and resumable state")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = read_recipe(options.recipe)
    network, history = train_network(recipe, options.run_dir, progress=Printer())
    print(f"loss {history.mean_loss(100):.4f} after {len(history.losses)} steps")
    card = {"training_data": "drawn faces only", "torch": torch.__version__}
    card |= {"machine": platform.machine(), "loss": round(history.mean_loss(100), 4)}
    checkpoint = calibrated_checkpoint(network, recipe, card, progress=Printer())
    save_checkpoint(checkpoint, options.out / f"{recipe.name}.safetensors")
    print(json.dumps(checkpoint.card["held_out_drawn_people"], indent=1))


if __name__ == "__main__":
    main()
