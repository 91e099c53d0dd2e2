"""Our table of intervals: lossless, and gentle with what other people write."""

import csv
import unicodedata
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.reference.io import rows_as_text

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io import read_table, write_table

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
CLIP = Annotation(
    "clip",
    n_frames=300,
    frame_rate=Fraction(30),
    expressions=(
        Expression(
            Interval(12, 20), ME, apex=15, score=0.1, action_units="4B+7C", notes='said "no", left'
        ),
        Expression(Interval(60, 119), MAE, status=ReviewStatus.PREDICTED, source="synthetic-v1"),
    ),
    reviewed=(Interval(0, 99), Interval(200, 299)),
    subject_id="006",
)


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(AnnotationFormatError) as caught:
        read_table(written(folder, text))
    message = str(caught.value)
    assert "\n" not in message
    assert "table.csv" in message
    return message


def test_every_annotation_survives_the_round_trip(any_annotations, tmp_path):
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(any_annotations)
    def check(annotations):
        write_table(tmp_path / "a.csv", annotations)
        assert list(read_table(tmp_path / "a.csv")) == annotations

    check()


def test_file_looks_as_documented(tmp_path):
    write_table(tmp_path / "a.csv", [CLIP, Annotation("silent", n_frames=10)])
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines[0] == "# mespot intervals,version,1"
    assert lines[1] == "# video,clip,subject,006,frames,300,fps,30,reviewed,0..99 200..299"
    assert lines[2] == "# video,silent,subject,,frames,10,fps,,reviewed,"
    assert lines[3] == (
        "video,subject,kind,onset,apex,offset,fps,onset_s,offset_s,duration_s,"
        "action_units,emotion,status,source,score,coder,notes"
    )
    assert lines[4] == (
        'clip,006,ME,12,15,20,30,0.4,0.7,0.3,4B+7C,,labelled,,0.1,,"said ""no"", left"'
    )


def test_other_programs_read_the_same_cells(tmp_path):
    write_table(tmp_path / "a.csv", [CLIP])
    rows = rows_as_text(tmp_path / "a.csv")
    assert [row["onset"] for row in rows] == ["12", "60"]
    assert rows[0]["notes"] == 'said "no", left'
    assert float(rows[1]["offset_s"]) == 120 / 30
    assert float(rows[1]["duration_s"]) == 60 / 30


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'=", "''@"])
def test_no_cell_is_run_as_a_formula(tmp_path, start):
    text = start + 'cmd|"/c calc"!A1'
    expression = Expression(Interval(0, 1), ME, notes=text, coder=text, extras=((text, text),))
    annotation = Annotation(text, expressions=(expression,), subject_id=text)
    write_table(tmp_path / "a.csv", [annotation])
    assert read_table(tmp_path / "a.csv") == (annotation,)
    assert all(
        not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        for row in rows_as_text(tmp_path / "a.csv")
        for cell in (*row, *row.values())
    )


def test_plain_apostrophes_are_left_alone(tmp_path):
    path = written(tmp_path, "video,kind,onset,offset,notes\nv,ME,1,2,'tis fine\n")
    assert read_table(path)[0].expressions[0].notes == "'tis fine"


def test_a_video_name_that_is_no_text_survives(tmp_path):
    annotation = Annotation(b"clip\xff".decode("utf-8", errors="surrogateescape"), n_frames=3)
    write_table(tmp_path / "a.csv", [annotation])
    assert read_table(tmp_path / "a.csv") == (annotation,)


def test_smallest_table(tmp_path):
    path = written(tmp_path, "video,kind,onset,offset\nclip,MaE,3,7\n")
    assert read_table(path) == (Annotation("clip", expressions=(Expression(Interval(3, 7), MAE),)),)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_spreadsheets_save(tmp_path, delimiter, encoding, line_end):
    rows = [
        ["", " Video ", "KIND", "onset", "offset", "score", "mood", ""],
        ["0", " clip", "micro", "12.0", " 20", "0.5" if delimiter == "," else "0,5", "fröhlich"],
        ["", "", "", "", "", "", "", ""],
        ["1", "clip", "Macro-Expression", "1e2", "119", "", "", ""],
    ]
    text = line_end.join(delimiter.join(row) for row in rows)
    (annotation,) = read_table(written(tmp_path, text, encoding))
    assert annotation.expressions == (
        Expression(Interval(12, 20), ME, score=0.5, extras=(("mood", "fröhlich"),)),
        Expression(Interval(100, 119), MAE),
    )


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("first", ["sep={}", "SEP={}", '"sep={}"', "sep={};;;"])
def test_a_first_line_that_names_the_separator(tmp_path, mark, encoding, first):
    lines = [first.format(mark), mark.join(["video", "kind", "onset", "offset"])]
    lines += [mark.join(["clip", "ME", "10", "x"])]
    path = written(
        tmp_path, "\r\n".join([*lines[:2], mark.join(["clip", "ME", "10", "20"])]), encoding
    )
    assert read_table(path) == (
        Annotation("clip", expressions=(Expression(Interval(10, 20), ME),)),
    )
    # Rows are counted as a spreadsheet counts them, the first line among them.
    with pytest.raises(AnnotationFormatError, match="row 3, column offset"):
        read_table(written(tmp_path, "\r\n".join(lines), encoding))


