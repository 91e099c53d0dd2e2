"""Any file of annotations in, any format out.

Rejected expressions stay in our own table and go to other tools only when asked for. What a
format cannot hold is told before anything is written.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.assembling import cut_to_length
from napari_mespot.io.formats import (
    AnnotationFormat,
    find_format,
    format_of_content,
    format_of_name,
)
from napari_mespot.io.losses import Losses
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.tiers import listed
from napari_mespot.io.times import ClockFinder, no_clocks
from napari_mespot.io.writing import PlannedFile, planned_file
from napari_mespot.model import Annotation, Clock, ReviewStatus, same_rate

__all__ = ["read_annotations", "write_annotations"]


def read_annotations(  # noqa: PLR0913 - a rate or clocks, and one for each thing to choose
    path: str | Path,
    *,
    format: str | None = None,
    frame_rate: Fraction | None = None,
    n_frames: int | None = None,
    clocks: ClockFinder = no_clocks,
    observation: str = "",
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Read the annotations of one or several videos.

    Parameters
    ----------
    path
        A file of any known format; or a folder, of which all files with the ending of
        `format` are read.
    format
        A name of :data:`FORMATS`; None: found by ending and content.
    frame_rate
        Frames per second, in place of what the file says. Files in seconds that do not say
        it need it.
    n_frames
        Number of frames of each video, in place of what the file says; what lies past the
        end is cut off.
    clocks
        Finds the clock of a video at hand by the name that the file gives it. It turns the
        times of other tools into frames, and says when the frames are shown, unless the file
        is of another frame rate. Not asked where a frame rate is given.
    observation
        Name of the only observation to read of a BORIS file; empty: all. Two observations of
        one video are two annotations, whose coders tell them apart.
    notice
        Called with each line that a person should see: what was left out, what looks wrong.
        Without one these lines are Python warnings of class ``AnnotationWarning``.

    Returns
    -------
    tuple of Annotation
        One per video (and subject).

    Raises
    ------
    AnnotationFormatError
        If the file is damaged, or of no known format, or lacks a frame rate.
    ValueError
        If `format` is no known name.
    """
    path = Path(path)
    files = _files_of(path, format) if path.is_dir() else [path]
    annotations = []
    for file in files:
        known = find_format(format) if format is not None else format_of_content(file)
        annotations += [
            _settled(file, _timed(file, annotation, frame_rate or clocks, notice), n_frames, notice)
            for annotation in _read(known, file, frame_rate or clocks, observation, notice)
        ]
    return tuple(annotations)


