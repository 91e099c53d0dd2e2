"""Files that are there: merged into, kept as they were, never lost."""

import csv
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from praatio import textgrid
from tests.io.other_tools import CLIP, MAE, ME, annotations, spans

from napari_mespot import Annotation, Expression, Interval, ReviewStatus
from napari_mespot.errors import OutputError
from napari_mespot.io import read_annotations, read_table, write_annotations, write_table

MANY = settings(max_examples=40, suppress_health_check=list(HealthCheck))
AB = Annotation(
    "clip",
    n_frames=300,
    frame_rate=Fraction(30),
    expressions=(
        Expression(Interval(12, 20), ME, coder="AB", apex=14, notes="left"),
        Expression(Interval(150, 260), MAE, coder="AB"),
    ),
    reviewed=(Interval(0, 299),),
)


def merge(path, *annotations, **options):
    said = []
    write_annotations(path, annotations, notice=said.append, **options)
    return said


# ------------------------------------------------------------------ backups


def test_the_last_five_are_kept(tmp_path):
    path = tmp_path / "a.eaf"
    versions = []
    for number in range(8):
        versions.append(path.read_bytes() if number else b"")
        merge(path, replace(AB, n_frames=300 + number), replace=True)
    kept = [tmp_path / f"a.eaf.bak{n}" for n in ("", 2, 3, 4, 5)]
    assert [p.read_bytes() for p in kept] == versions[:2:-1]
    assert len(list(tmp_path.iterdir())) == 6


def test_a_backup_that_cannot_be_made_stops_all(tmp_path):
    path = tmp_path / "a.eaf"
    path.write_text("mine")
    (tmp_path / "a.eaf.bak0").mkdir()
    with pytest.raises(OutputError, match="to keep this file"):
        merge(path, AB, replace=True)
    assert path.read_text() == "mine"


def test_the_same_content_again_is_no_change(tmp_path):
    path = tmp_path / "a.csv"
    merge(path, AB)
    assert merge(path, AB) == []
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_folder_in_place_of_a_file_and_a_link(tmp_path):
    real = tmp_path / "real.csv"
    merge(real, AB)
    (tmp_path / "link.csv").symlink_to(real)
    merge(tmp_path / "link.csv", replace(AB, expressions=AB.expressions[:1]))
    assert (tmp_path / "link.csv").is_symlink()
    assert len(read_table(real)[0].expressions) == 1


# ------------------------------------------------------------------ names in a folder


@pytest.mark.parametrize("form", ["mespot", "elan", "textgrid"])
def test_two_videos_never_share_a_file(tmp_path, form):
    videos = [
        replace(AB, video_id="b", subject_id="s1_a"),
        replace(AB, video_id="a_b", subject_id="s1"),
        replace(AB, video_id="A_B", subject_id="s1"),
        replace(AB, video_id="b_2", subject_id="s1_a"),
    ]
    said = merge(tmp_path, *videos, format=form)
    assert len(list(tmp_path.iterdir())) == 4
    assert sum("is called" in line for line in said) == 3
    back = read_annotations(tmp_path, format=form, frame_rate=Fraction(30), notice=str)
    assert sorted(spans(a) for a in back) == [spans(AB)] * 4


# ------------------------------------------------------------------ our own table


