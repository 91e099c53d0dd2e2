"""One file of annotations: made, read back, compared, and put into its place.

A file that is there is merged into and kept beside as it was. Nothing is written before it is
known what all files of a call will lack.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.backups import keep_backup
from napari_mespot.io.formats import AnnotationFormat
from napari_mespot.io.losses import Losses, find_losses
from napari_mespot.io.merging import GivingWay
from napari_mespot.io.notices import Notice
from napari_mespot.io.seal import is_sealed
from napari_mespot.model import Annotation, Clock, same_video

__all__ = ["PlannedFile", "planned_file"]


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that can be written.

    Parameters
    ----------
    path
        Where.
    content
        What it will hold.
    before
        What it holds now; None if it is not there.
    losses
        What of the annotations it will not hold.
    is_merged
        Whether other content of the file stays.
    """

    path: Path
    content: bytes
    before: bytes | None
    losses: Losses
    is_merged: bool

    def write(self, notice: Notice) -> None:
        """Put it into its place, all or nothing; a file that is there is kept as a backup."""
        if self.content == self.before:
            return
        if self.before:
            backup = keep_backup(self.path, self.before)
            how = "merged into the file that was there" if self.is_merged else "replaced"
            notice(f"{self.path}: {how}; it is kept as it was: {backup.name}")
        with atomic_write(self.path) as file:
            file.write(self.content)


def planned_file(
    known: AnnotationFormat,
    path: Path,
    annotations: Sequence[Annotation],
    *,
    replace: bool,
    notice: Notice,
) -> PlannedFile:
    """Make the content of a file, and find out what it lacks; nothing is written.

    Parameters
    ----------
    known
        Its format.
    path
        Where it will lie, and may lie already.
    annotations
        One per video.
    replace
        Whether to start anew where a file is there, in place of merging into it.
    notice
        Is told what stays in a file beside what is written.

    Raises
    ------
    OutputError
        If the content cannot be made, or cannot be read back.
    """
    before = _content(path)
    is_new = replace or not before or _is_left_over(known, path, before, annotations)
    existing = None if is_new else before
    # What a file lacks is seen on a new one: other people's content is not ours to read.
    alone = known.render(path, annotations, None, notice if existing is None else _silent)
    if existing in {None, alone}:
        content = alone
    else:
        content = known.render(path, annotations, existing, notice)
    losses = _losses(known, path, annotations, alone)
    return PlannedFile(path, content, before, losses, existing is not None)


def _content(path: Path) -> bytes | None:
    if not path.parent.is_dir():
        raise OutputError(
            f"{path}: expected a folder that exists, got: No such file or directory; make it first"
        )
    try:
        return path.read_bytes() if path.is_file() else None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"{path}: expected a file that can be read, to keep what it holds, got: {reason}; "
            "write another file"
        ) from None


def _is_left_over(
    known: AnnotationFormat, path: Path, before: bytes, annotations: Sequence[Annotation]
) -> bool:
    """Whether a file is what we wrote, touched by nobody, and holds no work to be added to.

    That is so if it is about other videos, or about the same ones by the same coders.
    """
    if not is_sealed(before):
        return False
    try:
        there = known.read(path, None, _silent)
    except AnnotationFormatError:
        return False
    pairs = [(a, b) for a in annotations for b in there if same_video(a.video_id, b.video_id)]
    of_same = [b for a, b in pairs if all(map(GivingWay.to(a).includes_expression, b.expressions))]
    return not pairs or len(of_same) == len(there)


def _losses(
    known: AnnotationFormat, path: Path, annotations: Sequence[Annotation], content: bytes
) -> Losses:
    with tempfile.TemporaryDirectory(prefix="mespot-") as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(content)
        try:
            try:
                back, clocks_given = known.read(copy, None, _silent), False
            except AnnotationFormatError:
                back, clocks_given = known.read(copy, _clocks_of(annotations), _silent), True
        except AnnotationFormatError as error:
            reason = str(error).replace(str(copy), path.name)
            raise OutputError(
                f"{path}: expected what {known.name} can hold, got annotations that could not be "
                f"read back ({reason}); write another format"
            ) from None
    return find_losses(annotations, back, known.holds, clocks_given=clocks_given)


def _clocks_of(annotations: Sequence[Annotation]) -> Callable[[str], Clock | None]:
    """Return what finds the clock of a video by its name, or of the only one."""

    def find(name: str) -> Clock | None:
        for annotation in annotations:
            if same_video(annotation.video_id, name) or len(annotations) == 1:
                return annotation.clock
        return None

    return find


def _silent(text: str) -> None:
    """Take what a reader says of a file that nobody has yet."""
