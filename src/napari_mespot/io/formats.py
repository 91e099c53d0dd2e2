"""Every kind of file of annotations that can be read and written, by name.

A file's ending decides where it can; the many kinds of CSV are told apart by their header
row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.boris import boris_content
from napari_mespot.io.boris_merge import merged_boris
from napari_mespot.io.boris_project import read_boris
from napari_mespot.io.boris_table import OLD_COLUMNS, read_boris_tabular
from napari_mespot.io.boris_tabular import boris_tabular_content
from napari_mespot.io.deepethogram import deepethogram_content, read_deepethogram
from napari_mespot.io.delimited import column_key, read_sheet
from napari_mespot.io.elan import elan_content, read_elan
from napari_mespot.io.elan_merge import merged_elan
from napari_mespot.io.encoding import encoded
from napari_mespot.io.losses import FIELDS
from napari_mespot.io.megc import megc_content, read_megc
from napari_mespot.io.notices import Notice
from napari_mespot.io.seal import OPEN_SEAL, sealed
from napari_mespot.io.table import read_table, table_text
from napari_mespot.io.table_header import CONVERTED_MARK
from napari_mespot.io.table_merge import merged_table
from napari_mespot.io.textgrid import read_textgrid, textgrid_content
from napari_mespot.io.textgrid_merge import merged_textgrid
from napari_mespot.io.times import ClockFinder
from napari_mespot.model import Annotation

__all__ = ["FORMATS", "AnnotationFormat", "find_format", "format_of_content", "format_of_name"]

_Given = Fraction | ClockFinder | None
_Reader = Callable[[Path, _Given, Notice], tuple[Annotation, ...]]
_OneReader = Callable[[Path, _Given, Notice, str], tuple[Annotation, ...]]
_Renderer = Callable[[Path, Sequence[Annotation], bytes | None, Notice], bytes]
_TABLES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class AnnotationFormat:
    """A kind of file.

    Parameters
    ----------
    name
        What it is called on the command line.
    description
        One line for people.
    suffixes
        Endings of its files, the first being the one that is written.
    read
        Called with the path, the frame rate given by the user (or what finds the clock of a
        video, or None) and a notice.
    render
        Called with the path, the annotations, what the file holds that they are merged into
        (or None) and a notice; returns what it holds then.
    holds
        What it has a place for beside intervals and kinds, of
        :data:`~napari_mespot.io.losses.FIELDS`.
    one_video
        Whether a file holds one video only.
    read_observation
        Like `read`, and called with the name of the only observation to read too; None if
        files of this kind hold no observations.
    """

    name: str
    description: str
    suffixes: tuple[str, ...]
    read: _Reader
    render: _Renderer
    holds: frozenset[str]
    one_video: bool = False
    read_observation: _OneReader | None = None

    def __repr__(self) -> str:
        return f"AnnotationFormat({self.name!r})"


def _rate(given: _Given) -> Fraction | None:
    """Return the frame rate given, for files that count frames: clocks are put to them later."""
    return given if isinstance(given, Fraction) else None


_TEXTS = frozenset(
    {"apex", "status", "score", "source", "action_units", "emotion", "coder", "notes"}
)
_CONVERTED = (CONVERTED_MARK, "digest", OPEN_SEAL)
_KNOWN = (
    AnnotationFormat(
        "mespot",
        "our own table of intervals (lossless)",
        (".intervals.csv", ".csv"),
        lambda path, rate, notice: read_table(path, notice=notice),
        lambda path, annotations, existing, notice: (
            sealed(encoded(table_text(annotations, marks=[_CONVERTED])))
            if existing is None
            else merged_table(path, annotations, notice)
        ),
        FIELDS,
    ),
    AnnotationFormat(
        "elan",
        "ELAN annotation file",
        (".eaf",),
        lambda path, rate, notice: read_elan(path, frame_rate=rate, notice=notice),
        lambda path, annotations, existing, notice: (
            elan_content(path, annotations[0])
            if existing is None
            else merged_elan(path, existing, annotations[0], notice)
        ),
        _TEXTS | {"frames", "rate", "reviewed", "subject", "video", "empty videos"},
        one_video=True,
    ),
    AnnotationFormat(
        "boris",
        "BORIS project",
        (".boris", ".boris.gz"),
        lambda path, rate, notice: read_boris(path, frame_rate=rate, notice=notice),
        lambda path, annotations, existing, notice: (
            boris_content(path, annotations)
            if existing is None
            else merged_boris(path, existing, annotations, notice)
        ),
        _TEXTS | {"frames", "rate", "reviewed", "subject", "video", "empty videos"},
        read_observation=lambda path, rate, notice, name: read_boris(
            path, frame_rate=rate, observation=name, notice=notice
        ),
    ),
    AnnotationFormat(
        "boris-tabular",
        "BORIS tabular events (aggregated events are read too)",
        (".csv", ".tsv"),
        lambda path, rate, notice: read_boris_tabular(path, frame_rate=rate, notice=notice),
        lambda path, annotations, existing, notice: boris_tabular_content(
            path, annotations, existing
        ),
        _TEXTS | {"frames", "rate", "reviewed", "subject", "video"},
        read_observation=lambda path, rate, notice, name: read_boris_tabular(
            path, frame_rate=rate, observation=name, notice=notice
        ),
    ),
    AnnotationFormat(
        "deepethogram",
        "DeepEthogram labels, one row per frame",
        ("_labels.csv",),
        lambda path, rate, notice: read_deepethogram(path, frame_rate=_rate(rate), notice=notice),
        lambda path, annotations, existing, notice: deepethogram_content(
            path, annotations[0], existing, notice
        ),
        frozenset({"frames", "reviewed", "empty videos"}),
        one_video=True,
    ),
    AnnotationFormat(
        "textgrid",
        "Praat TextGrid",
        (".TextGrid",),
        lambda path, rate, notice: read_textgrid(path, frame_rate=rate, notice=notice),
        lambda path, annotations, existing, notice: (
            textgrid_content(annotations[0])
            if existing is None
            else merged_textgrid(path, annotations[0], notice)
        ),
        _TEXTS | {"empty videos"},
        one_video=True,
    ),
    AnnotationFormat(
        "megc2022",
        "submission to MEGC 2022",
        ("_pred.csv",),
        lambda path, rate, notice: read_megc(path, frame_rate=_rate(rate), notice=notice),
        lambda path, annotations, existing, notice: megc_content(path, annotations, 2022, existing),
        frozenset({"video"}),
    ),
    AnnotationFormat(
        "megc2023",
        "submission to MEGC 2023",
        ("_pred.csv",),
        lambda path, rate, notice: read_megc(path, frame_rate=_rate(rate), notice=notice),
        lambda path, annotations, existing, notice: megc_content(path, annotations, 2023, existing),
        frozenset({"video"}),
    ),
)

#: Every format by its name.
FORMATS: Mapping[str, AnnotationFormat] = MappingProxyType({f.name: f for f in _KNOWN})


def find_format(name: str) -> AnnotationFormat:
    """Return the format of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in FORMATS:
        raise ValueError(f"Expected one of {', '.join(FORMATS)}, got {name!r}")
    return FORMATS[name]