@pytest.mark.parametrize(
    "blank", ["", ",,,", " , , , ", "\t", " ,,,,,,,", '"","","",""', "\xa0,,,"]
)
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_rows_that_say_nothing_are_no_rows(tmp_path, blank, place):
    lines = ["video,kind,onset,offset, , ", "clip,ME,10,20", "clip,MaE,30,90,,  "]
    lines[place:place] = [blank, blank]
    (annotation,) = read_table(written(tmp_path, "\n".join(lines)))
    assert annotation.expressions == (
        Expression(Interval(10, 20), ME),
        Expression(Interval(30, 90), MAE),
    )


def test_cells_of_any_length_are_read(tmp_path):
    """We write some ourselves: a video reviewed in pieces, a note pasted from a report."""
    ranges = tuple(Interval(3 * i, 3 * i + 1) for i in range(20_000))
    long = Annotation(
        "v",
        60_000,
        expressions=(Expression(Interval(0, 1), ME, notes="n" * 200_000),),
        reviewed=ranges,
    )
    write_table(tmp_path / "a.csv", [long])
    assert max(map(len, (tmp_path / "a.csv").read_text().split(","))) > 150_000
    assert read_table(tmp_path / "a.csv") == (long,)


def test_a_decimal_comma_in_a_frame_number(tmp_path):
    path = written(tmp_path, "video;kind;onset;offset\nclip;ME;10,0;20,00\n")
    assert read_table(path)[0].expressions == (Expression(Interval(10, 20), ME),)


def test_a_number_that_may_be_a_thousand_is_refused(tmp_path):
    """As a spreadsheet set to German writes 950 and 1000."""
    message = complaint(tmp_path, "video;kind;onset;offset\nclip;ME;950;1.000\n")
    assert (
        "row 2, column offset: expected a frame index, got '1.000', which is 1 or 1000" in message
    )
    assert "'1,000'" in complaint(tmp_path, "video;kind;onset;offset\nclip;ME;950;1,000\n")


def test_three_decimals_everywhere_are_decimals_and_told(tmp_path):
    told: list[str] = []
    path = written(tmp_path, "video,kind,onset,offset\nclip,ME,0.000,1.000\nclip,ME,5.000,12.000\n")
    (annotation,) = read_table(path, notice=told.append)
    assert [e.interval for e in annotation.expressions] == [Interval(0, 1), Interval(5, 12)]
    assert len(told) == 1
    assert "'1.000' in row 2 is taken for 1" in told[0]


def test_a_header_row_alone_is_told(tmp_path):
    told: list[str] = []
    assert read_table(written(tmp_path, "video,kind,onset,offset\n,,,\n"), notice=told.append) == ()
    assert len(told) == 1
    assert "nothing was read" in told[0]
    write_table(tmp_path / "silent.csv", [Annotation("silent", 30)])
    assert read_table(tmp_path / "silent.csv", notice=told.append)[0].n_frames == 30
    assert len(told) == 1


def test_our_file_saved_by_a_spreadsheet(tmp_path):
    """Every row padded to the same width, semicolons, CRLF, a byte order mark."""
    write_table(tmp_path / "a.csv", [CLIP])
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    with (tmp_path / "b.csv").open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerows([*row, *[""] * (17 - len(row))] for row in rows)
    assert read_table(tmp_path / "b.csv") == (CLIP,)


def test_subject_filled_in_by_hand_holds_for_the_whole_video(tmp_path):
    write_table(tmp_path / "a.csv", [Annotation("v", n_frames=9), CLIP])
    text = (tmp_path / "a.csv").read_text() + "v,07,ME,1,,2\nv,,ME,4,,5\n"
    first, _ = read_table(written(tmp_path, text))
    assert first.subject_id == "07"
    assert first.n_frames == 9
    assert len(first.expressions) == 2


def test_one_video_name_for_two_subjects(tmp_path):
    text = "video,subject,kind,onset,offset\nanger1,1,ME,1,2\nanger1,2,ME,3,4\n"
    assert [a.subject_id for a in read_table(written(tmp_path, text))] == ["1", "2"]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("clip,ME,12.5,20,", "onset", "'12.5'"),
        ("clip,ME,-1,20,", "onset", "'-1'"),
        ("clip,ME,,20,", "onset", "''"),
        ("clip,ME,nan,20,", "onset", "'nan'"),
        ("clip,ME,1e999999999,20,", "onset", "'1e999999999'"),
        ("clip,ME,20,12,", "offset", "from 20 (onset), got 12"),
        ("clip,smile,12,20,", "kind", "expected ME or MaE, got 'smile'"),
        (",ME,12,20,", "video", "empty"),
        ("clip,ME,12,20,21", "apex", "from 12 to 20, got 21"),
    ],
)
def test_a_bad_cell_is_named(tmp_path, row, column, words):
    head = "video,kind,onset,offset,apex\nclip,ME,1,2,\n"
    message = complaint(tmp_path, head + row + "\n")
    assert f"row 3, column {column}:" in message
    assert "expected" in message
    assert words in message


