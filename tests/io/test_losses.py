"""What a format does not hold is named before it is written, and nothing else is."""

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.io.other_tools import CLIP, annotations

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io import FORMATS, read_annotations, read_table, write_annotations
from napari_mespot.io.losses import FIELDS

MANY = settings(max_examples=60, suppress_health_check=list(HealthCheck))
NAMES = {
    "mespot": "clip.csv",
    "elan": "clip.eaf",
    "boris": "clip.boris",
    "boris-tabular": "clip.tsv",
    "deepethogram": "clip_labels.csv",
    "textgrid": "clip.TextGrid",
    "megc2022": "cas_pred.csv",
    "megc2023": "cas_pred.csv",
}
WORDS = {
    "apex": "apex",
    "status": "status",
    "score": "score",
    "source": "source",
    "action_units": "action units",
    "emotion": "emotion",
    "coder": "coder",
    "notes": "notes",
}
OF_VIDEO = ("subject", "number of frames", "frame rate", "reviewed ranges")


@st.composite
def things_to_write(draw):
    """An annotation as people have them: with a subject, columns of theirs, rejected rows."""
    annotation = draw(annotations().filter(lambda a: (a.n_frames or 0) < 5_000))
    expressions = []
    for expression in annotation.expressions:
        extras = draw(st.sampled_from([(), (("side", "left"),), (("side", "right"), ("x", "1"))]))
        status = draw(st.sampled_from([expression.status, ReviewStatus.REJECTED]))
        expressions.append(replace(expression, extras=extras, status=status))
    subject = draw(st.sampled_from(["", "006"]))
    return replace(annotation, expressions=tuple(expressions), subject_id=subject)


def written(path, annotation, name, **options):
    said = []
    write_annotations(path, [annotation], format=name, notice=said.append, **options)
    lines = [line for line in said if "not written" in line or "written otherwise" in line]
    assert len(lines) < 2
    return lines[0].split(": ", 1)[1] if lines else ""


def read_back(path, name, annotation):
    """What a person gets who knows nothing but the file; the rate only if it needs it."""
    try:
        return read_annotations(path, format=name, notice=str), True
    except AnnotationFormatError:
        rate = annotation.frame_rate
        return read_annotations(path, format=name, frame_rate=rate, notice=str), False


def really_lost(annotation, path, name):
    """Compare in the plainest way there is; expressions at one place are told apart by all."""
    back, knows_rate = read_back(path, name, annotation)
    lost = set()
    if name != "mespot":
        rejected = [e for e in annotation.expressions if e.status is ReviewStatus.REJECTED]
        lost |= {"rejected row"} if rejected else set()
        kept = tuple(e for e in annotation.expressions if e not in rejected)
        annotation = replace(annotation, expressions=kept)
    if not back:
        return lost | {"without intervals"}
    (other,) = back
    pairs = zip(
        OF_VIDEO,
        [
            (annotation.subject_id, other.subject_id),
            (annotation.n_frames, other.n_frames),
            (annotation.frame_rate, other.frame_rate if knows_rate else None),
            (annotation.reviewed, other.reviewed),
        ],
        strict=True,
    )
    lost |= {word for word, (one, two) in pairs if one != two}
    places = Counter((e.interval, e.kind) for e in annotation.expressions)
    if places - Counter((e.interval, e.kind) for e in other.expressions):
        lost.add("touch or overlap")
    for place, n in places.items():
        one = [e for e in annotation.expressions if (e.interval, e.kind) == place]
        two = [e for e in other.expressions if (e.interval, e.kind) == place]
        if n > 1 or len(two) != 1:
            continue  # which is which is a matter of taste
        lost |= {word for field, word in WORDS.items() if f(one, field) != f(two, field)}
        mine, theirs = dict(one[0].extras), dict(two[0].extras)
        lost |= {f"column {c}" for c in mine if mine[c] != theirs.get(c)}
    return lost


def f(expressions, field):
    return getattr(expressions[0], field)


