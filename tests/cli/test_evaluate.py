"""``mespot evaluate``: which videos are compared, and when it refuses to compare."""

import json
import unicodedata

import pytest

from napari_mespot.cli import main

HEAD = "video,kind,onset,offset,fps\n"


@pytest.fixture
def compare(tmp_path, capsys, monkeypatch):
    """Write two tables, run the command, return (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def run(labels, found, *options):
        for name, rows in (("labels.csv", labels), ("found.csv", found)):
            (tmp_path / name).write_text(HEAD + "".join(f"{r}\n" for r in rows), encoding="utf-8")
        sides = ["--reference", "labels.csv", "--hypothesis", "found.csv"]
        code = main(["evaluate", *sides, *options])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("labelled", "found"),
    [
        ("d18.mp4", "d18"),
        ("d18", "d18.MP4"),
        (r"E:\card\d18.avi", "d18"),
        *(
            tuple(unicodedata.normalize(form, "Ærø_ö") for form in forms)
            for forms in (("NFC", "NFD"), ("NFD", "NFC"))
        ),
    ],
)
def test_one_video_under_two_spellings(compare, labelled, found):
    code, out, err = compare([f"{labelled},ME,4,9,"], [f"{found},ME,4,9,"], "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["overall"]["tp"] == 1


@pytest.mark.parametrize(
    ("labels", "found", "words"),
    [
        (["a,ME,4,9,"], ["b,ME,4,9,"], ["without predictions (a)", "without labels (b)"]),
        (["a,ME,4,9,"], ["a,ME,4,9,", "b,ME,4,9,"], ["1 video without labels (b)"]),
        (["a,ME,4,9,", "c,ME,4,9,", "d,ME,4,9,"], ["a,ME,4,9,"], ["2 videos", "(c, d)"]),
        (["a,ME,4,9,"], [], ["without predictions (a)"]),
        (["a.mp4,ME,4,9,", "a.avi,ME,4,9,"], ["a,ME,4,9,"], ["(a.avi, a.mp4)", "(a)"]),
    ],
)
def test_a_video_on_one_side_only_is_an_error(compare, labels, found, words):
    code, out, err = compare(labels, found)
    assert (code, out) == (1, "")
    assert "error: expected every video on both sides" in err
    assert "--allow-unmatched" in err
    for word in words:
        assert word in err
    code, out, err = compare(labels, found, "--allow-unmatched")
    assert code == 0
    assert "warning:" in err
    assert "F1" in out


def test_a_video_under_two_names_on_one_side_is_refused(compare):
    twice = ["d18,ME,4,9,", "d18.mp4,ME,40,49,"]
    code, _, err = compare(["d18,ME,4,9,"], twice, "--allow-unmatched")
    assert code == 1
    assert "'d18' 2 times (also as 'd18.mp4')" in err


def test_two_videos_that_differ_in_their_ending_alone(compare):
    rows = ["d18.mp4,ME,4,9,", "d18.avi,ME,40,49,"]
    code, out, _ = compare(rows, rows, "--json")
    assert code == 0
    assert json.loads(out)["overall"]["tp"] == 2


@pytest.mark.parametrize(("one", "other"), [("25", "50"), ("30", "29.97"), ("200", "30000/1001")])
def test_frames_of_two_rates_are_not_compared(compare, one, other):
    code, out, err = compare([f"v,ME,4,9,{one}"], [f"v,ME,4,9,{other}"])
    assert (code, out) == (1, "")
    assert "frame rate (fps)" in err
    assert one in err
    assert other in err or "29.97003" in err


@pytest.mark.parametrize(
    ("one", "other"), [("29.97", "30000/1001"), ("", "25"), ("23.98", "23.976")]
)
def test_one_rate_in_two_spellings_or_unknown_is_no_hindrance(compare, one, other):
    code, out, err = compare([f"v,ME,4,9,{one}"], [f"v,ME,4,9,{other}"], "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["overall"]["tp"] == 1


def test_scores_are_found_by_the_same_rule(compare, tmp_path):
    rows = [f"{i},{i / 25},0.1,{0.9 if i in (2, 3) else 0.2},1" for i in range(6)]
    (tmp_path / "v.scores.csv").write_text("\n".join(["frame,time_s,p_me,p_mae,found", *rows]))
    code, out, err = compare(["v.mp4,MaE,2,3,"], ["v,MaE,2,3,"], "--scores", "v.scores.csv")
    assert (code, err) == (0, "")
    assert "1 of 1 labelled videos" in out
