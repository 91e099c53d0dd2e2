"""Recognise a data set by what lies in a folder, and read it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.datasets.cas_me2 import CAS_ME2
from napari_mespot.io.datasets.cas_me3 import CAS_ME3
from napari_mespot.io.datasets.dataset import (
    DatasetKind,
    LabelProblem,
    MissingOffset,
    SpottingDataset,
)
from napari_mespot.io.datasets.labels import DatasetLabels
from napari_mespot.io.datasets.plain import plain_videos, read_tables
from napari_mespot.io.datasets.raw_label import SheetLabels, SheetLayout
from napari_mespot.io.datasets.samm_lv import SAMM_LV
from napari_mespot.io.datasets.sheet_dataset import (
    Measure,
    SheetReading,
    by_video,
    chosen_media,
    labelled_video,
    labelled_videos,
    natural,
)
from napari_mespot.io.datasets.smic_e_long import SMIC_E_LONG
from napari_mespot.io.datasets.survey import Media, Survey, surveyed
from napari_mespot.io.datasets.unlabelled import is_challenge, unlabelled_videos
from napari_mespot.io.datasets.workbook import read_workbook
from napari_mespot.model import Annotation

__all__ = ["read_dataset", "read_labels"]

_LAYOUTS: tuple[SheetLayout, ...] = (SAMM_LV, CAS_ME2, CAS_ME3, SMIC_E_LONG)
_NAMES = {DatasetKind.SAMM_CHALLENGE: "SAMM Challenge", DatasetKind.PLAIN: "plain folder"}


@dataclass(frozen=True, slots=True)
class _FoundSheet:
    """A label sheet and what it is of."""

    path: Path
    layout: SheetLayout
    labels: SheetLabels


def read_dataset(
    folder: Path,
    kind: DatasetKind | None = None,
    *,
    missing_offset: MissingOffset = "mirror",
    frames: Path | None = None,
    measure: Measure | None = None,
) -> SpottingDataset:
    """Read the videos of a data set with their labels.

    Parameters
    ----------
    folder
        Where label sheet and frames lie, in folders of it if need be; or the sheet itself.
    kind
        Which data set it is; None: found by what lies there.
    missing_offset
        What to take for an offset that the sheet leaves out: ``"mirror"`` is
        ``2 * apex - onset``; ``"drop"`` leaves such rows out.
    frames
        Where the frames lie, if not in `folder`.
    measure
        Returns number of frames and frame rate of a video file, or None if it cannot be read;
        such a file is left out. Without it the length of video
        files that no table states stays unknown, and none of their frames counts as reviewed.

    Returns
    -------
    SpottingDataset
        The videos whose frames are there. Whatever was odd is among its `problems`.

    Raises
    ------
    AnnotationFormatError
        If nothing that can be read lies there, or more than one data set.
    """
    folder = Path(folder)
    survey = _survey_of(folder)
    media = survey.media if frames is None else surveyed(Path(frames)).media
    problems: list[LabelProblem] = []
    if measure is not None:
        measure = cache(measure)
        media = _readable(media, measure, problems)
    sheet = _sheet(folder, survey, kind, problems)
    if sheet is not None:
        reading = SheetReading(
            sheet.layout, sheet.layout.frame_rate(sheet.path), missing_offset, measure
        )
        problems += sheet.labels.problems
        chosen = chosen_media(sheet.layout, media, sheet.path.parent, problems)
        videos = labelled_videos(reading, sheet.labels, chosen, problems)
        return SpottingDataset(sheet.layout.name, sheet.layout.kind, tuple(videos), tuple(problems))
    kind = kind or _kind_without_sheet(folder, survey)
    if kind is DatasetKind.SAMM_CHALLENGE:
        videos = unlabelled_videos(media, measure, problems)
    else:
        videos = plain_videos(Survey(media, (), survey.tables), measure, problems)
    if not videos:
        raise _nothing_found(folder, kind)
    return SpottingDataset(_NAMES[kind], kind, tuple(videos), tuple(problems))


def _readable(
    media: tuple[Media, ...], measure: Measure, problems: list[LabelProblem]
) -> tuple[Media, ...]:
    """Leave out video files that cannot be read."""
    kept = []
    for item in media:
        if item.is_folder or measure(item.path) is not None:
            kept.append(item)
            continue
        rule, raw = "the video can be read", str(item.path)
        problems.append(LabelProblem(item.name, None, rule, raw, "it is left out"))
    return tuple(kept)


def read_labels(
    folder: Path,
    kind: DatasetKind | None = None,
    *,
    missing_offset: MissingOffset = "mirror",
) -> DatasetLabels:
    """Read the labels of a data set alone, whether or not its frames are there.

    Parameters
    ----------
    folder
        Where the label sheet lies, or the sheet itself.
    kind, missing_offset
        As for :func:`read_dataset`.

    Returns
    -------
    DatasetLabels
        One annotation per video that has a row, as if no frame were missing; the length of the
        videos is unknown.

    Raises
    ------
    AnnotationFormatError
        If no labels that can be read lie there, or more than one data set.
    """
    folder = Path(folder)
    survey = _survey_of(folder)
    problems: list[LabelProblem] = []
    sheet = _sheet(folder, survey, kind, problems)
    if sheet is None:
        kind = kind or _kind_without_sheet(folder, survey)
        tables = {} if kind is DatasetKind.SAMM_CHALLENGE else read_tables(survey.tables, problems)
        said = tuple(entry.annotation for entries in tables.values() for entry in entries)
        said = tuple(sorted(said, key=lambda a: natural((a.subject_id, a.video_id))))
        return DatasetLabels(_NAMES[kind], kind, said, tuple(problems))
    problems += sheet.labels.problems
    layout, annotations, non_expressions = sheet.layout, [], 0
    for (subject, name), rows in by_video(sheet.labels.labels).items():
        video = labelled_video(rows, None, missing_offset, layout.name, problems)
        non_expressions += len(video.non_expressions)
        annotations.append(
            Annotation(
                name,
                frame_rate=layout.frame_rate(sheet.path),
                expressions=tuple(video.expressions),
                subject_id=subject,
            )
        )
    return DatasetLabels(
        layout.name, layout.kind, tuple(annotations), tuple(problems), non_expressions
    )


def _survey_of(folder: Path) -> Survey:
    if folder.is_file():
        beside = surveyed(folder.parent)
        return Survey(beside.media, (folder,), ())
    return surveyed(folder)


def _sheet(
    folder: Path, survey: Survey, kind: DatasetKind | None, problems: list[LabelProblem]
) -> _FoundSheet | None:
    """Find the label sheet; None if the data set is of a kind that has none.

    Raises
    ------
    AnnotationFormatError
        If there is none of the wanted kind, or several data sets have one.
    """
    layouts = [layout for layout in _LAYOUTS if kind in {None, layout.kind}]
    found = list(_found(survey.workbooks, layouts, problems)) if layouts else []
    if not found:
        if kind is not None and layouts:
            raise _nothing_found(folder, kind)
        return None
    if len({sheet.layout.kind for sheet in found}) > 1:
        names = ", ".join(sorted({sheet.layout.kind.value for sheet in found}))
        raise AnnotationFormatError(
            f"{folder}: expected one data set, got sheets of {names}; say which one is meant"
        )
    found.sort(key=lambda sheet: natural((sheet.path.name, str(sheet.path))))
    if len(found) > 1:
        names = ", ".join(sheet.path.name for sheet in found)
        remedy = f"the last, {found[-1].path.name}, is taken"
        problems.append(LabelProblem(str(folder), None, "there is one label sheet", names, remedy))
    return found[-1]


def _found(
    paths: Iterable[Path], layouts: list[SheetLayout], problems: list[LabelProblem]
) -> Iterable[_FoundSheet]:
    for path in paths:
        try:
            sheets = read_workbook(path)
        except AnnotationFormatError as error:
            problems.append(
                LabelProblem(path.name, None, "sheets can be read", str(error), "it is left out")
            )
            continue
        for layout in layouts:
            labels = layout.read(sheets)
            if labels is not None:
                yield _FoundSheet(path, layout, labels)
                break


def _kind_without_sheet(folder: Path, survey: Survey) -> DatasetKind:
    if is_challenge(survey.media) and not survey.tables:
        return DatasetKind.SAMM_CHALLENGE
    if survey.media or survey.tables:
        return DatasetKind.PLAIN
    raise _nothing_found(folder, None)


def _nothing_found(folder: Path, kind: DatasetKind | None) -> AnnotationFormatError:
    layouts = {layout.kind: layout.looked_for for layout in _LAYOUTS}
    if kind in layouts:
        return AnnotationFormatError(
            f"{folder}: expected {kind} ({layouts[kind]}), got no such sheet; check the path"
        )
    return AnnotationFormatError(
        f"{folder}: expected a data set, got neither a label sheet of SAMM-LV, CAS(ME)², CAS(ME)³ "
        "or SMIC-E-long, nor folders of frames, videos or tables of intervals; check the path"
    )
