"""ELAN files: what survives, what an independent library reads, what is refused."""

import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pympi.Elan import Eaf
from tests.io.other_tools import CLIP, MAE, ME, annotations, scores, spans, statuses

from napari_mespot import Annotation, Expression, Interval, ReviewStatus
from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.elan import read_elan, write_elan

NO_CHECKS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def eaf(folder: Path, tiers: str, slots: str = "", header: str = "") -> Path:
    """A file as ELAN writes it, with what the test is about."""
    path = folder / "hand_made.eaf"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-01-01T10:00:00+01:00" FORMAT="3.0" '
        f'VERSION="3.0"><HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">{header}</HEADER>'
        f"<TIME_ORDER>{slots}</TIME_ORDER>{tiers}</ANNOTATION_DOCUMENT>"
    )
    return path


def slots(*times: int | None) -> str:
    return "".join(
        f'<TIME_SLOT TIME_SLOT_ID="ts{i}"' + (f' TIME_VALUE="{t}"/>' if t is not None else "/>")
        for i, t in enumerate(times, start=1)
    )


def tier(name: str, *pairs: tuple[int, int], text: str = "", facts: str = "") -> str:
    marks = "".join(
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}{a}" TIME_SLOT_REF1="ts{a}" '
        f'TIME_SLOT_REF2="ts{b}"><ANNOTATION_VALUE>{text}</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
        for a, b in pairs
    )
    return f'<TIER TIER_ID="{name}" LINGUISTIC_TYPE_REF="default-lt" {facts}>{marks}</TIER>'


@NO_CHECKS
@given(annotations())
def test_every_annotation_survives_the_round_trip(tmp_path_factory, annotation):
    path = tmp_path_factory.getbasetemp() / "round.eaf"
    write_elan(path, annotation)
    (back,) = read_elan(path)
    assert spans(back) == spans(annotation)
    assert statuses(back) == statuses(annotation)
    assert scores(back) == scores(annotation)
    assert (back.n_frames, back.frame_rate) == (annotation.n_frames, annotation.frame_rate)
    assert back.reviewed == annotation.reviewed


def test_plain_texts_survive_too(tmp_path):
    write_elan(tmp_path / "a.eaf", CLIP)
    assert read_elan(tmp_path / "a.eaf") == (CLIP,)


def test_another_library_reads_the_same_intervals(tmp_path):
    write_elan(tmp_path / "a.eaf", CLIP)
    other = Eaf(str(tmp_path / "a.eaf"))
    marks = {name: other.get_annotation_data_for_tier(name) for name in other.get_tier_names()}
    assert marks["ME@AB"] == [(400, 700, "AU: 4B+7C | notes: left"), (700, 733, "ME")]
    assert marks["ME_apex@AB"] == [(500, 533, "apex"), (700, 733, "apex")]
    assert marks["MaE@AB"] == [(333, 4000, "emotion: joy")]
    assert marks["MaE_2@AB"] == [(1333, 3033, "MaE")]
    assert marks["ME_model@synthetic-v1"] == [(6667, 7033, "score: 0.75")]
    assert other.get_parameters_for_tier("ME@AB")["ANNOTATOR"] == "AB"


@NO_CHECKS
@given(annotations())
def test_the_document_keeps_the_rules_of_the_schema(tmp_path_factory, annotation):
    """Order of elements, distinct ids, references that lead somewhere, no overlaps."""
    path = tmp_path_factory.getbasetemp() / "schema.eaf"
    write_elan(path, annotation)
    root = ET.fromstring(path.read_bytes())
    order = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE"]
    positions = [order.index(child.tag) for child in root]
    assert positions == sorted(positions)
    assert {"AUTHOR", "DATE", "VERSION"} <= set(root.attrib)
    times = [(s.get("TIME_SLOT_ID"), int(s.get("TIME_VALUE"))) for s in root.iter("TIME_SLOT")]
    assert [t for _, t in times] == sorted(t for _, t in times)
    slot = dict(times)
    ids = [a.get("ANNOTATION_ID") for a in root.iter("ALIGNABLE_ANNOTATION")]
    assert len({*slot, *ids}) == len(times) + len(ids)
    names = [t.get("TIER_ID") for t in root.iter("TIER")]
    assert len(set(names)) == len(names)
    for of_tier in root.iter("TIER"):
        end = 0
        for mark in of_tier.iter("ALIGNABLE_ANNOTATION"):
            start, stop = (slot[mark.get(f"TIME_SLOT_REF{i}")] for i in (1, 2))
            assert end <= start < stop
            end = stop


