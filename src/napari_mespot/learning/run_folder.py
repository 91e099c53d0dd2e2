"""The folder of a training run: what lies there is gone on with only if it is of the same run."""

from pathlib import Path

from napari_mespot.errors import OutputError
from napari_mespot.io import atomic_write

__all__ = ["RUN_FILES", "begin_run"]

#: What a run leaves and goes on from.
RUN_FILES = ("state.pt", "log.csv", "validation.csv")
_MARK = "run.txt"


def begin_run(folder: Path, identity: str) -> None:
    """Make the folder of a run; what another run has left there is put aside.

    Parameters
    ----------
    folder
        Where the run keeps its state and logs.
    identity
        A digest of all that decides the weights: recipe and data. Files of a run with another
        one, or that does not say, go into ``earlier-1``, ``earlier-2`` … inside the folder.

    Raises
    ------
    OutputError
        If the folder cannot be written to.
    """
    mark = folder / _MARK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if mark.is_file() and mark.read_text(encoding="utf-8", errors="replace") == identity:
            return
        _put_aside(folder)
    except OSError as error:
        raise OutputError(
            f"{folder}: expected a folder for the training, got: {error.strerror}; choose another"
        ) from error
    with atomic_write(mark) as file:
        file.write(identity.encode())


def _put_aside(folder: Path) -> None:
    left = [folder / name for name in RUN_FILES if (folder / name).exists()]
    if not left:
        return
    number = 1
    while (folder / f"earlier-{number}").exists():
        number += 1
    (folder / f"earlier-{number}").mkdir()
    for path in left:
        path.rename(folder / f"earlier-{number}" / path.name)