@pytest.mark.parametrize(
    ("column", "value"),
    [("fps", "0"), ("fps", "1/0"), ("fps", "fast"), ("status", "maybe"), ("score", "inf")],
)
def test_a_bad_optional_cell_is_named(tmp_path, column, value):
    text = f"video,kind,onset,offset,{column}\nclip,ME,1,2,{value}\n"
    assert f"row 2, column {column}: expected" in complaint(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty file"),
        ("\n \n", "empty file"),
        ("# only a comment\n", "no header row"),
        ("video,onset,offset\n", "add the missing: kind"),
        ("a b c\n", "video, kind, onset, offset"),
        ('video,kind,onset,offset\n"clip,ME,1,2\n', "stray quotation mark"),
        ('video,kind,onset,offset\n"clip"s,ME,1,2\n', "row 2: expected well-formed CSV"),
        ("video,kind,onset,onset,offset\n", "'onset' twice"),
        ("video,kind,onset,Onset,offset\n", "'onset' twice"),
        ("video,kind,onset,offset\nclip,ME,1,2,3,4\n", "row 2: expected at most 4 cells, got 6"),
        ("video,kind,onset,offset,fps\nv,ME,1,2,30\nv,ME,1,2,25\n", "expected 30 as elsewhere"),
        ("# mespot intervals,version,2\nvideo,kind,onset,offset\n", "update napari-mespot"),
        ("# mespot intervals,version,1\n# video,v,frames,x\nvideo,kind,onset,offset\n", "'x'"),
        (
            "# mespot intervals,version,1\n# video,v\n# video,v\nvideo,kind,onset,offset\n",
            "'v' twice",
        ),
        (
            "# mespot intervals,version,1\n# video,v,frames,3,reviewed,0..3\n"
            "video,kind,onset,offset\n",
            "row 2",
        ),
        (
            "# mespot intervals,version,1\n# video,v,frames,3\nvideo,kind,onset,offset\nv,ME,1,3\n",
            "row 4, column offset: expected a frame below 3",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, text, words):
    assert words in complaint(tmp_path, text)


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", "ß".encode("cp1252")])
def test_what_is_no_text_is_refused(tmp_path, data):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(AnnotationFormatError, match="CSV UTF-8"):
        read_table(path)


def test_missing_file_and_folder_are_refused(tmp_path):
    with pytest.raises(AnnotationFormatError, match="no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(AnnotationFormatError, match="directory"):
        read_table(tmp_path)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=80) | st.text(st.sampled_from('#,;\n" videokndosft12.'), max_size=120))
def test_no_content_crashes_the_reader(tmp_path, data):
    path = tmp_path / "fuzz.csv"
    body = data if isinstance(data, bytes) else b"video,kind,onset,offset\n" + data.encode()
    path.write_bytes(body)
    with suppress(AnnotationFormatError):
        read_table(path, notice=lambda _: None)


def test_writing_refuses_what_it_could_not_read_back(tmp_path):
    own = Expression(Interval(0, 1), ME, extras=(("onset", "5"),))
    for bad in ([Annotation("")], [CLIP, CLIP], [Annotation("v", expressions=(own,))]):
        with pytest.raises(ValueError, match="Expected"):
            write_table(tmp_path / "a.csv", bad)
    assert not list(tmp_path.iterdir())


def test_writing_into_nothing_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="No such file"):
        write_table(tmp_path / "none" / "a.csv", [CLIP])


def test_one_rate_in_two_spellings_is_the_exact_one(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("video,kind,onset,offset,fps\nv,ME,1,2,59.94\nv,ME,4,5,60000/1001\n")
    assert read_table(path)[0].frame_rate == Fraction(60000, 1001)
    path.write_text("video,kind,onset,offset,fps\nv,ME,1,2,59.94\nv,ME,4,5,60\n")
    with pytest.raises(AnnotationFormatError, match=r"expected 59\.94 .* got 60;"):
        read_table(path)


def test_one_name_in_two_forms_is_one_video(tmp_path):
    names = [unicodedata.normalize(form, "Zoë") for form in ("NFD", "NFC")]
    path = tmp_path / "labels.csv"
    rows = [f"{n},{n},ME,{10 * i},{10 * i + 5}\n" for i, n in enumerate(names)]
    path.write_text("video,subject,kind,onset,offset\n" + "".join(rows), encoding="utf-8")
    (video,) = read_table(path)
    assert (video.video_id, video.subject_id, len(video.expressions)) == (names[1], names[1], 2)