def test_a_video_beside_the_file_is_linked_without_its_folder(tmp_path):
    (tmp_path / "my clip.mp4").touch()
    write_elan(tmp_path / "a.eaf", replace(CLIP, video_id="my clip"))
    text = (tmp_path / "a.eaf").read_text()
    assert 'MEDIA_URL="./my%20clip.mp4"' in text
    assert str(tmp_path) not in text


def test_what_people_make_in_elan(tmp_path):
    path = eaf(
        tmp_path,
        tier("Micro-Expression", (1, 2), text="AU4", facts='ANNOTATOR="KL"')
        + tier("macro", (3, 4))
        + tier("speech", (1, 4)),
        slots(1001, 1199, 2000, 3000),
        '<MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/lab/s%2015/clip_7.MP4" MIME_TYPE="video/mp4"/>',
    )
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(200), notice=said.append)
    assert found.video_id == "clip_7"
    assert found.expressions == (
        Expression(Interval(200, 239), ME, coder="KL", action_units="AU4"),
        Expression(Interval(400, 599), MAE),
    )
    assert said == [f"{path}: left out the tiers speech: not named ME or MaE"]


def test_times_off_the_frames_are_counted(tmp_path):
    path = eaf(tmp_path, tier("ME", (1, 2)), slots(100, 250))
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert spans(found) == [("ME", 3, 5, -1)]
    assert "1 of 2 times lie more than a quarter frame" in said[0]
    assert "25 frames per second" in said[0]


@pytest.mark.parametrize("rate", [24, 25, 30, 50, 60, 120, 200, 240, Fraction(30000, 1001)])
def test_no_frame_moves_and_nothing_is_warned_of(tmp_path, rate):
    """Times in milliseconds lie off the frames by rounding alone; that is no news."""
    marks = [Expression(Interval(f, f), ME, apex=f) for f in range(0, 400)]
    annotation = Annotation("v", n_frames=400, frame_rate=Fraction(rate), expressions=tuple(marks))
    write_elan(tmp_path / "a.eaf", annotation)
    assert read_elan(tmp_path / "a.eaf") == (annotation,)  # a warning would fail


def test_apexes_find_their_expression(tmp_path):
    path = eaf(
        tmp_path,
        tier("ME@A", (1, 2)) + tier("ME@B", (1, 2)) + tier("ME_apex@B", (3, 4), (5, 6)),
        slots(1000, 1400, 1200, 1240, 3000, 3040),
    )
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert {(e.coder, e.apex) for e in found.expressions} == {("A", None), ("B", 30)}
    assert "apexes left out, as they lie in no expression without one: 1" in said[0]


def test_the_time_origin_of_a_synchronised_video_is_added(tmp_path):
    header = '<MEDIA_DESCRIPTOR MEDIA_URL="a.mp4" MIME_TYPE="video/mp4" TIME_ORIGIN="2000"/>'
    path = eaf(tmp_path, tier("ME", (1, 2)), slots(1000, 1400), header)
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert spans(found) == [("ME", 75, 84, -1)]
    assert "begin 2 s into the video" in said[0]


def test_intervals_without_times_are_left_out_and_said(tmp_path):
    path = eaf(tmp_path, tier("ME", (1, 2), (2, 3)), slots(1000, None, 2000))
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert found.expressions == ()
    assert "intervals left out, as they have no times: 2" in said[0]


def test_what_was_drawn_past_the_end_is_cut(tmp_path):
    write_elan(tmp_path / "a.eaf", replace(CLIP, expressions=()))
    text = (tmp_path / "a.eaf").read_text()
    text = text.replace("<TIME_ORDER />", f"<TIME_ORDER>{slots(9900, 12000)}</TIME_ORDER>")
    text = text.replace("    <LINGUISTIC", tier("ME", (1, 2)) + "    <LINGUISTIC")
    (tmp_path / "a.eaf").write_text(text)
    said = []
    (found,) = read_elan(tmp_path / "a.eaf", notice=said.append)
    assert spans(found) == [("ME", 297, 299, -1)]
    assert "300 frames; expressions cut at its end: 1, left out behind it: 0" in said[0]