@pytest.mark.parametrize("name", FORMATS)
@MANY
@given(annotation=things_to_write())
def test_the_line_names_what_does_not_come_back_and_nothing_else(
    tmp_path_factory, name, annotation
):
    path = tmp_path_factory.mktemp("losses") / NAMES[name]
    line = written(path, annotation, name)
    lost = really_lost(annotation, path, name)
    for word in lost:
        assert word in line, (word, line)
    crowded = len({(e.interval, e.kind) for e in annotation.expressions}) < len(
        annotation.expressions
    )
    if not crowded:
        named = re.sub(r"^(not written|written otherwise): |; written otherwise: ", ", ", line)
        for part in filter(None, named.split(", ")):
            assert any(word in part for word in lost), (part, lost)


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_format_says_it_holds_it_holds(tmp_path, name):
    """Plain content, for which the table in the reference is made."""
    holds = FORMATS[name].holds
    annotation = replace(
        CLIP, expressions=tuple(e for e in CLIP.expressions if e.onset in {10, 200})
    )
    path = tmp_path / NAMES[name]
    line = written(path, annotation, name)
    back, knows_rate = read_back(path, name, annotation)
    for field in FIELDS & set(WORDS):
        one, two = ([f([e], field) for e in a.expressions] for a in (annotation, back[0]))
        if field in holds:
            assert one == two, field
        elif one != two:
            assert WORDS[field] in line
    assert ("subject" in holds) == (back[0].subject_id == "006")
    assert ("rate" in holds) == (knows_rate and back[0].frame_rate == 30)
    assert ("frames" in holds) == (back[0].n_frames == 300)
    assert ("reviewed" in holds) == bool(back[0].reviewed)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"mespot"}))
def test_strict_writes_nothing_that_would_lack_something(tmp_path, name):
    path = tmp_path / NAMES[name]
    with pytest.raises(OutputError, match="1 rejected row"):
        write_annotations(path, [CLIP], format=name, strict=True, notice=str)
    assert list(tmp_path.iterdir()) == []
    path.write_text("mine")
    with pytest.raises(OutputError):
        write_annotations(path, [CLIP], format=name, strict=True, replace=True, notice=str)
    assert path.read_text() == "mine"


def test_strict_holds_for_all_files_of_a_folder(tmp_path):
    fine = replace(CLIP, video_id="a", expressions=())
    with pytest.raises(OutputError, match="rejected"):
        write_annotations(tmp_path, [fine, CLIP], format="elan", strict=True)
    assert list(tmp_path.iterdir()) == []
    assert write_annotations(tmp_path, [fine], format="elan", strict=True) == (fine,)


def test_the_line_counts(tmp_path):
    one = Expression(Interval(0, 4), ExpressionKind.MICRO, action_units="4B", coder="AB")
    expressions = (one, replace(one, interval=Interval(9, 12), coder="", apex=10))
    labels = Annotation("clip", 40, Fraction(25), expressions, (Interval(0, 39),))
    line = written(tmp_path / "clip_labels.csv", labels, "deepethogram")
    assert line == "not written: frame rate, action units (AUs) of 2, coder of 1, apex of 1"


def test_predictions_that_become_labels_are_told(tmp_path):
    found = Expression(Interval(5, 9), ExpressionKind.MICRO, status=ReviewStatus.PREDICTED)
    annotation = Annotation("clip", 40, None, (found,), (Interval(0, 39),))
    line = written(tmp_path / "clip_labels.csv", annotation, "deepethogram")
    assert line == "not written: status of 1"


def test_nothing_is_said_where_nothing_is_lost(tmp_path):
    whole = replace(CLIP, expressions=CLIP.expressions[:5])
    for name in ("mespot", "elan", "boris", "boris-tabular"):
        assert written(tmp_path / NAMES[name], whole, name, strict=True) == ""


def test_tabs_in_a_file_of_tabs(tmp_path):
    path = tmp_path / "o.tsv"
    write_annotations(path, [CLIP], format="boris-tabular", notice=str)
    head = path.read_text().splitlines()[0]
    assert head.startswith("Observation id\tObservation date\t")
    assert "," not in head
    write_annotations(path.with_suffix(".csv"), [CLIP], format="boris-tabular", notice=str)
    assert path.with_suffix(".csv").read_text().startswith("Observation id,")


def test_a_table_of_many_ranges_can_be_read_again(tmp_path):
    """More characters in one cell than the csv module allows by itself."""
    reviewed = tuple(Interval(2 * i, 2 * i) for i in range(30_000))
    annotation = Annotation("clip", 60_000, Fraction(30), (), reviewed)
    write_annotations(tmp_path / "a.csv", [annotation])
    assert read_table(tmp_path / "a.csv") == (annotation,)
