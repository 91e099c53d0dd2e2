"""Which observations of a BORIS file are read, and who coded them.

One observation that is of no use (a live one, one of other behaviours, a damaged one) never
makes the others unreadable: it is left out, and told. Two observations of one video are two
people's coding of it, in BORIS's own comparison of coders too: where nothing else says who, the
name of the observation does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import check_tiers
from napari_mespot.io.boris_observation import Observation
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import TierReader, listed
from napari_mespot.io.times import ClockFinder
from napari_mespot.model import Annotation, ReviewStatus

__all__ = ["Damaged", "annotations_of"]


@dataclass(frozen=True, slots=True)
class Damaged:
    """In place of an observation that cannot be read.

    Parameters
    ----------
    name
        What it is called.
    error
        What is wrong with it.
    """

    name: str
    error: AnnotationFormatError


def annotations_of(
    path: Path,
    observations: Sequence[Observation | Damaged],
    given: Fraction | ClockFinder | None,
    chosen: str,
    notice: Notice,
) -> tuple[Annotation, ...]:
    """Return the annotations of the observations of a file.

    Parameters
    ----------
    path
        The file, for what is said of it.
    observations
        In order.
    given
        Frames per second in place of what the file says, or what finds the clock of a video.
    chosen
        Name of the only observation to read; empty: all.
    notice
        Is told what was left out and what looks wrong.

    Raises
    ------
    AnnotationFormatError
        If none can be read, or there is no observation of the name `chosen`.
    """
    wanted = [o for o in observations if chosen in {"", o.name}]
    if chosen and not wanted:
        there = listed(o.name for o in observations) or "none"
        raise AnnotationFormatError(f"{path}: expected an observation called {chosen}, got {there}")
    found: list[tuple[str, Annotation]] = []
    failed: dict[str, AnnotationFormatError] = {}
    names = TierReader()
    for observation in wanted:
        try:
            read = _read(observation, path, given, names, notice)
        except AnnotationFormatError as error:
            failed[observation.name] = error
        else:
            found += [(observation.name, annotation) for annotation in read]
    if failed and not found:
        raise _first_of(list(failed.values()))
    check_tiers(path, names, "behaviours", notice)
    for name, reason in failed.items():
        notice(f"{path}: left out the observation {name}: {str(reason).removeprefix(f'{path}: ')}")
    return _with_coders(path, found, notice)


def _read(
    observation: Observation | Damaged,
    path: Path,
    given: Fraction | ClockFinder | None,
    names: TierReader,
    notice: Notice,
) -> list[Annotation]:
    if isinstance(observation, Damaged):
        raise observation.error
    return observation.annotations(path, given, names, notice)


def _first_of(errors: Sequence[AnnotationFormatError]) -> AnnotationFormatError:
    """Return what is said where no observation could be read."""
    if len(errors) == 1:
        return errors[0]
    return AnnotationFormatError(f"{errors[0]} (and {len(errors) - 1} observations more)")


def _with_coders(
    path: Path, found: Sequence[tuple[str, Annotation]], notice: Notice
) -> tuple[Annotation, ...]:
    """Name the coder of what has none, where several observations are of one video."""
    observers: dict[tuple[str, str], set[str]] = {}
    for name, annotation in found:
        observers.setdefault((annotation.video_id, annotation.subject_id), set()).add(name)
    shared = {key: names for key, names in observers.items() if len(names) > 1}
    if shared:
        videos = listed(dict.fromkeys(video for video, _ in shared))
        names = listed(sorted(set().union(*shared.values())))
        notice(
            f"{path}: several observations of {videos} ({names}); their names stand as coders "
            "where no other is given"
        )
    return tuple(
        _with_coder(a, name) if (a.video_id, a.subject_id) in shared else a for name, a in found
    )


def _with_coder(annotation: Annotation, name: str) -> Annotation:
    expressions = (
        e if e.status is ReviewStatus.PREDICTED else replace(e, coder=e.coder or name)
        for e in annotation.expressions
    )
    return replace(annotation, expressions=tuple(expressions))