def complaint(path: Path, **options) -> str:
    with pytest.raises(AnnotationFormatError) as caught:
        read_elan(path, **options)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "broken XML"),
        ("<ANNOTATION_DOCUMENT>", "broken XML"),
        ("<html/>", "'html'"),
        ('<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"/></ANNOTATION_DOCUMENT>', "PAL"),
    ],
)
def test_no_elan_file(tmp_path, text, words):
    (tmp_path / "a.eaf").write_text(text)
    assert words in complaint(tmp_path / "a.eaf")


def test_broken_and_foreign_files(tmp_path):
    rate = Fraction(25)
    assert "--fps" in complaint(eaf(tmp_path, tier("ME", (1, 2)), slots(0, 40)))
    assert "'ts9'" in complaint(eaf(tmp_path, tier("ME", (9, 9)), slots(0)), frame_rate=rate)
    lost = complaint(eaf(tmp_path, tier("speech") + tier("gaze")), frame_rate=rate)
    assert "tiers named ME or MaE, got speech, gaze; rename" in lost
    header = '<PROPERTY NAME="mespot:fps">fast</PROPERTY>'
    assert "remove them in ELAN" in complaint(eaf(tmp_path, "", "", header))
    assert "no such file" in complaint(tmp_path / "none.eaf")
    assert "directory" in complaint(tmp_path)


@NO_CHECKS
@given(st.binary(max_size=60), st.text(st.sampled_from('<>/"=aTIER_SLOT '), max_size=60))
@example(b"\xff\xfe<", "")
def test_no_content_crashes_the_reader(tmp_path_factory, data, text):
    path = tmp_path_factory.getbasetemp() / "fuzz.eaf"
    start = b"<ANNOTATION_DOCUMENT><HEADER/>"
    for content in (data, start + text.encode() + b"</ANNOTATION_DOCUMENT>"):
        path.write_bytes(content)
        with suppress(AnnotationFormatError):
            read_elan(path, frame_rate=Fraction(30), notice=lambda text: None)


def test_what_elan_cannot_hold_is_refused(tmp_path):
    with pytest.raises(OutputError, match="--fps"):
        write_elan(tmp_path / "a.eaf", Annotation("v"))
    with pytest.raises(OutputError, match="1000 frames per second"):
        write_elan(tmp_path / "a.eaf", Annotation("v", frame_rate=Fraction(2000)))
    assert not list(tmp_path.iterdir())


def test_status_and_source_of_a_corrected_prediction(tmp_path):
    corrected = Expression(
        Interval(3, 9), ME, score=0.25, status=ReviewStatus.CORRECTED, source="net", coder="AB"
    )
    annotation = Annotation("v", frame_rate=Fraction(25), expressions=(corrected,))
    write_elan(tmp_path / "a.eaf", annotation)
    assert read_elan(tmp_path / "a.eaf") == (annotation,)


VIDEO = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///D:/v/talk.mp4" MIME_TYPE="video/mp4" {}/>'
SOUND = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///D:/v/{}" MIME_TYPE="{}" TIME_ORIGIN="7000"/>'


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("talk.wav", "audio/x-wav"),
        ("talk.m4a", "audio/mp4"),
        ("talk.WAV", "unknown"),
        ("t", "audio/*"),
    ],
)
@pytest.mark.parametrize("origin", ["", 'TIME_ORIGIN="2000"'])
def test_sound_that_is_linked_first_is_not_the_video(tmp_path, file, kind, origin):
    header = SOUND.format(file, kind) + VIDEO.format(origin)
    path = eaf(tmp_path, tier("ME", (1, 2)), slots(1000, 1400), header)
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert found.video_id == "talk"
    assert spans(found) == [("ME", 75, 84, -1) if origin else ("ME", 25, 34, -1)]
    assert len(said) == bool(origin)


def test_a_video_of_unknown_type_is_known_by_its_ending(tmp_path):
    header = SOUND.format("a.wav", "audio/x-wav") + VIDEO.format("").replace("video/mp4", "unknown")
    (found,) = read_elan(eaf(tmp_path, tier("ME"), "", header), frame_rate=Fraction(25))
    assert found.video_id == "talk"


def test_several_videos_are_told(tmp_path):
    second = VIDEO.format('TIME_ORIGIN="3000"').replace("talk", "side")
    path = eaf(tmp_path, tier("ME", (1, 2)), slots(1000, 1400), VIDEO.format("") + second)
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert (found.video_id, spans(found)) == ("talk", [("ME", 25, 34, -1)])
    assert said == [f"{path}: its intervals were taken for talk.mp4; also linked: side.mp4"]


