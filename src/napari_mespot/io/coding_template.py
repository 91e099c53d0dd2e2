"""A laboratory's own list of codes, read from TOML.

A template proposes codes, emotions and notes while a person types; it never refuses any.
"""

import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic import model_validator as validates

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.file_bytes import file_bytes
from napari_mespot.model import FacsCode, parse_facs

__all__ = ["CodingTemplate", "TemplateCode", "default_template", "read_coding_template"]

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# What separates two codes in an interval cannot stand in one.
Code = Annotated[str, StringConstraints(pattern=r"^[^\s+,;&]+$")]


class TemplateCode(BaseModel):
    """One code of a template."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Code = Field(description='as it is written into the interval, e.g. "4" or "NOD"')
    label: str = Field("", description="what it means, in a few words")
    key: str = Field("", description="letters that stand for it while one types, e.g. brow")


class CodingTemplate(BaseModel):
    """What a coder can choose from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Words = Field(description="shown above the fields")
    action_units: tuple[TemplateCode, ...] = Field(
        (), description="codes of the laboratory; none: all of FACS"
    )
    emotions: tuple[Words, ...] = Field((), description="proposed emotions")
    notes: tuple[Words, ...] = Field((), description="notes that are often needed")
    require_intensity: bool = Field(
        False, description="remark on action units without intensity A to E"
    )
    coder: str = Field("", description="name put into what is coded, unless another is typed")

    @validates(mode="after")
    def _distinct(self) -> Self:
        for name in ("code", "key"):
            words = [word for entry in self.action_units if (word := getattr(entry, name))]
            twice = sorted({word for word in words if words.count(word) > 1})
            if twice:
                raise ValueError(f"each {name} once, got {', '.join(twice)} more than once")
        return self

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the list; empty where all of FACS is meant."""
        return frozenset(entry.code for entry in self.action_units)

    def read_code(self, text: str) -> FacsCode:
        """Read the action units of one interval, with remarks on what this list does not hold."""
        codes = self.codes
        read = parse_facs(text, wants_intensity=self.require_intensity, own_codes=codes)
        others = [u.text for u in read.units if not {u.text, str(u.number)} & codes]
        if not codes or not others:
            return read
        remark = f"not in the list of {self.name}: {', '.join(dict.fromkeys(others))}"
        return replace(read, remarks=(*read.remarks, remark))


def read_coding_template(path: str | Path) -> CodingTemplate:
    """Read a coding template.

    Parameters
    ----------
    path
        TOML file with the keys of :class:`CodingTemplate`.

    Raises
    ------
    AnnotationFormatError
        If it cannot be read, is no TOML, or has an unknown key or a wrong value.
    """
    path = Path(path)
    try:
        text = file_bytes(path).decode("utf-8-sig")
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise AnnotationFormatError(
            f"{path}: expected a coding template, got {what}; choose a TOML file"
        ) from error
    except UnicodeDecodeError as error:
        raise AnnotationFormatError(
            f"{path}: expected a coding template in UTF-8, got other bytes; save it as UTF-8"
        ) from error
    return _parsed(text, str(path))


def default_template() -> CodingTemplate:
    """Return the template that comes with the package: all of FACS."""
    file = files("napari_mespot.io").joinpath("coding_template.toml")
    return _parsed(file.read_text(encoding="utf-8"), str(file))


def _parsed(text: str, name: str) -> CodingTemplate:
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnnotationFormatError(
            f"{name}: expected TOML, got {error}; correct that line"
        ) from None
    try:
        return CodingTemplate.model_validate(values)
    except ValidationError as error:
        raise AnnotationFormatError(f"{name}: {_first_mistake(error)}") from None


def _first_mistake(error: ValidationError) -> str:
    """Say in one line where the first mistake is, and what to do."""
    mistake = error.errors(include_url=False)[0]
    where = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in mistake["loc"])
    where = where.lstrip(".") or "the template"
    if mistake["type"] == "extra_forbidden":
        return f"expected a key of a coding template, got {where}; correct or remove it"
    if mistake["type"] == "missing":
        return f"expected the key {where}, got none; add it"
    if mistake["type"] == "string_pattern_mismatch":
        return (
            f"expected {where} without blanks and without + , ; &, got {mistake['input']!r}; "
            "write it as one word"
        )
    text = mistake["msg"].removeprefix("Value error, ")
    if mistake["type"] == "value_error":
        return f"expected {text}; remove the copies"
    return f"{where}: {text}, got {mistake['input']!r}; correct it"
