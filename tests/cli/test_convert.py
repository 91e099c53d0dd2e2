"""``mespot convert`` as a user types it."""

import json
from fractions import Fraction

import pytest

from napari_mespot import Annotation, Expression, ExpressionKind, Interval, ReviewStatus
from napari_mespot.io import read_annotations, read_table, write_table

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
CLIP = Annotation(
    "clip",
    n_frames=300,
    frame_rate=Fraction(30),
    expressions=(
        Expression(Interval(12, 20), ME, apex=15),
        Expression(Interval(60, 119), MAE),
        Expression(Interval(200, 205), ME, status=ReviewStatus.REJECTED),
    ),
    reviewed=(Interval(0, 299),),
)


@pytest.fixture
def table(tmp_path):
    write_table(tmp_path / "clip.csv", [CLIP])
    return tmp_path / "clip.csv"


def test_there_and_back_again(mespot, table, tmp_path):
    done = mespot("convert", table, "clip.eaf", "--coder", "AB")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "clip: 1 ME and 1 MaE\n"
    assert done.stderr == "warning: clip.eaf: not written: 1 rejected row\n"
    assert mespot("convert", "clip.eaf", "back.csv").stdout == "clip: 1 ME and 1 MaE\n"
    (back,) = read_table(tmp_path / "back.csv")
    assert [e.interval for e in back.expressions] == [Interval(12, 20), Interval(60, 119)]
    assert {e.coder for e in back.expressions} == {"AB"}
    assert (back.n_frames, back.frame_rate, back.reviewed) == (300, 30, CLIP.reviewed)


def test_rejected_ones_on_request(mespot, table, tmp_path):
    assert mespot("convert", table, "clip.boris", "--rejected").returncode == 0
    (back,) = read_annotations(tmp_path / "clip.boris")
    assert back == CLIP


def test_a_submission(mespot, table, tmp_path):
    done = mespot("convert", table, "cas_pred.csv", "--format", "megc2022")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "cas_pred.csv").read_text()
    assert text == "vid,pred_onset,pred_offset,type\nclip,12,20,me\nclip,60,119,mae\n"


def test_a_folder_of_each(mespot, tmp_path):
    videos = [CLIP, Annotation("silent", n_frames=10, frame_rate=Fraction(25))]
    write_table(tmp_path / "all.csv", videos)
    (tmp_path / "grids").mkdir()
    assert mespot("convert", "all.csv", "grids", "--format", "textgrid").returncode == 0
    assert {p.name for p in (tmp_path / "grids").iterdir()} == {"clip.TextGrid", "silent.TextGrid"}
    done = mespot("convert", "grids", "back.csv", "--from", "textgrid", "--fps", "30")
    assert done.returncode == 0, done.stderr
    assert [a.video_id for a in read_table(tmp_path / "back.csv")] == ["clip", "silent"]


def test_what_looks_wrong_is_a_warning(mespot, table, tmp_path):
    mespot("convert", table, "clip.TextGrid")
    done = mespot("convert", "clip.TextGrid", "b.csv", "--fps", "29", "--frames", "100")
    assert done.returncode == 0
    assert "warning: clip.TextGrid: 3 of 5 times lie more than a quarter frame" in done.stderr
    assert (
        "warning: clip.TextGrid: clip has 100 frames; expressions cut at its end: 1" in done.stderr
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.csv", "a.eaf"], "no such file"),
        (["clip.csv", "a.xyz"], "say which format"),
        (["clip.TextGrid", "a.csv"], "--fps"),
        (["bare.csv", "a.eaf"], "--fps"),
        (["bare.csv", "v_labels.csv", "--fps", "30"], "--frames"),
        (["clip.csv", "none/a.eaf"], "No such file"),
    ],
)
def test_what_users_get_wrong(mespot, table, tmp_path, arguments, words):
    mespot("convert", table, "clip.TextGrid")
    (tmp_path / "bare.csv").write_text("video,kind,onset,offset\nv,ME,1,3\n")
    done = mespot("convert", *arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert words in line


@pytest.mark.parametrize(
    "arguments",
    [
        ["clip.csv"],
        ["clip.csv", "a.eaf", "--format", "excel"],
        ["clip.csv", "a.eaf", "--fps", "0"],
        ["clip.csv", "a.eaf", "--frames", "0"],
    ],
)
def test_a_command_line_that_cannot_be_understood(mespot, arguments):
    done = mespot("convert", *arguments)
    assert done.returncode == 2
    assert "--help" in done.stderr


def test_a_file_that_is_there_is_merged_into_and_kept(mespot, table, tmp_path):
    path = tmp_path / "clip.eaf"
    assert mespot("convert", table, path).returncode == 0
    speech = '<TIER TIER_ID="Speech" LINGUISTIC_TYPE_REF="default-lt"/>'
    path.write_text(path.read_text().replace("<LINGUISTIC_TYPE ", f"{speech}<LINGUISTIC_TYPE ", 1))
    mine = path.read_text()
    done = mespot("convert", table, path)
    assert done.returncode == 0, done.stderr
    assert "clip.eaf.bak" in done.stderr
    assert 'TIER_ID="Speech"' in path.read_text()
    assert (tmp_path / "clip.eaf.bak").read_text() == mine
    done = mespot("convert", table, path, "--replace")
    assert "Speech" not in path.read_text()
    done = mespot("convert", table, path, "--strict")
    assert (done.returncode, done.stdout) == (1, "")
    assert "1 rejected row" in done.stderr


def boris_project(folder, **observations):
    """Observations of one video, from (onset, stop) in seconds."""
    path = folder / "study.boris"
    behaviours = {"0": {"code": "ME", "type": "State event"}}
    path.write_text(
        json.dumps(
            {
                "behaviors_conf": behaviours,
                "observations": {
                    name: {
                        "type": "MEDIA",
                        "file": {"1": ["clip.mp4"]},
                        "media_info": {"fps": {"clip.mp4": 30}, "length": {"clip.mp4": 10}},
                        "events": [[time, "", "ME", "", ""] for time in times],
                    }
                    for name, times in observations.items()
                },
            }
        )
    )
    return path


def test_two_coders_of_one_video_in_boris(mespot, tmp_path):
    study = boris_project(tmp_path, anna=(1.0, 1.4), ben=(1.2, 1.6), empty=())
    refused = mespot("convert", study, "all.csv")
    assert refused.returncode == 1
    assert "--observation" in refused.stderr
    assert not (tmp_path / "all.csv").exists()
    assert mespot("convert", study, "ben.csv", "--observation", "ben").returncode == 0
    assert [e.onset for e in read_table(tmp_path / "ben.csv")[0].expressions] == [36]
    (tmp_path / "each").mkdir()
    done = mespot("convert", study, "each", "--format", "mespot")
    assert done.returncode == 0, done.stderr
    names = ["clip.intervals.csv", "clip_anna.intervals.csv", "clip_ben.intervals.csv"]
    assert sorted(p.name for p in (tmp_path / "each").iterdir()) == names
    (found,) = read_table(tmp_path / "each" / "clip_anna.intervals.csv")
    assert [(e.onset, e.coder) for e in found.expressions] == [(30, "anna")]


def test_an_observation_of_a_file_that_holds_none(mespot, table):
    done = mespot("convert", table, "out.csv", "--observation", "anna")
    assert done.returncode == 1
    assert "leave the observation away" in done.stderr
