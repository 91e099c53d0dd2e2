"""Test sets of the challenges (SAMM Challenge, MEGC): videos without labels."""

import re
from collections.abc import Iterable
from fractions import Fraction

from napari_mespot.io.datasets.dataset import DatasetVideo, LabelProblem
from napari_mespot.io.datasets.frame_numbers import frame_numbers
from napari_mespot.io.datasets.sheet_dataset import Measure, natural
from napari_mespot.io.datasets.survey import Media
from napari_mespot.model import Annotation

__all__ = ["is_challenge", "unlabelled_videos"]

_SAMM = re.compile(r"(\d{3})_\d{1,2}")
_CAS = re.compile(r"sub[_-]?\d{1,3}", re.IGNORECASE)
_SAMM_RATE, _CAS_RATE = Fraction(200), Fraction(30)


def is_challenge(media: Iterable[Media]) -> bool:
    """Whether all videos bear the names that the challenges give them, and there are some."""
    names = [item.name for item in media]
    return bool(names) and all(_SAMM.fullmatch(name) or _CAS.fullmatch(name) for name in names)


def unlabelled_videos(
    media: Iterable[Media], measure: Measure | None, problems: list[LabelProblem]
) -> list[DatasetVideo]:
    """Return the videos of a challenge: ``001_2`` at 200 fps, ``sub01`` at 30 fps.

    Other names are taken too; 30 fps is then said to be a guess.
    """
    best: dict[str, Media] = {}
    for item in sorted(media, key=lambda m: (m.cropped, not m.is_folder, m.path)):
        if item.name in best:
            raw, remedy = str(item.path), f"{best[item.name].path} is taken"
            problems.append(LabelProblem(item.name, None, "a video lies in one place", raw, remedy))
        best.setdefault(item.name, item)
    videos = [_video(item, measure, problems) for item in best.values()]
    return sorted(videos, key=lambda v: natural((v.subject, v.annotation.video_id)))


def _video(item: Media, measure: Measure | None, problems: list[LabelProblem]) -> DatasetVideo:
    samm = _SAMM.fullmatch(item.name)
    if samm is None and _CAS.fullmatch(item.name) is None:
        rule = "names are like 001_2 or sub01"
        problems.append(LabelProblem(item.name, None, rule, item.name, "30 fps is taken"))
    n_frames = None
    if item.is_folder:
        frames = frame_numbers(item.path)
        n_frames = len(frames.numbers)
        problems += frames.problems(item.name, None)
    else:
        measured = None if measure is None else measure(item.path)
        n_frames = None if measured is None else measured[0]
    annotation = Annotation(
        item.name,
        n_frames=n_frames,
        frame_rate=_SAMM_RATE if samm else _CAS_RATE,
        subject_id=samm[1] if samm else item.name,
    )
    return DatasetVideo(item.path, annotation)