def write_annotations(  # noqa: PLR0913 - one for each option of the command
    path: str | Path,
    annotations: Iterable[Annotation],
    *,
    format: str | None = None,
    rejected: bool = False,
    replace: bool = False,
    strict: bool = False,
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Write the annotations of one or several videos, each file all or nothing.

    A file that is there is merged into: intervals of the videos, coders and models that are
    written take the places of those that were there, and everything else stays. It is kept as
    it was beside it (``NAME.bak``).

    Parameters
    ----------
    path
        The file to make or to merge into; its folder must exist. Or an existing folder: each
        video becomes a file of its name there.
    annotations
        One per video.
    format
        A name of :data:`FORMATS`; None: by the ending of `path`.
    rejected
        Whether to write expressions that a person has rejected; our own table always has
        them.
    replace
        Whether to start a file anew that is there, in place of merging into it.
    strict
        Whether it is an error if a file does not hold all that is said.
    notice
        Called with each line that a person should see: what the format could not hold, what
        became of a file that was there.

    Returns
    -------
    tuple of Annotation
        What was written: without those rejected, where these are left out.

    Raises
    ------
    OutputError
        If a file cannot be written or merged into, the format cannot be told from the ending,
        the format needs a frame rate or a length that is unknown, a file for one video is to
        hold several, or a video comes twice; or `strict` and something would be lost. Nothing
        is written then, unless the disk fails.
    ValueError
        If `format` is no known name.
    """
    path, annotations = Path(path), tuple(annotations)
    known = find_format(format) if format is not None else format_of_name(path)
    if not path.is_dir():
        _check_distinct(path, annotations)
    written = annotations
    if known.name != "mespot" and not rejected:
        written = tuple(_without_rejected(a) for a in annotations)
    files = _names(path, written, known, notice) if path.is_dir() else {path: written}
    if known.one_video and any(len(of_file) != 1 for of_file in files.values()):
        raise OutputError(
            f"{path}: expected one video for a file of format {known.name}, got "
            f"{len(annotations)}; name a folder that exists instead"
        )
    plans = [
        planned_file(known, file, of_file, replace=replace, notice=notice)
        for file, of_file in files.items()
    ]
    _tell_losses(path, plans, _n_rejected(annotations) - _n_rejected(written), strict, notice)
    for plan in plans:
        plan.write(notice)
    return written


def _tell_losses(
    path: Path, plans: Sequence[PlannedFile], n_rejected: int, strict: bool, notice: Notice
) -> None:
    """Say in one line what will not be written, or refuse."""
    losses = Losses()
    if n_rejected:
        losses.missing["% rejected row(s)"] = n_rejected
    for plan in plans:
        losses.missing += plan.losses.missing
        losses.changed += plan.losses.changed
    if losses and strict:
        raise OutputError(
            f"{path}: expected a format that holds all (--strict), got one that does not; "
            f"{losses}; write another format, or leave out --strict"
        )
    if losses:
        notice(f"{path}: {losses}")


def _n_rejected(annotations: Iterable[Annotation]) -> int:
    return sum(e.status is ReviewStatus.REJECTED for a in annotations for e in a.expressions)


def _read(
    known: AnnotationFormat,
    file: Path,
    given: Fraction | ClockFinder,
    observation: str,
    notice: Notice,
) -> tuple[Annotation, ...]:
    """Read a file, or one observation of it."""
    if not observation:
        return known.read(file, given, notice)
    if known.read_observation is None:
        raise AnnotationFormatError(
            f"{file}: expected a BORIS file to choose the observation {observation} from, got one "
            f"of format {known.name}; leave the observation away"
        )
    return known.read_observation(file, given, notice, observation)


def _files_of(folder: Path, name: str | None) -> list[Path]:
    """Return the files of a folder that have the ending of a format."""
    if name is None:
        raise AnnotationFormatError(
            f"{folder}: expected a file, got a folder; say which format its files have"
        )
    suffixes = tuple(suffix.lower() for suffix in find_format(name).suffixes)
    files = sorted(p for p in folder.iterdir() if p.name.lower().endswith(suffixes))
    files = [p for p in files if p.is_file() and not p.name.startswith(".")]
    if not files:
        raise AnnotationFormatError(
            f"{folder}: expected files that end in {' or '.join(suffixes)}, got none; "
            "check the path"
        )
    return files


def _settled(
    path: Path,
    annotation: Annotation,
    n_frames: int | None,
    notice: Notice,
) -> Annotation:
    """Return an annotation with the length that the user says in place of what the file says."""
    if n_frames is None:
        return annotation
    bare = dataclasses.replace(annotation, n_frames=None, expressions=())
    return cut_to_length(path, bare, annotation.expressions, n_frames, notice)


def _timed(
    path: Path, annotation: Annotation, given: Fraction | ClockFinder, notice: Notice
) -> Annotation:
    """Return an annotation with the times of the video, or with the rate that the user says."""
    if isinstance(given, Fraction):
        return annotation.with_clock(Clock(given))
    clock = given(annotation.video_id)
    stated = annotation.frame_rate
    if clock is None or (stated is not None and not same_rate(stated, clock.rate)):
        return annotation
    if None not in {clock.n_frames, annotation.n_frames} and clock.n_frames != annotation.n_frames:
        notice(
            f"{path}: {annotation.video_id} has {annotation.n_frames} frames, the video of that "
            f"name {clock.n_frames}: its times were not taken; check that it is the right one"
        )
        return annotation
    return annotation.with_clock(clock)


def _without_rejected(annotation: Annotation) -> Annotation:
    kept = (e for e in annotation.expressions if e.status is not ReviewStatus.REJECTED)
    return dataclasses.replace(annotation, expressions=tuple(kept))


def _check_distinct(path: Path, annotations: Sequence[Annotation]) -> None:
    """See that no video comes twice, as it does where two people coded it in BORIS."""
    for same in _alike(annotations):
        if len(same) > 1:
            coders = listed(dict.fromkeys(e.coder for a in same for e in a.expressions if e.coder))
            by = f" (coders {coders})" if coders else ""
            raise OutputError(
                f"{path}: expected each video once, got {same[0].video_id!r} twice{by}; choose one "
                "observation (--observation), or name a folder that exists: each becomes a file"
            )


def _alike(annotations: Iterable[Annotation]) -> list[list[Annotation]]:
    """Return the annotations, those of one video and subject together."""
    alike: dict[tuple[str, str], list[Annotation]] = {}
    for annotation in annotations:
        alike.setdefault((annotation.video_id, annotation.subject_id), []).append(annotation)
    return list(alike.values())


def _names(
    folder: Path, annotations: Sequence[Annotation], known: AnnotationFormat, notice: Notice
) -> dict[Path, tuple[Annotation, ...]]:
    """Return the file for each video in a folder; no two get one name on any system."""
    files: dict[Path, tuple[Annotation, ...]] = {}
    taken: set[str] = set()
    coded_twice = {id(a) for same in _alike(annotations) for a in same if len(same) > 1}
    has_subjects = len({a.subject_id for a in annotations}) > 1
    for annotation in annotations:
        coders = {e.coder for e in annotation.expressions}
        coder = coders.pop() if id(annotation) in coded_twice and len(coders) == 1 else ""
        subject = annotation.subject_id if has_subjects else ""
        stem = "_".join(filter(None, (subject, annotation.video_id, coder)))
        if Path(stem).name != stem:
            raise OutputError(
                f"{folder}: expected names of videos that can be names of files, got {stem!r}; "
                "write one file instead"
            )
        number, free = 1, stem
        while free.casefold() in taken:
            number += 1
            free = f"{stem}_{number}"
        if free != stem:
            notice(f"{folder}: another video is called {stem!r} too; this one is {free!r}")
        taken.add(free.casefold())
        files[folder / (free + known.suffixes[0])] = (annotation,)
    return files
