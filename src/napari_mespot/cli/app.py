"""The program ``mespot``: its commands, and what it exits with."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated

import typer

from napari_mespot.cli.adapt import adapt
from napari_mespot.cli.bench_spotting import bench_spotting
from napari_mespot.cli.checkpoints import checkpoints
from napari_mespot.cli.console import fail, say
from napari_mespot.cli.convert import convert
from napari_mespot.cli.dataset import dataset_app
from napari_mespot.cli.demo import demo
from napari_mespot.cli.doctor import doctor
from napari_mespot.cli.evaluate import evaluate
from napari_mespot.cli.info import info
from napari_mespot.cli.loso import loso
from napari_mespot.cli.next_review import next_review
from napari_mespot.cli.retrain import retrain
from napari_mespot.cli.review import review
from napari_mespot.cli.spot import spot
from napari_mespot.cli.submit import submit
from napari_mespot.cli.train import train
from napari_mespot.errors import MespotError
from napari_mespot.progress import Cancelled

__all__ = ["app", "main"]

_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130
# The base of all complaints about the command line; typer does not export it by name.
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(spot)
app.command()(review)
app.command("next")(next_review)
app.command()(info)
app.command()(evaluate)
app.command()(convert)
app.command("bench-spotting")(bench_spotting)
app.command()(train)
app.command()(loso)
app.command()(submit)
app.command()(retrain)
app.command()(adapt)
app.command()(checkpoints)
app.command()(demo)
app.command()(doctor)
app.add_typer(dataset_app, name="dataset")


@app.callback(invoke_without_command=True)
def mespot(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)
    ] = False,
) -> None:
    """Spot micro- and macro-expressions in long face videos."""
    if version:
        from napari_mespot import __version__

        typer.echo(f"mespot {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        # With rich the help is written at once, and what comes back is empty.
        say(context.get_help())
        raise typer.Exit(_USAGE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    arguments
        Those of the command line; None: those this process was started with.

    Returns
    -------
    int
        0 if all went well, 1 for a situation the user can mend, 2 for a command line that
        cannot be understood, 130 if the user interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A file name may hold bytes that are no text; showing it must not end the program.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(args=arguments, prog_name="mespot", standalone_mode=False)
        if code == _INTERRUPTED:
            raise KeyboardInterrupt  # typer has turned it into a number
    except MespotError as error:
        fail(str(error))
        return _FAILED
    except _USAGE_ERROR as error:
        fail(_usage_text(error))
        return _USAGE
    except (KeyboardInterrupt, Cancelled, typer.Abort):
        fail("interrupted")
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


def _usage_text(error: Exception) -> str:
    """Return what is wrong with the command line, and where to read how it should be."""
    message = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "mespot"
    return f"{message} (see {command} --help)"
