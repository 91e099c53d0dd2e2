"""Submissions to the MEGC challenge."""

import pytest
from hypothesis import HealthCheck, given, settings
from tests.io.other_tools import CLIP, MAE, ME, annotations, spans
from tests.reference.io import rows_as_text

from napari_mespot import Annotation, Expression, Interval, ReviewStatus
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.megc import read_megc, write_megc

PREDICTED = ReviewStatus.PREDICTED


@pytest.mark.parametrize("year", [2022, 2023])
def test_intervals_and_kinds_survive_the_round_trip(tmp_path, year):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(annotations().filter(lambda a: a.expressions))
    def check(annotation):
        write_megc(tmp_path / "cas_pred.csv", [annotation], year)
        (back,) = read_megc(tmp_path / "cas_pred.csv")
        assert [s[:3] for s in spans(back)] == [s[:3] for s in spans(annotation)]
        assert {e.status for e in back.expressions} == {PREDICTED}

    check()


@pytest.mark.parametrize(
    ("year", "columns"),
    [
        (2022, ["vid", "pred_onset", "pred_offset", "type"]),
        (2023, ["vid", "onset", "offset", "type"]),
    ],
)
def test_the_file_looks_as_the_challenge_asks(tmp_path, year, columns):
    write_megc(tmp_path / "samm_pred.csv", [CLIP, Annotation("006_2")], year)
    rows = rows_as_text(tmp_path / "samm_pred.csv")
    assert list(rows[0]) == columns
    assert list(rows[1].values()) == ["clip", "12", "20", "me"]
    assert {row["type"] for row in rows} == {"me", "mae"}


def test_what_others_submitted(tmp_path):
    text = "vid,pred_onset,pred_offset,type\nsub01,14.0,28,mae\n001_2,3,9,me\nsub01,1,2,me\n"
    (tmp_path / "a.csv").write_text(text)
    first, second = read_megc(tmp_path / "a.csv")
    assert first.video_id == "sub01"
    assert first.expressions == (
        Expression(Interval(1, 2), ME, status=PREDICTED),
        Expression(Interval(14, 28), MAE, status=PREDICTED),
    )
    assert second.video_id == "001_2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("vid,type\na,me\n", "add the missing: onset, offset"),
        ("vid,pred_onset,type\na,1,me\n", "add the missing: pred_offset"),
        ("vid,onset,offset,type\na,5,3,me\n", "row 2, column offset: expected a frame from 5"),
        ("vid,onset,offset,type\na,x,3,me\n", "row 2, column onset"),
        ("vid,onset,offset,type\na,1,3,smile\n", "expected me or mae, got 'smile'"),
        ("vid,onset,offset,type\n,1,3,me\n", "row 2, column vid"),
    ],
)
def test_broken_files(tmp_path, text, words):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(AnnotationFormatError) as caught:
        read_megc(tmp_path / "a.csv")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
