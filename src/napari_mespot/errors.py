"""The situations a user can cause, and nothing else.

A programmer's mistake raises a built-in exception. A user's situation raises one of the
classes below, and its text says in one line what was expected, what came and what to do.
The command line and the GUI catch :class:`MespotError` and show its text; anything else
keeps its traceback.
"""

__all__ = [
    "AnnotationFormatError",
    "CheckpointError",
    "ClusterError",
    "CorrectionsError",
    "EditError",
    "FileReadError",
    "FrameReadError",
    "MespotError",
    "NoFaceError",
    "NoStillFaceError",
    "OutputError",
    "RecipeError",
]


class MespotError(Exception):
    """Base of every error that is shown to the user as one line."""


class AnnotationFormatError(MespotError):
    """A file of intervals or scores cannot be read as what it claims to be."""


class FrameReadError(MespotError):
    """A video or image folder cannot be opened, or holds no usable frame."""


class FileReadError(FrameReadError):
    """A file of pictures cannot be read just now, or changed while it was read.

    Disk, network share or another program is the cause, and the next try may succeed. It says
    nothing about the content, so nothing that was read until then may be kept.
    """


class NoFaceError(MespotError):
    """No face was found where one is needed, or the face models are missing."""


class NoStillFaceError(MespotError):
    """A face was found, but nowhere at rest for as long as is needed."""


class CheckpointError(MespotError):
    """A checkpoint cannot be found, read or used."""


class ClusterError(MespotError):
    """The worker processes or machines that were asked for cannot be used."""


class CorrectionsError(MespotError):
    """Corrected labels that cannot be learned from, or do not fit their videos."""


class EditError(MespotError):
    """A change that the intervals under review do not allow, or that none of them is meant by."""


class OutputError(MespotError):
    """A result cannot be written where the user asked for it."""


class RecipeError(MespotError):
    """A recipe cannot be found, read or used with the data at hand."""
