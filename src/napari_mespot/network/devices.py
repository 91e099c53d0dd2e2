"""Where the network runs."""

import torch

from napari_mespot.errors import CheckpointError

__all__ = ["choose_device", "list_devices"]

_NAMES = ("auto", "cpu", "cuda", "mps")


def list_devices() -> tuple[str, ...]:
    """Return the names of the devices that PyTorch can use here, the fastest first."""
    there = _counts()
    names = [f"cuda:{number}" for number in range(there["cuda"])] if there["cuda"] > 1 else []
    if there["cuda"] == 1:
        names.append("cuda")
    return (*names, *(kind for kind in ("mps", "cpu") if there[kind]))


def choose_device(name: str) -> torch.device:
    """Return the device of that name, ``"auto"`` being the fastest there is.

    Parameters
    ----------
    name
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, … or ``"mps"``.

    Raises
    ------
    CheckpointError
        If the device is unknown or not there: the network cannot be used on it.
    """
    there = _counts()
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if there[kind]))
    kind, _, number = name.partition(":")
    if kind not in there or (number and not number.isdecimal()):
        raise CheckpointError(
            f"Unknown device {name!r}: expected one of {', '.join(_NAMES)}, or cuda:NUMBER"
        )
    if int(number or 0) >= there[kind]:
        usable = ", ".join(kind for kind, count in there.items() if count)
        raise CheckpointError(
            f"The device {name!r} is not available to PyTorch on this computer: use one of "
            f"auto, {usable}"
        )
    return torch.device(name)


def _counts() -> dict[str, int]:
    """Return how many devices of each kind are there."""
    return {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }
