"""How the name and the limits of a parameter read in a form. Free of Qt."""

from dataclasses import dataclass
from math import floor, log10
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

__all__ = ["Limits", "label_of", "limits_of", "trouble_of", "unit_of"]

# Longest first: a rate per second is no number of seconds.
_UNITS = {"_per_s": "/s", "_hz": "Hz", "_px": "px", "_deg": "°", "_s": "s"}
_WORDS = {"me": "ME", "mae": "MaE", "ema": "EMA"}
_LARGEST = 1_000_000_000
_SHARE_DECIMALS = 3
# Decimals and step of a spin box.
_OF_UNIT = {"s": (3, 0.01), "Hz": (2, 0.1), "px": (2, 0.1), "°": (1, 0.5), "/s": (3, 0.01)}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a spin box for a number is to allow.

    Parameters
    ----------
    lowest, highest
        Ends of the range, included.
    decimals
        Digits behind the point.
    step
        What one click adds.
    """

    lowest: float
    highest: float
    decimals: int
    step: float

    @property
    def is_share(self) -> bool:
        """Whether the range is that of a share or probability, 0 to 1."""
        edge = 10.0**-self.decimals
        return 0 <= self.lowest <= edge and 1 - edge <= self.highest <= 1


def label_of(name: str) -> str:
    """Return the label of a field, without its unit: ``min_duration_s`` → ``Min duration``."""
    words = name.removesuffix(_suffix(name)).split("_")
    text = " ".join(_WORDS.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


def unit_of(name: str) -> str:
    """Return the unit in the name of a field: ``min_duration_s`` → ``s``; empty if none."""
    return _UNITS.get(_suffix(name), "")


def limits_of(name: str, info: FieldInfo) -> Limits:
    """Return the limits of a field of type int or float."""
    decimals, step = (0, 1) if info.annotation is int else _fineness(name, info)
    edge = 10.0**-decimals
    lowest, highest = float(-_LARGEST), float(_LARGEST)
    for rule in info.metadata:
        lowest = max(lowest, getattr(rule, "ge", lowest), getattr(rule, "gt", lowest - edge) + edge)
        highest = min(
            highest, getattr(rule, "le", highest), getattr(rule, "lt", highest + edge) - edge
        )
    return Limits(lowest, highest, decimals, step)


def trouble_of(error: ValidationError, model: type[BaseModel]) -> str:
    """Say in one line of a form why values do not go together."""
    first = error.errors()[0]
    text = first["msg"].removeprefix("Value error, ").replace("<=", "≤").replace(">=", "≥")
    for name in sorted(_names(model), key=len, reverse=True):
        text = text.replace(name, label_of(name).lower())
    place = [label_of(str(part)) for part in first["loc"]]
    return f"{place[-1]}: {text[:1].lower()}{text[1:]}" if place else text


def _suffix(name: str) -> str:
    return next((suffix for suffix in _UNITS if name.endswith(suffix)), "")


def _fineness(name: str, info: FieldInfo) -> tuple[int, float]:
    """Return decimals and step: by the unit, by the range 0 to 1, or by the default's size."""
    unit = unit_of(name)
    if unit:
        return _OF_UNIT[unit]
    bounds = [getattr(rule, key, None) for rule in info.metadata for key in ("le", "lt")]
    if 1 in bounds:
        return _SHARE_DECIMALS, 0.01
    size: Any = info.default
    if not isinstance(size, int | float) or size <= 0:
        return 3, 0.1
    digits = floor(log10(size))
    return max(1, 2 - digits), 10.0 ** (digits - 1)


def _names(model: type[BaseModel]) -> set[str]:
    """Return the names of all fields, those of nested models too."""
    names = set(model.model_fields)
    for info in model.model_fields.values():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            names |= _names(info.annotation)
    return names
