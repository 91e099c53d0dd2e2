"""What the commands say, and where: results to standard output, the rest to standard error."""

import errno
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer

from napari_mespot.errors import OutputError
from napari_mespot.progress import Progress

__all__ = ["fail", "progress_bar", "say", "say_json", "table", "warn"]


def say(text: str = "") -> None:
    """Write a line of the result.

    Raises
    ------
    OutputError
        If standard output leads to a full disk.
    """
    try:
        typer.echo(text)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # nobody reads on, as in a pipe into ``head``; the program ends quietly
        # Python would write the rest of the buffer at its end, and complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(
            f"standard output: expected to write the results there, got: {error.strerror}; "
            "send them elsewhere"
        ) from None


def say_json(document: Mapping[str, object]) -> None:
    """Write the result as one JSON document. A figure that is undefined is null."""
    say(json.dumps(_without_nan(document), indent=2, allow_nan=False))


def warn(text: str) -> None:
    """Write a line that the user should know of."""
    typer.echo(f"warning: {one_line(text)}", err=True)


def fail(text: str) -> None:
    """Write the line that says what went wrong."""
    typer.echo(f"error: {one_line(text)}", err=True)


def one_line(text: str) -> str:
    """Return `text` without line breaks."""
    return " ".join(text.split())


def table(rows: Iterable[Sequence[str]], *, left: Collection[int] = (0,)) -> list[str]:
    """Return lines with the cells in columns: those of `left` to the left, others to the right."""
    rows = [list(row) for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


@contextmanager
def progress_bar(unit: str = "frames") -> Iterator[Callable[[str, Progress], None] | None]:
    """Show a progress bar while the block runs, if standard error is a terminal.

    Parameters
    ----------
    unit
        What is counted.

    Yields
    ------
    callable or None
        Called with a name and its progress; None if there is nobody to see it.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{unit}, left:"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(name: str, progress: Progress) -> None:
            description = escape(one_line(f"{name}: {progress.stage}"))
            bar.update(task, description=description, completed=progress.done, total=progress.total)

        yield show


def _without_nan(value: object) -> object:
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, Mapping):
        return {str(key): _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value
