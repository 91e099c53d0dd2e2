"""What the commands say, and where: results to standard output, the rest to standard error."""

import errno
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic

import typer

from napari_mespot.errors import OutputError
from napari_mespot.progress import Progress

__all__ = ["ProgressLines", "fail", "progress_bar", "say", "say_json", "table", "warn"]


def say(text: str = "") -> None:
    """Write a line of the result.

    Raises
    ------
    OutputError
        If standard output leads to a full disk.
    """
    try:
        typer.echo("\n".join(map(plain, text.split("\n"))))
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
    return plain(" ".join(text.split()))


def plain(text: str) -> str:
    """Return a line whose characters show themselves: a terminal obeys control codes.

    They can come from the name of a file. Tabs are kept.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


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


class ProgressLines:
    """Progress as lines of text, for a log file: one now and then, and one for each stage.

    Parameters
    ----------
    stages
        Whether a line is written whenever another stage begins.
    every_s
        Seconds from one line to the next while a stage lasts; infinity for none.
    clock
        Returns seconds.
    """

    def __init__(
        self,
        *,
        stages: bool,
        every_s: float = 30.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._stages, self._every_s, self._clock = stages, every_s, clock
        self._last_stage: tuple[str, str] | None = None
        self._due_s = clock() + every_s

    def __call__(self, name: str, progress: Progress) -> None:
        """Write a line if it is time for one."""
        stage = (name, progress.stage)
        begins = self._stages and stage != self._last_stage
        self._last_stage = stage
        now = self._clock()
        if begins or now >= self._due_s:
            self._due_s = now + self._every_s
            text = f"{name}: {progress.stage}: {progress.done} of {progress.total}"
            typer.echo(one_line(text), err=True)


@contextmanager
def progress_bar(
    unit: str = "frames", *, stages: bool = True, every_s: float = 30.0
) -> Iterator[Callable[[str, Progress], None]]:
    """Show progress while the block runs: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    unit
        What is counted.
    stages
        Whether, without a terminal, each stage has a line.
    every_s
        Seconds from one line to the next without a terminal; infinity for none.

    Yields
    ------
    callable
        Called with a name and its progress.
    """
    if not sys.stderr.isatty():
        yield ProgressLines(stages=stages, every_s=every_s)
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
