"""From what was read in another tool's file to an annotation.

The last steps are the same for all of them: say which rows were not understood, cut off what
lies past the end of the video, and put it together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.file_bytes import file_bytes
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import TierReader, listed
from napari_mespot.model import Annotation, Expression, exact_rate, is_video_file, same_video
from napari_mespot.model.bounds import frame_rate_of

__all__ = [
    "check_tiers",
    "cut_to_length",
    "media_beside",
    "read_bytes",
    "say_gaps",
    "stated_rate",
    "with_expressions",
]


def read_bytes(path: Path, what: str) -> bytes:
    """Return the content of a file.

    Raises
    ------
    AnnotationFormatError
        If it cannot be read.
    """
    try:
        return file_bytes(path)
    except FileNotFoundError:
        raise AnnotationFormatError(
            f"{path}: expected {what}, got no such file; check the path"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AnnotationFormatError(
            f"{path}: expected {what}, got: {reason}; check the path"
        ) from None


def media_beside(path: Path, video_id: str) -> str:
    """Return the file name of the video that lies in the folder of `path`; empty if none does."""
    try:
        files = sorted(p.name for p in path.parent.iterdir() if is_video_file(p) and p.is_file())
    except (OSError, ValueError):
        return ""
    alike = [name for name in files if same_video(name, video_id)]
    return min(alike, key=lambda name: (not name.lower().endswith(".mp4"), name), default="")


def check_tiers(path: Path, reader: TierReader, what: str, notice: Notice) -> None:
    """Say which tiers (or behaviours, or columns) were left out.

    Raises
    ------
    AnnotationFormatError
        If none of them was one of ours, though there were some.
    """
    if reader.ignored and not reader.n_tiers:
        raise AnnotationFormatError(
            f"{path}: expected {what} named ME or MaE, got {listed(reader.ignored)}; rename them"
        )
    if reader.guessed:
        read = listed(f"{name} as {tier}" for name, tier in reader.guessed.items())
        notice(f"{path}: {what} read by what their names or texts say: {read}")
    if reader.ignored:
        notice(f"{path}: left out the {what} {listed(reader.ignored)}: not named ME or MaE")


def say_gaps(path: Path, gaps: Mapping[str, int], notice: Notice) -> None:
    """Say how many intervals were taken for gaps, by their texts."""
    if gaps:
        words = listed(f"{word!r} {n}" for word, n in gaps.items())
        notice(f"{path}: intervals taken for gaps by their texts: {words}")


def with_expressions(
    path: Path, video: Annotation, reader: TierReader, notice: Notice
) -> Annotation:
    """Return `video` with the expressions that were read, cut to its length."""
    expressions, n_lone, n_numbers = reader.expressions()
    if n_lone:
        notice(f"{path}: apexes left out, as they lie in no expression without one: {n_lone}")
    if n_numbers:
        notice(
            f"{path}: texts that are only a number were kept as notes: {n_numbers}; where they are "
            "action units, write AU12"
        )
    return cut_to_length(path, video, expressions, video.n_frames, notice)


@dataclass
class _Cut:
    """Cuts intervals at the end of a video, and counts what it did."""

    n_frames: int
    n_cut: int = 0
    n_dropped: int = 0
    kept: list[Expression] = field(default_factory=list)

    def add(self, expression: Expression) -> None:
        interval = expression.interval.clipped(self.n_frames)
        if interval is None:
            self.n_dropped += 1
            return
        self.n_cut += interval != expression.interval
        apex = expression.apex
        apex = apex if apex is not None and apex in interval else None
        self.kept.append(replace(expression, interval=interval, apex=apex))


def cut_to_length(
    path: Path,
    video: Annotation,
    expressions: Iterable[Expression],
    n_frames: int | None,
    notice: Notice,
) -> Annotation:
    """Return `video` with `expressions` and `n_frames`; what lies past the end is cut off."""
    if n_frames is None:
        return replace(video, expressions=tuple(expressions))
    cut = _Cut(n_frames)
    for expression in expressions:
        cut.add(expression)
    if cut.n_cut or cut.n_dropped:
        notice(
            f"{path}: {video.video_id} has {n_frames} frames; expressions cut at its end: "
            f"{cut.n_cut}, left out behind it: {cut.n_dropped}"
        )
    reviewed = [r.clipped(n_frames) for r in video.reviewed]
    return replace(
        video,
        n_frames=n_frames,
        expressions=tuple(cut.kept),
        reviewed=tuple(r for r in reviewed if r is not None),
    )


def stated_rate(value: object) -> Fraction | None:
    """Return a frame rate that a tool wrote as a decimal; None if it is no rate.

    Such decimals are rounded: 29.97 and 29.97003 stand for 30000/1001.
    """
    try:
        rate = frame_rate_of(str(value).strip().replace(",", ".")).limit_denominator(1001)
    except ValueError:
        return None
    return exact_rate(rate) if rate > 0 else None
