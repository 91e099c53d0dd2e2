"""Train the context network of a recipe on drawn people and write the checkpoint.

    python training/run_context.py training/recipes/context.toml --run-dir RUN --out DIR

A member of the network that was trained before is read back from RUN, so that a run that was
interrupted goes on with the next. `--member 0` trains one member alone, for several at once.
"""

import argparse
import platform
import time
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from napari_mespot.learning.context_recipe import ContextRecipe, read_context_recipe
from napari_mespot.learning.context_training import join_members, train_member, with_context
from napari_mespot.network import ContextNetwork, load_checkpoint, save_checkpoint
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


def member(recipe: ContextRecipe, index: int, run_dir: Path) -> ContextNetwork:
    """Return a member, trained now or before."""
    path = run_dir / f"member-{index}.safetensors"
    if path.exists():
        network = ContextNetwork(recipe.context.model_copy(update={"members": 1}))
        network.load_state_dict(load_file(path))
        return network.eval()
    network, loss = train_member(recipe, recipe.training.seed + index, progress=Printer())
    print(f"member {index}: loss {loss:.4f}", flush=True)
    save_file(network.state_dict(), path)
    return network


def _size(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def main() -> None:
    """Run the recipe named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--run-dir", type=Path, required=True, help="trained members")
    parser.add_argument("--out", type=Path, help="folder of the checkpoint")
    parser.add_argument("--member", type=int, help="train this one alone, from 0")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipe = read_context_recipe(options.recipe)
    options.run_dir.mkdir(parents=True, exist_ok=True)
    if options.member is not None:
        member(recipe, options.member, options.run_dir)
        return
    members = [member(recipe, index, options.run_dir) for index in range(recipe.context.members)]
    network = join_members(members, recipe.context)
    streams = load_checkpoint(recipe.streams)
    card = {
        "training_data": "drawn people: shapes of faces and two streams of drawn faces",
        "not_trained_on": "any photograph, video or data set of real people",
        "licence": "BSD-3-Clause",
        "torch": torch.__version__,
        "machine": platform.machine(),
        "parameters": _size(streams.network) + _size(network),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = with_context(streams, network, recipe, card)
    save_checkpoint(checkpoint, options.out / f"{recipe.name}.safetensors")


if __name__ == "__main__":
    main()
