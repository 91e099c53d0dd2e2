"""The two sides of each video, brought together: labels and predictions of one video."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.model import Annotation, VideoNames, same_rate, same_video, without_ending

__all__ = ["pair_videos", "unmatched_videos"]

_Pairs = list[tuple[Annotation | None, Annotation | None]]


def pair_videos(
    references: Sequence[Annotation], hypotheses: Sequence[Annotation]
) -> list[tuple[Annotation, Annotation]]:
    """Bring the two sides of each video together; a missing side is an empty annotation.

    Videos are the same if their names stand for the same video, see
    :func:`~napari_mespot.model.same_video`. Where a name is used for several subjects, the
    subjects must be the same too.

    Raises
    ------
    AnnotationFormatError
        If a video comes twice on one side, or the two sides of a video state frame rates that
        are not the same: their frames cannot be compared.
    """
    pairs = [
        (one or _without_expressions(other), other or _without_expressions(one))
        for one, other in _paired(references, hypotheses)
    ]
    for reference, hypothesis in pairs:
        _check_rates(reference, hypothesis)
    return pairs


def unmatched_videos(
    references: Sequence[Annotation], hypotheses: Sequence[Annotation]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the videos without predictions, and of those without labels."""
    pairs = _paired(references, hypotheses)
    return (
        tuple(_shown(one) for one, other in pairs if one is not None and other is None),
        tuple(_shown(other) for one, other in pairs if other is not None and one is None),
    )


def _paired(references: Sequence[Annotation], hypotheses: Sequence[Annotation]) -> _Pairs:
    several = _names_of_several(references) | _names_of_several(hypotheses)

    def subject(annotation: Annotation) -> str:
        return annotation.subject_id if without_ending(annotation.video_id) in several else ""

    for side, word in ((references, "reference"), (hypotheses, "hypothesis")):
        _check_once(side, word, subject)
    free: dict[str, dict[str, Annotation]] = {}
    for annotation in hypotheses:
        free.setdefault(subject(annotation), {})[annotation.video_id] = annotation
    names = {key: VideoNames(of_subject) for key, of_subject in free.items()}
    back = {key: VideoNames(a.video_id for a in references if subject(a) == key) for key in names}
    pairs: _Pairs = []
    for reference in references:
        key = subject(reference)
        name = names[key].find(reference.video_id) if key in names else None
        # Two names of the labels that fit one name of the predictions fit neither.
        mutual = name is not None and back[key].find(name) == reference.video_id
        pairs.append((reference, free[key].pop(name) if name is not None and mutual else None))
    return pairs + [(None, rest) for of_subject in free.values() for rest in of_subject.values()]


def _check_once(
    side: Sequence[Annotation], word: str, subject: Callable[[Annotation], str]
) -> None:
    known: dict[tuple[str, str], list[str]] = {}
    for annotation in side:
        key = (without_ending(annotation.video_id), subject(annotation))
        known.setdefault(key, []).append(annotation.video_id)
    for names in known.values():
        for number, name in enumerate(names):
            twins = [n for n in names[number + 1 :] if same_video(n, name)]
            if twins:
                also = "".join(f" (also as {n!r})" for n in dict.fromkeys(twins) if n != name)
                raise AnnotationFormatError(
                    f"expected each video once in the {word}, got {name!r} {1 + len(twins)} times"
                    f"{also}; keep one, or give each its own subject"
                )


def _check_rates(reference: Annotation, hypothesis: Annotation) -> None:
    one, other = reference.frame_rate, hypothesis.frame_rate
    if one is not None and other is not None and not same_rate(one, other):
        raise AnnotationFormatError(
            f"{reference.video_id}: expected labels and predictions at one frame rate (fps), got "
            f"labels at {float(one):.7g} and predictions at {float(other):.7g} frames per second; "
            "take labels and predictions of the same file of the video, or correct the rate"
        )


def _names_of_several(annotations: Iterable[Annotation]) -> set[str]:
    """Return the video names that one side uses for several subjects."""
    subjects: dict[str, set[str]] = {}
    for annotation in annotations:
        subjects.setdefault(without_ending(annotation.video_id), set()).add(annotation.subject_id)
    return {name for name, of_name in subjects.items() if len(of_name) > 1}


def _shown(annotation: Annotation | None) -> str:
    if annotation is None:
        return ""
    return "/".join(filter(None, (annotation.subject_id, annotation.video_id)))


def _without_expressions(annotation: Annotation | None) -> Annotation:
    if annotation is None:
        raise ValueError("Expected at least one side of a video, got none")
    return replace(annotation, expressions=(), reviewed=())
