"""A BORIS project that somebody works on is merged into: every other value stays."""

import copy
import gzip
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from tests.io.other_tools import MAE, ME, annotations, spans

from napari_mespot import Annotation, Expression, Interval, ReviewStatus
from napari_mespot.errors import OutputError
from napari_mespot.io import read_annotations, write_annotations

MANY = settings(max_examples=40, suppress_health_check=list(HealthCheck))
AB = Annotation(
    "clip",
    n_frames=300,
    frame_rate=Fraction(30),
    expressions=(
        Expression(Interval(12, 20), ME, action_units="4B+7C", coder="AB", apex=14),
        Expression(Interval(150, 260), MAE, coder="AB"),
    ),
    reviewed=(Interval(0, 299),),
)


def observation(media, events, **changes):
    return {
        "file": {"1": [media] if media else [], "2": []},
        "type": "MEDIA" if media else "LIVE",
        "date": "2024-05-01T10:00:00",
        "description": "morning, by Jo",
        "time offset": 0.0,
        "independent_variables": {"weather": "rain"},
        "media_info": {"length": {media: 10.0}, "fps": {media: 30.0}},
        "my_key": [1, 2.5, None, {"a": "ü"}],
        "events": events,
        **changes,
    }


def behaviour(code, kind, key=""):
    return {"type": kind, "key": key, "code": code, "description": "", "modifiers": {"0": {}}}


PROJECT = {
    "time_format": "s",
    "project_name": "months of work",
    "project_format_version": "7.0",
    "subjects_conf": {"0": {"key": "q", "name": "Ann", "description": "left chair"}},
    "behaviors_conf": {
        "0": behaviour("talks", "State event", "m"),
        "3": behaviour("ME", "State event", "e"),
        "4": behaviour("nods", "Point event", "n"),
    },
    "observations": {
        "obs1": observation(
            "/d/films/clip.mp4",
            [
                [0.4, "", "ME", "", "coder: AB"],
                [0.5, "", "talks", "loud", "first"],
                [0.7, "", "ME", "", ""],
                [1.0, "", "nods", "", ""],
                [2.0, "", "ME", "None", "coder: CD"],
                [2.5, "", "ME", "None", ""],
                [9.0, "", "talks", "loud", ""],
            ],
        ),
        "other": observation(
            "/d/films/other.mp4", [[1.0, "", "ME", "", ""], [2.0, "", "ME", "", ""]]
        ),
        "live": observation("", [[1.0, "Ann", "nods", "", "x"]]),
        "clip talk": observation("/d/films/clip.mp4", [[3.0, "Ann", "nods", "", ""]]),
    },
    "independent_variables": {"0": {"label": "weather", "type": "text"}},
    "behavioral_categories": ["face"],
    "later_version": {"x": [True, 1e-7]},
}


@pytest.fixture
def coded(tmp_path):
    path = tmp_path / "coded.boris"
    path.write_text(json.dumps(PROJECT))
    return path


def merge(path, *annotations, **options):
    said = []
    write_annotations(path, annotations, notice=said.append, **options)
    return said, json.loads(path.read_text())


def is_ours(event):
    return str(event[2]).split("_")[0] in {"ME", "MaE"}


def test_all_that_is_none_of_ours_stays_value_by_value(coded):
    said, after = merge(coded, AB)
    expected = copy.deepcopy(PROJECT)
    mine, theirs = (p["observations"].pop("obs1") for p in (after, expected))
    ethograms = [p.pop("behaviors_conf") for p in (after, expected)]
    assert after == expected
    assert list(ethograms[0].values())[:3] == list(ethograms[1].values())
    events = [o.pop("events") for o in (mine, theirs)]
    description = mine.pop("description")
    assert theirs.pop("description") in description
    assert mine == theirs
    others = [[e for e in of if not is_ours(e)] for of in events]
    assert others[0] == others[1]
    assert [2.0, "", "ME", "None", "coder: CD"] in events[0]
    assert [0.4, "", "ME", "", "coder: AB"] not in events[0]
    assert [e[0] for e in events[0]] == sorted(e[0] for e in events[0])
    assert any("stay in it: ME@CD 1" in line for line in said)
    assert json.loads((coded.parent / "coded.boris.bak").read_text()) == PROJECT


def test_what_was_written_is_what_is_read(coded):
    lone = {"obs1": PROJECT["observations"]["obs1"]}
    coded.write_text(json.dumps({**PROJECT, "observations": lone}))
    merge(coded, AB)
    (back,) = read_annotations(coded, notice=str)
    kept = [e for e in back.expressions if e.coder == "CD"]
    assert len(kept) == 1
    assert replace(back, expressions=tuple(e for e in back.expressions if e not in kept)) == AB


def test_states_of_two_coders_do_not_meet_in_one_behaviour(coded):
    over = Expression(Interval(58, 80), ME, coder="AB")
    _, after = merge(coded, replace(AB, expressions=(over,)))
    codes = {e[2] for e in after["observations"]["obs1"]["events"] if is_ours(e)}
    assert codes == {"ME", "ME_2"}
    assert any(b["code"] == "ME_2" for b in after["behaviors_conf"].values())


