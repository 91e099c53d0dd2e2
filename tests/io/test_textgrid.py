"""TextGrids: what survives, what an independent library reads, what is refused."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from praatio import textgrid
from tests.io.other_tools import CLIP, MAE, ME, annotations, scores, spans, statuses

from napari_mespot import Annotation, Expression, Interval
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.textgrid import read_textgrid, write_textgrid

NO_CHECKS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
SHORT = """File type = "ooTextFile short"
"TextGrid"

0
2.5
<exists>
2
"IntervalTier"
"micro"
0
2.5
3
0
1e-05
""
1e-05
1.2
"she said ""oh"" item [3]"
1.2
2.5
""
"TextTier"
"micro_apex"
0
2.5
1
0.52
""
"""


@NO_CHECKS
@given(annotations())
def test_every_annotation_survives_the_round_trip(tmp_path_factory, annotation):
    path = tmp_path_factory.getbasetemp() / "clip.TextGrid"
    write_textgrid(path, annotation)
    # One that fills the whole video is told of, as it may stand for nothing.
    (back,) = read_textgrid(path, frame_rate=annotation.frame_rate, notice=lambda _: None)
    assert spans(back) == spans(annotation)
    assert statuses(back) == statuses(annotation)
    assert scores(back) == scores(annotation)
    assert back.video_id == "clip"


def test_plain_texts_survive_too(tmp_path):
    write_textgrid(tmp_path / "clip.TextGrid", CLIP)
    (back,) = read_textgrid(tmp_path / "clip.TextGrid", frame_rate=Fraction(30))
    assert back.expressions == CLIP.expressions


def test_another_library_reads_the_same_intervals(tmp_path):
    write_textgrid(tmp_path / "clip.TextGrid", CLIP)
    grid = textgrid.openTextgrid(str(tmp_path / "clip.TextGrid"), includeEmptyIntervals=True)
    assert grid.maxTimestamp == 10
    tier = grid.getTier("ME@AB")
    assert [(e.start, e.end, e.label) for e in tier.entries] == [
        (0, 0.4, ""),
        (0.4, 0.7, "AU: 4B+7C | notes: left"),
        (0.7, 22 / 30, "ME"),
        (22 / 30, 10, ""),
    ]
    assert [(p.time, p.label) for p in grid.getTier("ME_apex@AB").entries] == [
        (0.5, "apex"),
        (0.7, "apex"),
    ]
    assert {"MaE@AB", "MaE_2@AB", "ME_model@synthetic-v1"} <= set(grid.tierNames)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_short_form_with_exponents_and_any_words(tmp_path, encoding, line_end):
    path = tmp_path / "v.TextGrid"
    path.write_bytes(SHORT.replace("\n", line_end).encode(encoding))
    (found,) = read_textgrid(path, frame_rate=Fraction(25))
    assert found.expressions == (
        Expression(Interval(0, 29), ME, apex=13, notes='she said "oh" item [3]'),
    )
    assert found.n_frames is None


def test_unlabelled_stretches_are_no_intervals(tmp_path):
    write_textgrid(tmp_path / "v.TextGrid", Annotation("v", 50, Fraction(25)))
    (found,) = read_textgrid(tmp_path / "v.TextGrid", frame_rate=Fraction(25))
    assert found.expressions == ()


def complaint(path: Path, rate: Fraction | None = Fraction(25)) -> str:
    with pytest.raises(AnnotationFormatError) as caught:
        read_textgrid(path, frame_rate=rate)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not begin like one"),
        ("dear diary", "does not begin like one"),
        (SHORT.replace('"TextGrid"', '"PitchTier"'), "no TextGrid"),
        (SHORT[:150], "ends too early"),
        (SHORT.replace("\n3\n", '\n"3"\n'), "number of items"),
        (SHORT.replace("1.2", "1.2.2"), "time in seconds"),
        (SHORT.replace("micro", "speech"), "tiers named ME or MaE, got speech, speech_apex"),
        (SHORT.replace("1.2", "1e99"), "time in seconds"),
    ],
)
def test_broken_and_foreign_files(tmp_path, text, words):
    (tmp_path / "v.TextGrid").write_text(text)
    assert words in complaint(tmp_path / "v.TextGrid")


def test_no_rate_and_no_text(tmp_path):
    (tmp_path / "v.TextGrid").write_text(SHORT)
    assert "--fps" in complaint(tmp_path / "v.TextGrid", None)
    (tmp_path / "v.TextGrid").write_bytes(SHORT.replace("oh", "ö").encode("latin-1"))
    assert "UTF-8" in complaint(tmp_path / "v.TextGrid")
    with pytest.raises(OutputError, match="--fps"):
        write_textgrid(tmp_path / "w.TextGrid", Annotation("v"))


@NO_CHECKS
@given(st.text(st.sampled_from('"0129.-e \n<exists>TextTier'), max_size=80))
def test_no_content_crashes_the_reader(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "fuzz.TextGrid"
    path.write_text('"ooTextFile" "TextGrid" 0 1 <exists> ' + text)
    with suppress(AnnotationFormatError):
        read_textgrid(path, frame_rate=Fraction(30), notice=lambda text: None)


def test_points_of_a_tier_of_intervals_are_not_taken_for_intervals(tmp_path):
    text = SHORT.replace('"micro_apex"', '"macro"').replace('0.52\n""', '0.52\n"x"')
    (tmp_path / "v.TextGrid").write_text(text)
    said = []
    (found,) = read_textgrid(tmp_path / "v.TextGrid", frame_rate=Fraction(25), notice=said.append)
    assert not found.of_kind(MAE)
    assert "points left out, as they stand where intervals are expected: 1" in said[0]


def grid(folder: Path, texts: list[str], name: str = "ME", ends: list[float] | None = None) -> Path:
    """A tier of intervals from 0 on without gaps, as Praat has them."""
    ends = ends or [float(i) for i in range(len(texts) + 1)]
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "0", str(ends[-1])]
    lines += ["<exists>", "1", '"IntervalTier"', f'"{name}"', "0", str(ends[-1]), str(len(texts))]
    for text, start, stop in zip(texts, ends, ends[1:], strict=False):
        lines += [str(start), str(stop), '"' + text.replace('"', '""') + '"']
    path = folder / "v.TextGrid"
    path.write_text("\n".join(lines))
    return path


def read(path: Path) -> tuple[Annotation, list[str]]:
    told: list[str] = []
    (found,) = read_textgrid(path, frame_rate=Fraction(25), notice=told.append)
    return found, told


@pytest.mark.parametrize(
    "word",
    [
        *("neutral", "Neutral", " NEUTRAL ", "0", "sil", "<sil>", "none", "-", "--", "<p:>", "n/a"),
        *("#", "no expression", "No_Expression", "(pause)", "...", "background", "–"),
    ],
)
def test_words_that_people_write_on_gaps_are_gaps_and_counted(tmp_path, word):
    found, told = read(grid(tmp_path, [word, "AU4", word]))
    assert found.expressions == (Expression(Interval(25, 49), ME, action_units="AU4"),)
    word = " ".join(word.split())
    assert told == [
        f"{tmp_path / 'v.TextGrid'}: intervals taken for gaps by their texts: {word!r} 2"
    ]


@pytest.mark.parametrize("word", ["1", "x", "+", "?", "ME", "yes", "nose", "smile", "0B"])
def test_other_words_are_not_gaps(tmp_path, word):
    found, _ = read(grid(tmp_path, ["", word, ""]))
    assert [e.interval for e in found.expressions] == [Interval(25, 49)]


@pytest.mark.parametrize("texts", [["rests", "ME", "rests"], ["ME"], ["a", "b"]])
def test_a_tier_without_any_gap_raises_a_doubt(tmp_path, texts):
    found, told = read(grid(tmp_path, texts))
    assert len(found.expressions) == len(texts)
    assert any("the intervals of ME fill all of its time" in line for line in told)


def test_a_tier_whose_texts_are_the_kinds(tmp_path):
    found, told = read(grid(tmp_path, ["", "micro", "0", "Macro", "ME: 4B+7C"], "Expressions"))
    assert spans(found) == [("ME", 25, 49, -1), ("ME", 100, 124, -1), ("MaE", 75, 99, -1)]
    assert found.expressions[-1].action_units == "4B+7C"
    assert any("Expressions as ME and MaE, by its texts" in line for line in told)
    with pytest.raises(AnnotationFormatError, match="got Expressions"):
        read(grid(tmp_path, ["", "micro", "", "smile"], "Expressions"))


@pytest.mark.parametrize(
    ("name", "kind", "coder"),
    [
        ("ME AB", ME, "AB"),
        ("AB_ME", ME, "AB"),
        ("MaE-KL2", MAE, "KL2"),
        ("Micro-Expressions", ME, ""),
        ("macro expression (s)", None, ""),
        ("rater 1 - Macro-Expressions", MAE, "rater 1"),
        ("ME@J. Doe", ME, "J. Doe"),
        ("ME AU", None, ""),
        ("ME notes", None, ""),
        ("ME P1", None, ""),
        ("tell me", None, ""),
        ("ME MaE", None, ""),
    ],
)
def test_names_that_other_people_give_to_tiers(tmp_path, name, kind, coder):
    path = grid(tmp_path, ["", "4B+7C", ""], name)
    if kind is None:
        with pytest.raises(AnnotationFormatError, match="expected tiers named ME or MaE"):
            read(path)
        return
    found, told = read(path)
    assert [(e.kind, e.coder, e.action_units) for e in found.expressions] == [
        (kind, coder, "4B+7C")
    ]
    assert len(told) == (bool(coder) and "@" not in name)


def test_an_interval_before_the_video_is_left_out(tmp_path):
    found, told = read(grid(tmp_path, ["ME", "", "ME", ""], ends=[-3, -1, -0.5, 0.5, 2]))
    assert [e.interval for e in found.expressions] == [Interval(0, 12)]
    assert any(
        "before the first frame of the video: 1; cut, as they begin before it: 1" in t for t in told
    )