def format_of_content(path: Path) -> AnnotationFormat:
    """Return the format of a file that is there."""
    name = path.name.lower()
    for known in _KNOWN:
        if not known.suffixes[0].endswith(".csv") and name.endswith(_lower(known.suffixes)):
            return known
    if not name.endswith(_TABLES):
        raise AnnotationFormatError(
            f"{path}: expected a file that ends in .csv, .tsv, .eaf, .boris or .TextGrid, got "
            f"{path.suffix or 'no ending'!r}; say which format it has"
        )
    columns = _columns(path)
    for column, of_format in _BY_COLUMN.items():
        if column in columns:
            return FORMATS[of_format]
    return FORMATS["mespot"]  # whose reader says what it expects


def _columns(path: Path) -> set[str]:
    """Return the columns of a table of a kind that is known; none if it is none."""
    for wanted in (("video",), ("behavior",), ("background",), ("vid",), OLD_COLUMNS):
        try:
            sheet = read_sheet(path, wanted, has_preamble=wanted is OLD_COLUMNS)
        except AnnotationFormatError:
            continue
        return {column_key(c) for c in sheet.columns}
    return set()


def _lower(suffixes: Sequence[str]) -> tuple[str, ...]:
    return tuple(suffix.lower() for suffix in suffixes)


_BY_COLUMN = {
    "video": "mespot",
    "behavior": "boris-tabular",
    "background": "deepethogram",
    "pred_onset": "megc2022",
    "vid": "megc2023",
}


def format_of_name(path: Path) -> AnnotationFormat:
    """Return the format of a file that is to be written."""
    name = path.name.lower()
    if name in {"cas_pred.csv", "samm_pred.csv"}:
        raise OutputError(
            f"{path}: expected to know the year of the challenge, got a name that all years use; "
            "say which format, megc2022 or megc2023"
        )
    for known in sorted(_KNOWN, key=lambda f: -len(f.suffixes[0])):
        endings = known.suffixes[:1] if known.suffixes[0].endswith(".csv") else known.suffixes
        if "megc" not in known.name and name.endswith(_lower(endings)):
            return FORMATS["mespot"] if known.name == "boris-tabular" else known
    raise OutputError(
        f"{path}: expected a file that ends in .csv, .eaf, .boris, .TextGrid or _labels.csv, got "
        f"{path.suffix or 'no ending'!r}; say which format to write"
    )