def test_a_video_without_an_observation_of_ours_gets_its_own(coded):
    _, after = merge(coded, replace(AB, video_id="new"))
    assert after["observations"].pop("new")["events"]
    assert after["observations"] == PROJECT["observations"]


def test_predictions_leave_the_labels_of_people_alone(coded):
    found = Expression(Interval(5, 9), ME, status=ReviewStatus.PREDICTED, source="net")
    _, after = merge(coded, replace(AB, expressions=(found,)))
    rows = after["observations"]["obs1"]["events"]
    assert [e for e in rows if e[2] != "ME_model"] == PROJECT["observations"]["obs1"]["events"]
    assert [e[2] for e in rows].count("ME_model") == 2


def test_a_time_offset_of_the_observation_is_kept_to(coded):
    project = copy.deepcopy(PROJECT)
    project["observations"]["obs1"]["time offset"] = 100.0
    coded.write_text(json.dumps(project))
    _, after = merge(coded, AB)
    starts = [e[0] for e in after["observations"]["obs1"]["events"] if "AU: 4B" in str(e[4])]
    assert starts == [100.4]


def test_two_observations_that_may_be_meant_are_refused(coded):
    project = copy.deepcopy(PROJECT)
    project["observations"]["obs2"] = project["observations"]["obs1"]
    coded.write_text(json.dumps(project))
    with pytest.raises(OutputError, match="got obs1, obs2"):
        merge(coded, AB)
    assert json.loads(coded.read_text()) == project


def test_a_behaviour_of_another_type_is_refused(coded):
    project = copy.deepcopy(PROJECT)
    project["behaviors_conf"]["3"]["type"] = "Point event"
    project["observations"]["obs1"]["events"][4:6] = []
    coded.write_text(json.dumps(project))
    with pytest.raises(OutputError, match="the behaviour ME as a state event"):
        merge(coded, AB)


@pytest.mark.parametrize("content", ["{}", "[", "mine"])
def test_what_is_no_project_is_kept(tmp_path, content):
    path = tmp_path / "p.boris"
    path.write_text(content)
    with pytest.raises(OutputError, match="to merge into"):
        merge(path, AB)
    assert path.read_text() == content
    merge(path, AB, replace=True)
    assert read_annotations(path) == (AB,)
    assert (tmp_path / "p.boris.bak").read_text() == content


def test_merging_twice_changes_nothing_more(coded):
    merge(coded, AB)
    once = coded.read_bytes()
    merge(coded, AB)
    assert coded.read_bytes() == once


@MANY
@given(annotation=annotations())
def test_any_annotation_can_be_merged_and_merged_again(tmp_path_factory, annotation):
    path = tmp_path_factory.mktemp("merge") / "coded.boris"
    lone = {"obs1": PROJECT["observations"]["obs1"]}
    path.write_text(json.dumps({**PROJECT, "observations": lone}))
    for expressions in (annotation.expressions, annotation.expressions[::2]):
        part = replace(annotation, expressions=expressions)
        _, after = merge(path, part)
        others = [e for e in after["observations"]["obs1"]["events"] if not is_ours(e)]
        assert len(others) == 3
        (back,) = read_annotations(path, notice=str)
        assert all(span in spans(back) for span in spans(part))


def test_what_is_put_beside_a_time_offset_is_read_back(coded):
    project = copy.deepcopy(PROJECT)
    project["observations"] = {"obs1": {**project["observations"]["obs1"], "time offset": 100.0}}
    for event in project["observations"]["obs1"]["events"]:
        event[0] += 100
    coded.write_text(json.dumps(project))
    _, after = merge(coded, AB)
    assert [e[0] for e in after["observations"]["obs1"]["events"] if e[2] == "talks"] == [
        100.5,
        109,
    ]
    (back,) = read_annotations(coded, notice=str)
    assert spans(
        replace(back, expressions=tuple(e for e in back.expressions if e.coder == "AB"))
    ) == (spans(AB))


def test_a_packed_project_stays_packed(tmp_path):
    path = tmp_path / "coded.boris.gz"
    path.write_bytes(gzip.compress(json.dumps(PROJECT).encode()))
    write_annotations(path, [AB], format="boris", notice=str)
    after = json.loads(gzip.decompress(path.read_bytes()))
    assert after["observations"]["live"] == PROJECT["observations"]["live"]
    once = path.read_bytes()
    write_annotations(path, [AB], format="boris", notice=str)
    assert path.read_bytes() == once


def test_an_observation_of_images_is_left_alone(coded):
    project = copy.deepcopy(PROJECT)
    frames = [["NA", "", "ME", "", "", 13], ["NA", "", "ME", "", "", 22]]
    facts = {"type": "IMAGES", "directories_list": ["/d/films/clip"], "file": []}
    project["observations"] = {"clip": {**observation("", frames), **facts}}
    coded.write_text(json.dumps(project))
    try:
        _, after = merge(coded, AB)
    except OutputError:
        after = json.loads(coded.read_text())
    assert after["observations"]["clip"] == project["observations"]["clip"]
