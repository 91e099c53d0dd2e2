"""What to do with one video, and what came of it: paths and numbers only, so both travel."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from napari_mespot.face.choice import LARGEST, FaceChoice

__all__ = ["JobOutcome", "SpottingJob"]


@dataclass(frozen=True, slots=True)
class SpottingJob:
    """One video to spot.

    Parameters
    ----------
    path
        A video file or a folder of images.
    out
        Folder for the results.
    name
        The results are ``NAME.intervals.csv``, ``NAME.scores.csv`` and ``NAME.png``, and the
        video is called so inside them.
    checkpoint
        Name or file; None for the default one.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    frame_rate
        Frames per second, in place of what the file says.
    threshold_me, threshold_mae
        Score that starts an interval, 0 to 1, in place of the checkpoint's. The score down to
        which an interval goes on changes in proportion.
    openface
        What OpenFace wrote about this video (its aligned folder or its table), in place of our
        own alignment.
    plot
        Whether to draw the tracks.
    labels
        A table of labels of this video, to be shown in the plot.
    cache
        Whether aligned faces are kept on disk for the next run.
    face
        Which face to follow; not for faces that OpenFace has aligned.
    """

    path: Path
    out: Path
    name: str
    checkpoint: str | None = None
    device: str = "auto"
    frame_rate: Fraction | None = None
    threshold_me: float | None = None
    threshold_mae: float | None = None
    openface: Path | None = None
    plot: bool = True
    labels: Path | None = None
    cache: bool = True
    face: FaceChoice = LARGEST


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What came of one job.

    Parameters
    ----------
    job
        The job.
    error
        One line that says what went wrong; empty if nothing did.
    warnings
        One-line texts for the user.
    n_frames, frame_rate
        Of the video; 0 and None if it failed.
    n_with_face
        Frames in which a face was found.
    n_me, n_mae
        Expressions found.
    files
        Files written.
    seconds
        Time taken.
    followed
        Which face was followed, in words; empty if that is not known.
    """

    job: SpottingJob
    error: str = ""
    warnings: tuple[str, ...] = ()
    n_frames: int = 0
    frame_rate: Fraction | None = None
    n_with_face: int = 0
    n_me: int = 0
    n_mae: int = 0
    files: tuple[Path, ...] = ()
    seconds: float = 0.0
    followed: str = ""

    @property
    def ok(self) -> bool:
        """Whether the results were written."""
        return not self.error

    def as_dict(self) -> dict[str, object]:
        """Return the outcome as JSON values."""
        return {
            "path": str(self.job.path),
            "name": self.job.name,
            "ok": self.ok,
            "error": self.error,
            "warnings": list(self.warnings),
            "frames": self.n_frames,
            "fps": None if self.frame_rate is None else float(self.frame_rate),
            "frames_with_face": self.n_with_face,
            "face": self.followed,
            "ME": self.n_me,
            "MaE": self.n_mae,
            "files": [str(path) for path in self.files],
            "seconds": round(self.seconds, 3),
        }
