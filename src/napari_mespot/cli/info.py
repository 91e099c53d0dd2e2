"""``mespot info``: what a video or a checkpoint is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_mespot.cli.console import say, say_json, warn

if TYPE_CHECKING:
    from napari_mespot.network import Checkpoint

__all__ = ["info"]

# Pickles are among them so that they are refused as checkpoints, and not as videos.
_CHECKPOINT_SUFFIXES = {".safetensors", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}


def info(
    path: Annotated[
        Path,
        typer.Argument(
            help="A video, a folder of images, or a file or name of a checkpoint.", metavar="PATH"
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Write it as JSON.")] = False,
) -> None:
    """Say what a video or a checkpoint is."""
    if not path.is_dir() and (
        path.suffix.lower() in _CHECKPOINT_SUFFIXES or _is_shipped(str(path))
    ):
        facts = _checkpoint_facts(path)
    else:
        facts = _video_facts(path)
    if as_json:
        say_json(facts)
        return
    _say_facts(facts)


def _video_facts(path: Path) -> dict[str, object]:
    from napari_mespot.frames import open_frames

    with open_frames(path) as source:
        for text in source.warnings:
            warn(text)
        clock, late = source.clock, source.clock.starts_late_s
        return {
            "video": source.video_id,
            "path": str(path),
            "frames": source.n_frames,
            "fps": str(source.frame_rate),
            "seconds": round(float(clock.second_of(source.n_frames) - late), 3),
            "starts_late_s": round(float(late), 6),
            "variable_rate": not clock.is_even,
            "width": source.width,
            "height": source.height,
            "warnings": list(source.warnings),
        }


def _is_shipped(name: str) -> bool:
    """Whether a shipped checkpoint has this name; asked only for what is no file."""
    if Path(name).exists() or Path(name).name != name:
        return False
    from napari_mespot.network import list_checkpoints

    return name in list_checkpoints()


def _checkpoint_facts(path: Path) -> dict[str, object]:
    from napari_mespot.network import load_checkpoint
    from napari_mespot.network.description import describe

    checkpoint: Checkpoint = load_checkpoint(str(path))
    size = describe(checkpoint.network, checkpoint.align.crop_px)
    return {
        "checkpoint": checkpoint.name,
        "parameters": size.parameters,
        "MACs per frame": size.macs_per_frame,
        "temperature": list(checkpoint.temperature),
        "alignment": checkpoint.align.model_dump(mode="json"),
        "contrast": checkpoint.contrast.model_dump(mode="json"),
        "clips": checkpoint.clips.model_dump(mode="json"),
        "spotting": checkpoint.spotting.model_dump(mode="json"),
        "card": dict(checkpoint.card),
    }


def _say_facts(facts: dict[str, object], indent: str = "") -> None:
    """Write names and values, one to a line; what lies inside is indented."""
    for name, value in facts.items():
        if isinstance(value, dict):
            say(f"{indent}{name}")
            _say_facts(value, indent + "  ")
        elif name == "warnings":
            continue  # written to standard error already
        else:
            say(f"{indent}{name}: {value}")
