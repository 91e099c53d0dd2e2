"""Where a command that learns begins, and its parameters: a recipe, single settings, a seed."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["FromOption", "RecipeOption", "SeedOption", "SettingsOption", "params_of"]

FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Name or file of the checkpoint to begin with.",
        show_default="the one shipped",
    ),
]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter; may be repeated.", metavar="KEY=VALUE"),
]
RecipeOption = Annotated[Path | None, typer.Option(help="Parameters in a TOML file.")]
SeedOption = Annotated[
    int | None, typer.Option(help="Of all random choices.", min=0, show_default="0")
]

_Params = TypeVar("_Params", bound="BaseModel")


def params_of(
    cls: type[_Params], recipe: Path | None, settings: Sequence[str], seed: int | None
) -> _Params:
    """Read parameters; settings come after the recipe, and the seed after both.

    Parameters
    ----------
    cls
        The parameters.
    recipe
        A TOML file.
    settings
        As ``key=value`` or ``outer.key=value``.
    seed
        Put in as ``seed``.

    Raises
    ------
    typer.BadParameter
        If the file cannot be read, or something is not a parameter.
    """
    from pydantic import ValidationError

    from napari_mespot.io.file_bytes import file_bytes

    try:
        values = tomllib.loads(file_bytes(recipe).decode("utf-8")) if recipe else {}
        for text in settings:
            _put(values, text)
        if seed is not None:
            values["seed"] = seed
        return cls.model_validate(values)
    except OSError as error:
        raise typer.BadParameter(f"{recipe}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise typer.BadParameter(f"{where}: {first['msg']}") from None
    except ValueError as error:
        raise typer.BadParameter(f"cannot be read as a recipe: {error}") from None


def _put(values: dict[str, Any], text: str) -> None:
    """Put ``a.b=1`` into nested values; what is no TOML value is a text."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise typer.BadParameter(f"expected KEY=VALUE, got {text!r}")
    *outer, last = key.strip().split(".")
    for name in outer:
        values = values.setdefault(name, {})
        if not isinstance(values, dict):
            raise typer.BadParameter(f"{name} has no parameters in it, got {text!r}")
    try:
        values[last] = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        values[last] = value.strip()