def test_the_video_that_the_file_was_written_for_is_found_among_several(tmp_path):
    name = '<PROPERTY NAME="mespot:video">side</PROPERTY>'
    second = VIDEO.format('TIME_ORIGIN="2000"').replace("talk", "side")
    path = eaf(tmp_path, tier("ME", (1, 2)), slots(1000, 1400), VIDEO.format("") + second + name)
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=lambda _: None)
    assert (found.video_id, spans(found)) == ("side", [("ME", 75, 84, -1)])


def test_sound_alone_names_the_video_and_is_told(tmp_path):
    path = eaf(tmp_path, tier("ME"), "", SOUND.format("talk.wav", "audio/x-wav"))
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert found.video_id == "talk"
    assert "only sound is linked (talk.wav)" in said[0]


def test_what_lies_before_the_video_is_left_out(tmp_path):
    header = VIDEO.format('TIME_ORIGIN="-5000"')
    marks = tier("ME", (1, 2), (3, 4), (5, 6)) + tier("ME_apex", (1, 2), (5, 6))
    path = eaf(tmp_path, marks, slots(1000, 1400, 4900, 5200, 6000, 6400), header)
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert spans(found) == [("ME", 0, 4, -1), ("ME", 25, 34, 25)]
    assert any(
        "before the first frame of the video: 2; cut, as they begin before" in s for s in said
    )


def test_an_interval_that_stops_before_it_starts_is_left_out(tmp_path):
    path = eaf(tmp_path, tier("ME", (2, 1), (1, 2)), slots(1000, 1400))
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert spans(found) == [("ME", 25, 34, -1)]
    assert "left out, as they stop before they start: 1" in said[0]


@pytest.mark.parametrize(
    ("name", "facts", "subject", "coder"),
    [
        ("ME", 'PARTICIPANT="P1" ANNOTATOR="AB"', "P1", "AB"),
        ("ME@P1", 'PARTICIPANT="P1" ANNOTATOR="AB"', "P1", "AB"),
        ("ME@P1", 'PARTICIPANT="P1"', "P1", ""),
        ("ME@P1", 'ANNOTATOR="AB"', "P1", "AB"),
        ("ME@AB", 'PARTICIPANT="P1" ANNOTATOR="AB"', "P1", "AB"),
        ("ME@AB", 'PARTICIPANT="P1"', "P1", "AB"),
        ("ME@AB", 'ANNOTATOR="AB"', "", "AB"),
        ("ME@AB", "", "", "AB"),
        ("AB_ME", 'PARTICIPANT="P1"', "P1", "AB"),
    ],
)
def test_who_is_seen_and_who_coded(tmp_path, name, facts, subject, coder):
    path = eaf(tmp_path, tier(name, (1, 2), facts=facts), slots(1000, 1400))
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=lambda _: None)
    assert (found.subject_id, found.expressions[0].coder) == (subject, coder)


def test_each_participant_is_an_annotation_of_its_own(tmp_path):
    two = tier("ME@P1", (1, 2), facts='PARTICIPANT="P1"') + tier(
        "ME@P2", (2, 3), facts='PARTICIPANT="P2"'
    )
    found = read_elan(eaf(tmp_path, two, slots(1000, 1400, 2000)), frame_rate=Fraction(25))
    assert [(a.subject_id, spans(a)) for a in found] == [
        ("P1", [("ME", 25, 34, -1)]),
        ("P2", [("ME", 35, 49, -1)]),
    ]


def test_codes_typed_on_intervals(tmp_path):
    marks = tier("ME", (1, 2), text="4B+7C") + tier("MaE", (2, 3), text="neutral")
    path = eaf(tmp_path, marks, slots(1000, 1400, 2000))
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert found.expressions == (Expression(Interval(25, 34), ME, action_units="4B+7C"),)
    assert said == [f"{path}: intervals taken for gaps by their texts: 'neutral' 1"]


def test_a_tier_with_both_kinds(tmp_path):
    first = tier("Expressions", (1, 2), text="micro", facts='ANNOTATOR="AB"')
    path = eaf(tmp_path, first + tier("speech", (2, 3), text="hello"), slots(1000, 1400, 2000))
    said = []
    (found,) = read_elan(path, frame_rate=Fraction(25), notice=said.append)
    assert found.expressions == (Expression(Interval(25, 34), ME, coder="AB"),)
    assert "Expressions as ME and MaE, by its texts" in said[0]
    assert "left out the tiers speech" in said[1]