def test_rows_of_other_videos_columns_and_comments_stay(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(
        "# coded in May by AB\n"
        "video,kind,onset,offset,Side,room\n"
        "other,ME,1,2,left,\nclip,ME,7,9,left,\nclip,MaE,30,60,,\n"
    )
    nobody = tuple(replace(e, coder="") for e in AB.expressions)
    said = merge(path, replace(AB, expressions=nobody))
    text = path.read_text()
    assert "# coded in May by AB" in text
    rows = list(csv.DictReader(line for line in text.splitlines() if line[:1] != "#"))
    assert {"Side", "room"} <= set(rows[0])
    other, clip = read_table(path)
    assert [(e.onset, dict(e.extras)) for e in other.expressions] == [(1, {"Side": "left"})]
    assert spans(clip) == spans(AB)
    assert "stay in it" not in "".join(said)


def test_rows_of_other_coders_stay(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("video,kind,onset,offset,coder,notes\nclip,ME,7,9,CD,mine\nclip,ME,1,3,AB,\n")
    said = merge(path, AB)
    (back,) = read_table(path)
    assert {(e.onset, e.coder) for e in back.expressions} == {(7, "CD"), (12, "AB"), (150, "AB")}
    assert any("ME@CD 1" in line for line in said)


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n", "video,kind,onset,offset\nclip,ME,nine,3\n", "frame,p\n0,1\n"]
)
def test_what_is_no_table_of_intervals_is_kept(tmp_path, content):
    path = tmp_path / "labels.csv"
    path.write_text(content)
    with pytest.raises(OutputError, match="a table of intervals to merge into"):
        merge(path, AB)
    assert path.read_text() == content


def test_a_converted_table_that_nobody_touched_gives_way_to_other_videos(tmp_path):
    path = tmp_path / "o.csv"
    merge(path, AB)
    merge(path, replace(AB, video_id="next"))
    assert [a.video_id for a in read_table(path)] == ["next"]
    path.write_bytes(path.read_bytes().replace(b"left", b"right"))
    merge(path, AB)
    assert [a.video_id for a in read_table(path)] == ["next", "clip"]


def test_a_table_that_another_command_wrote_is_added_to(tmp_path):
    path = tmp_path / "o.csv"
    write_table(path, [AB])
    merge(path, replace(AB, video_id="next"))
    assert read_table(path) == (AB, replace(AB, video_id="next"))


# ------------------------------------------------------------------ TextGrid

GRID = '''File type = "ooTextFile"
Object class = "TextGrid"

0
12.5
<exists>
3
"IntervalTier"
"words ""x"""
0
12.5
2
0
1.23456789
"so ""then"""
1.23456789
12.5
""
"IntervalTier"
"ME@AB"
0
12.5
3
0
1
""
1
2
"4B+7C"
2
12.5
""
"TextTier"
"tones"
0
12.5
1
0.5
"H*"
'''


def opened(path):
    """The file as an independent library has it."""
    return textgrid.openTextgrid(str(path), includeEmptyIntervals=True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_other_tiers_of_a_textgrid_stay(tmp_path, encoding):
    path = tmp_path / "clip.TextGrid"
    path.write_text(GRID, encoding=encoding)
    merge(path, AB)
    grid = opened(path)
    assert grid.tierNames == ('words "x"', "tones", "ME@AB", "ME_apex@AB", "MaE@AB")
    assert (grid.minTimestamp, grid.maxTimestamp) == (0, 12.5)
    words = [tuple(e) for e in grid.getTier('words "x"').entries]
    assert words == [(0.0, 1.23456789, 'so "then"'), (1.23456789, 12.5, "")]
    assert [tuple(e) for e in grid.getTier("tones").entries] == [(0.5, "H*")]
    (back,) = read_annotations(path, frame_rate=Fraction(30), notice=str)
    assert spans(back) == spans(AB)


def test_a_textgrid_that_is_shorter_goes_on(tmp_path):
    path = tmp_path / "clip.TextGrid"
    path.write_text(GRID)
    merge(path, replace(AB, n_frames=600))
    grid = opened(path)
    assert grid.maxTimestamp == 20
    words = [tuple(e) for e in grid.getTier('words "x"').entries]
    assert words[0] == (0.0, 1.23456789, 'so "then"')
    assert words[-1] == (12.5, 20.0, "")


def test_tiers_of_other_coders_stay_in_a_textgrid(tmp_path):
    path = tmp_path / "clip.TextGrid"
    path.write_text(GRID.replace("ME@AB", "ME@CD"))
    said = merge(path, AB)
    assert any("ME@CD 1" in line for line in said)
    (back,) = read_annotations(path, frame_rate=Fraction(30), notice=str)
    assert {e.coder for e in back.expressions} == {"AB", "CD"}


def test_what_is_no_textgrid_is_kept(tmp_path):
    path = tmp_path / "clip.TextGrid"
    path.write_text(GRID[:200])
    with pytest.raises(OutputError, match="a TextGrid to merge into"):
        merge(path, AB)
    assert path.read_text() == GRID[:200]


@MANY
@given(annotation=annotations())
def test_any_annotation_can_be_merged_into_a_textgrid(tmp_path_factory, annotation):
    path = tmp_path_factory.mktemp("merge") / "clip.TextGrid"
    path.write_text(GRID)
    merge(path, annotation)
    (back,) = read_annotations(path, frame_rate=annotation.frame_rate, notice=str)
    assert all(span in spans(back) for span in spans(annotation))
    assert 'text = "so ""then"""' in path.read_text()


# ------------------------------------------------------------------ the others


def test_other_behaviours_of_deepethogram_stay(tmp_path):
    path = tmp_path / "clip_labels.csv"
    lines = [",background,talks,ME,nods"]
    lines += [f"{i},{int(i > 10)},{int(i <= 10)},0,{-int(i > 250)}" for i in range(300)]
    path.write_text("\n".join(lines) + "\n")
    merge(path, replace(AB, reviewed=(Interval(0, 199),)))
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert list(rows[0]) == ["", "background", "ME", "MaE", "talks", "nods"]
    assert [r["talks"] for r in rows] == [str(int(i <= 10)) for i in range(300)]
    assert [r["nods"] for r in rows] == [str(-int(i > 250)) for i in range(300)]
    assert [r["ME"] for r in rows[12:21]] == ["1"] * 9
    assert {r["background"] for r in rows[12:21]} == {"0"}
    assert (rows[5]["background"], rows[11]["background"]) == ("0", "1")
    assert (rows[265]["ME"], rows[265]["talks"]) == ("-1", "0")
    with pytest.raises(OutputError, match="not the 299 frames"):
        merge(path, replace(AB, n_frames=299, reviewed=()))


@pytest.mark.parametrize(
    ("form", "name"), [("megc2022", "cas_pred.csv"), ("boris-tabular", "e.tsv")]
)
def test_rows_of_other_videos_stay(tmp_path, form, name):
    path = tmp_path / name
    merge(path, AB, replace(AB, video_id="b"), format=form)
    merge(path, replace(AB, video_id="b", expressions=AB.expressions[:1]), format=form)
    back = {a.video_id: spans(a) for a in read_annotations(path, format=form, notice=str)}
    assert len(back["clip"]) == 2
    assert len(back["b"]) == 1


@pytest.mark.parametrize("form", ["megc2023", "boris-tabular", "deepethogram"])
def test_tables_of_another_kind_are_kept(tmp_path, form):
    path = tmp_path / "x_labels.csv"
    path.write_text("a,b,c\n1,2,3\n")
    with pytest.raises(OutputError, match="another file"):
        merge(path, AB, format=form)
    assert path.read_text() == "a,b,c\n1,2,3\n"


def test_rejected_predictions_of_a_table_are_not_somebodys_intervals(tmp_path):
    path = tmp_path / "clip.csv"
    write_table(path, [CLIP])
    accepted = replace(CLIP.expressions[3], status=ReviewStatus.ACCEPTED, coder="AB")
    merge(path, replace(CLIP, expressions=(accepted,)))
    statuses = {e.status for e in read_table(path)[0].expressions}
    assert ReviewStatus.PREDICTED not in statuses
