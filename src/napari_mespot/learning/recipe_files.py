"""Recipes as files: found by name, changed by assignments, checked with one line for the user."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from napari_mespot.errors import RecipeError
from napari_mespot.io.file_bytes import file_bytes
from napari_mespot.learning.recipe import DatasetRecipe, SubmissionRecipe, SyntheticRecipe

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["find_recipe", "load_recipe", "recipe_names"]

AnyRecipe = DatasetRecipe | SubmissionRecipe | SyntheticRecipe
_Recipe = TypeVar("_Recipe", bound=BaseModel)
_SUFFIX = ".toml"


def recipe_names() -> tuple[str, ...]:
    """Return the names of the recipes that come with the program."""
    return tuple(sorted(path.stem for folder in _folders() for path in folder.glob("*" + _SUFFIX)))


def find_recipe(name: str) -> Path:
    """Return the file of a recipe.

    Parameters
    ----------
    name
        A path, or the name of a recipe that comes with the program.

    Raises
    ------
    RecipeError
        If there is none.
    """
    path = Path(name)
    if path.suffix == _SUFFIX or path.is_file():
        if path.is_file():
            return path
        raise RecipeError(f"{path}: expected a recipe, got no such file; check the path")
    for folder in _folders():
        if (folder / f"{name}{_SUFFIX}").is_file():
            return folder / f"{name}{_SUFFIX}"
    raise RecipeError(
        f"expected a TOML file or one of {', '.join(recipe_names())}, got {name!r}; "
        "check the name of the recipe"
    )


def load_recipe(name: str, changes: Iterable[str] = ()) -> AnyRecipe:
    """Read a recipe, with some of its values changed.

    A file with ``[data]`` is a :class:`DatasetRecipe`, one with ``[[networks]]`` a
    :class:`SubmissionRecipe`, any other a :class:`SyntheticRecipe`.

    Parameters
    ----------
    name
        As for :func:`find_recipe`.
    changes
        Assignments such as ``training.steps=60``, the value as in TOML; a bare word is a text.

    Raises
    ------
    RecipeError
        If it cannot be found or read, or a key or a value is not allowed.
    """
    path = find_recipe(name)
    try:
        values = tomllib.loads(file_bytes(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecipeError(f"{path}: expected a recipe in TOML, got: {error}; correct it") from None
    if "name" not in values:
        raise RecipeError(
            f"{path}: expected a recipe of a network, with a name, got one without; "
            "it may be meant for mespot retrain --recipe"
        )
    kind: type[AnyRecipe] = SyntheticRecipe
    if "data" in values:
        kind = DatasetRecipe
    elif "networks" in values:
        kind = SubmissionRecipe
    recipe = _validated(kind, values, path)
    changed = recipe.model_dump(mode="json")
    for change in changes:
        _assign(changed, change)
    return _validated(kind, changed, path)


def _folders() -> tuple[Path, ...]:
    """Return where recipes lie: in the installed package, or in a checkout."""
    package = Path(str(resources.files("napari_mespot")))
    folders = (package / "learning" / "recipes", package.parents[1] / "training" / "recipes")
    return tuple(folder for folder in folders if folder.is_dir())[:1]


def _assign(values: dict[str, Any], change: str) -> None:
    """Carry out ``table.key=value``."""
    key, sign, text = change.partition("=")
    names = [name.strip() for name in key.split(".")]
    if not sign or not all(names):
        raise RecipeError(
            f"expected KEY=VALUE such as training.steps=500, got {change!r}; correct --set"
        )
    table = values
    for name in names[:-1]:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            raise RecipeError(f"expected a table of the recipe, got {name!r} in {change!r}")
        table = inner
    table[names[-1]] = _value(text.strip())


def _value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def _validated(kind: type[_Recipe], values: Mapping[str, Any], path: Path) -> _Recipe:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise RecipeError(f"{path}: {_complaint(kind, first)}") from None


def _complaint(kind: type[BaseModel], error: "ErrorDetails") -> str:
    """Say in one line what a recipe should hold, what it holds, and what to do."""
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        known = _keys_beside(kind, error["loc"])
        near = get_close_matches(str(error["loc"][-1]), known, n=1)
        advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
        return f"expected a key of a recipe, got {place}; {advice} Correct it, or --set"
    said = error["msg"].removeprefix("Value error, ")
    # Of a rule on several keys the input is the whole table, which helps nobody.
    came = "" if isinstance(error["input"], Mapping) else f", got {str(error['input'])[:60]!r}"
    where = f"at {place}: " if place else ""
    return f"{where}{said}{came}; correct it, or what --set says of it"


def _keys_beside(kind: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """Return the keys that are known in the table where one is unknown."""
    table: type[BaseModel] = kind
    for name in place[:-1]:
        field = table.model_fields.get(str(name))
        inner = None if field is None else field.annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        table = inner
    return sorted(table.model_fields)
