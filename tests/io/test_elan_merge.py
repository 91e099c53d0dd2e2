"""An ELAN file that somebody works on is merged into: all but our tiers of that video stays."""

import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from pympi.Elan import Eaf
from tests.io.other_tools import CLIP, MAE, ME, annotations, spans

from napari_mespot import Annotation, Expression, Interval, ReviewStatus
from napari_mespot.errors import OutputError
from napari_mespot.io import read_annotations, write_annotations

MANY = settings(max_examples=40, suppress_health_check=list(HealthCheck))
# What a laboratory has after months: a speech corpus in which faces were coded too.
CODED = """<?xml version="1.0" encoding="UTF-8"?>
<!-- kept by hand, ask Jo before changing -->
<?lab corpus="7"?>
<ANNOTATION_DOCUMENT AUTHOR="Jo" DATE="2024-03-01T09:00:00+01:00" FORMAT="3.0" VERSION="3.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:lab="urn:lab" lab:state="checked"
    xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
  <LICENSE LICENSE_URL="https://example.org/licence">for research only</LICENSE>
  <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
    <MEDIA_DESCRIPTOR MEDIA_URL="file:///d/clip.wav" MIME_TYPE="audio/x-wav"/>
    <MEDIA_DESCRIPTOR MEDIA_URL="file:///d/clip.mp4" MIME_TYPE="video/mp4"/>
    <LINKED_FILE_DESCRIPTOR LINK_URL="file:///d/gsr.txt" MIME_TYPE="text/plain"/>
    <PROPERTY NAME="URN">urn:nl-mpi:1</PROPERTY>
    <PROPERTY NAME="lastUsedAnnotationId">41</PROPERTY>
  </HEADER>
  <TIME_ORDER>
    <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/>
    <TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="400"/>
    <TIME_SLOT TIME_SLOT_ID="ts3"/>
    <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="700"/>
    <TIME_SLOT TIME_SLOT_ID="ts5" TIME_VALUE="2000"/>
    <TIME_SLOT TIME_SLOT_ID="ts6" TIME_VALUE="2600"/>
    <TIME_SLOT TIME_SLOT_ID="ts7" TIME_VALUE="3000"/>
  </TIME_ORDER>
  <TIER DEFAULT_LOCALE="en" LINGUISTIC_TYPE_REF="words" PARTICIPANT="P1" TIER_ID="Speech">
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts3">
      <ANNOTATION_VALUE>so &lt;then&gt; we&#13;
 met</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts5">
      <ANNOTATION_VALUE>Zoë</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  </TIER>
  <TIER LINGUISTIC_TYPE_REF="gloss" PARENT_REF="Speech" TIER_ID="Gloss" EXT_REF="er1">
    <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a1">
      <ANNOTATION_VALUE>then</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  </TIER>
  <TIER ANNOTATOR="AB" LINGUISTIC_TYPE_REF="faces" TIER_ID="ME">
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a40" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts4">
      <ANNOTATION_VALUE>4B+7C</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a41" TIME_SLOT_REF1="ts5" TIME_SLOT_REF2="ts6">
      <ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION>
  </TIER>
  <TIER LINGUISTIC_TYPE_REF="gloss" PARENT_REF="ME" TIER_ID="Sure">
    <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a5" ANNOTATION_REF="a40">
      <ANNOTATION_VALUE>very</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  </TIER>
  <TIER ANNOTATOR="CD" LINGUISTIC_TYPE_REF="faces" TIER_ID="MaE@CD">
    <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a6" TIME_SLOT_REF1="ts5" TIME_SLOT_REF2="ts7">
      <ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION>
  </TIER>
  <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="words" TIME_ALIGNABLE="true"
    CONTROLLED_VOCABULARY_REF="cv"/>
  <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="faces" TIME_ALIGNABLE="true"/>
  <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" LINGUISTIC_TYPE_ID="gloss"
    TIME_ALIGNABLE="false"/>
  <LOCALE COUNTRY_CODE="US" LANGUAGE_CODE="en"/>
  <CONSTRAINT DESCRIPTION="1-1 association" STEREOTYPE="Symbolic_Association"/>
  <CONTROLLED_VOCABULARY CV_ID="cv"><DESCRIPTION LANG_REF="und">moods</DESCRIPTION>
    <CV_ENTRY_ML CVE_ID="c1"><CVE_VALUE LANG_REF="und">glad</CVE_VALUE></CV_ENTRY_ML>
  </CONTROLLED_VOCABULARY>
  <EXTERNAL_REF EXT_REF_ID="er1" TYPE="iso12620" VALUE="http://example.org/1"/>
</ANNOTATION_DOCUMENT>
<!-- end -->
"""
AB = Annotation(
    "clip",
    n_frames=300,
    frame_rate=Fraction(30),
    expressions=(
        Expression(Interval(12, 20), ME, action_units="4B+7C", coder="AB"),
        Expression(Interval(100, 109), ME, apex=104, coder="AB", emotion="joy"),
        Expression(Interval(150, 260), MAE, coder="AB"),
    ),
    reviewed=(Interval(0, 299),),
)


@pytest.fixture
def coded(tmp_path):
    path = tmp_path / "coded.eaf"
    path.write_text(CODED, encoding="utf-8")
    return path


def merge(path, annotation, **options):
    said = []
    write_annotations(path, [annotation], notice=said.append, **options)
    return said


def nodes(path, *, without=()):
    """Every node but TIME_ORDER, our properties and some tiers; intervals with their times."""
    root = ET.parse(path, ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))).getroot()
    times = {s.get("TIME_SLOT_ID"): s.get("TIME_VALUE") for s in root.iter("TIME_SLOT")}
    found = []

    def walk(element, trail):
        tag = "#" if callable(element.tag) else element.tag
        name = element.get("TIER_ID", "")
        ours = tag == "PROPERTY" and element.get("NAME", "").startswith(("mespot:", "lastUsed"))
        if tag == "TIME_ORDER" or ours or name in without:
            return
        facts = {k: times[v] if k.startswith("TIME_SLOT_REF") else v for k, v in element.items()}
        text = (element.text or "").strip(" \n")
        found.append((trail, tag, tuple(sorted(facts.items(), key=str)), text))
        for child in element:
            walk(child, f"{trail}/{tag}{name}")

    walk(root, "")
    return found


def check_sane(path):
    """What ELAN demands: identities once, references that lead somewhere, slots in order."""
    root = ET.parse(path).getroot()
    ids = [e.get("ANNOTATION_ID") for e in root.iter() if e.get("ANNOTATION_ID")]
    assert len(set(ids)) == len(ids)
    assert {e.get("ANNOTATION_REF") for e in root.iter("REF_ANNOTATION")} <= set(ids)
    slots = [s.get("TIME_SLOT_ID") for s in root.iter("TIME_SLOT")]
    assert len(set(slots)) == len(slots)
    used = {e.get(f"TIME_SLOT_REF{i}") for e in root.iter("ALIGNABLE_ANNOTATION") for i in (1, 2)}
    assert used <= set(slots)
    values = [int(s.get("TIME_VALUE")) for s in root.iter("TIME_SLOT") if s.get("TIME_VALUE")]
    assert values == sorted(values)
    tiers = [t.get("TIER_ID") for t in root.iter("TIER")]
    assert len(set(tiers)) == len(tiers)
    types = {t.get("LINGUISTIC_TYPE_ID") for t in root.iter("LINGUISTIC_TYPE")}
    assert {t.get("LINGUISTIC_TYPE_REF") for t in root.iter("TIER")} <= types
    assert {t.get("PARENT_REF") for t in root.iter("TIER")} - {None} <= set(tiers)
    order = [child.tag for child in root]
    kinds = ["LICENSE", "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LOCALE", "CONSTRAINT"]
    places = [kinds.index(tag) for tag in order if tag in kinds]
    assert places == sorted(places)
    last = root.find("HEADER/PROPERTY[@NAME='lastUsedAnnotationId']")
    numbers = [int(i[1:]) for i in ids if i[1:].isdecimal()]
    assert last is None or int(last.text) >= max(numbers, default=0)
    Eaf(str(path))


def test_all_that_is_none_of_ours_stays_node_by_node(coded):
    before = nodes(coded, without={"ME"})
    said = merge(coded, AB)
    after = nodes(coded, without={"ME", "MaE@AB", "ME_apex@AB"})
    assert after == before
    check_sane(coded)
    text = coded.read_text(encoding="utf-8")
    assert text.count("kept by hand, ask Jo") == text.count('<?lab corpus="7"?>') == 1
    assert text.count('lab:state="checked"') == text.count("<!-- end -->") == 1
    assert "we&#13;" in text
    assert [line for line in said if "MaE@CD 1" in line]
    assert (coded.parent / "coded.eaf.bak").read_text(encoding="utf-8") == CODED


def test_what_was_written_is_what_is_read(coded):
    merge(coded, AB)
    (back,) = read_annotations(coded, notice=str)
    others = [e for e in back.expressions if e.coder == "CD"]
    assert len(others) == 1
    assert replace(back, expressions=tuple(e for e in back.expressions if e not in others)) == AB
    check_sane(coded)


def test_an_interval_keeps_its_identity_its_words_and_what_refers_to_it(coded):
    moved = replace(AB.expressions[0], interval=Interval(11, 22))
    merge(coded, replace(AB, expressions=(moved, *AB.expressions[1:])))
    root = ET.parse(coded).getroot()
    times = {s.get("TIME_SLOT_ID"): s.get("TIME_VALUE") for s in root.iter("TIME_SLOT")}
    mark = next(e for e in root.iter() if e.get("ANNOTATION_ID") == "a40")
    assert [times[mark.get(f"TIME_SLOT_REF{i}")] for i in (1, 2)] == ["367", "767"]
    assert mark.findtext("ANNOTATION_VALUE") == "4B+7C"
    assert "ts3" in times
    assert times["ts3"] is None
    check_sane(coded)


def test_merging_twice_changes_nothing_more(coded):
    merge(coded, AB)
    once = coded.read_bytes()
    assert all("stay in it" in line for line in merge(coded, AB))
    assert coded.read_bytes() == once
    assert sorted(p.name for p in coded.parent.iterdir()) == ["coded.eaf", "coded.eaf.bak"]


def test_a_file_may_be_its_own_input(coded):
    before = nodes(coded)
    read = read_annotations(coded, frame_rate=Fraction(30), notice=str)
    write_annotations(coded, read, notice=str)
    assert nodes(coded) == before
    assert [spans(a) for a in read_annotations(coded, notice=str)] == [spans(a) for a in read]


def test_a_removed_interval_that_others_refer_to_is_refused(coded):
    with pytest.raises(OutputError, match="ME to whose intervals others refer"):
        merge(coded, replace(AB, expressions=AB.expressions[1:]))
    assert coded.read_text(encoding="utf-8") == CODED
    assert [p.name for p in coded.parent.iterdir()] == ["coded.eaf"]


def test_predictions_leave_the_labels_of_people_alone(coded):
    found = Expression(Interval(12, 20), ME, status=ReviewStatus.PREDICTED, source="net", score=0.5)
    before = nodes(coded)
    merge(coded, replace(AB, expressions=(found,)))
    assert nodes(coded, without={"ME_model@net"}) == before
    second = replace(found, interval=Interval(50, 60), source="other")
    merge(coded, replace(AB, expressions=(second,)))
    assert nodes(coded, without={"ME_model@other"}) == before


def test_another_video_is_refused_unless_started_anew(coded):
    other = replace(AB, video_id="other")
    with pytest.raises(OutputError, match="about 'clip', not 'other'"):
        merge(coded, other)
    said = merge(coded, other, replace=True)
    assert any("replaced; it is kept as it was: coded.eaf.bak" in line for line in said)
    assert read_annotations(coded) == (other,)


@pytest.mark.parametrize("name", ["clip", "clip.MP4", "clip.wav"])
def test_the_video_may_be_called_as_any_linked_medium(coded, name):
    merge(coded, replace(AB, video_id=name))
    assert "MaE@AB" in Eaf(str(coded)).get_tier_names()
    check_sane(coded)


def test_another_person_is_refused(coded):
    merge(coded, replace(AB, subject_id="S1"))
    with pytest.raises(OutputError, match="about 'S1', not 'S2'"):
        merge(coded, replace(AB, subject_id="S2"))


@pytest.mark.parametrize(
    "content", ["", "<a/>", "not XML", CODED[:900], "<!DOCTYPE a []><ANNOTATION_DOCUMENT/>"]
)
def test_what_is_no_elan_file_is_kept(tmp_path, content):
    path = tmp_path / "clip.eaf"
    path.write_text(content, encoding="utf-8")
    if not content:
        merge(path, AB)
        assert read_annotations(path) == (AB,)
        return
    with pytest.raises(OutputError, match="to merge into"):
        merge(path, AB)
    assert path.read_text(encoding="utf-8") == content


def test_other_encodings_are_understood(coded):
    text = CODED.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    coded.write_bytes(text.encode("utf-16"))
    before = nodes(coded, without={"ME"})
    merge(coded, AB)
    assert nodes(coded, without={"ME", "MaE@AB", "ME_apex@AB"}) == before


def test_a_shifted_time_line_stays_shifted(coded):
    shifted = CODED.replace('MIME_TYPE="video/mp4"/>', 'MIME_TYPE="video/mp4" TIME_ORIGIN="1000"/>')
    coded.write_text(shifted, encoding="utf-8")
    later = Expression(Interval(42, 50), ME, action_units="4B+7C", coder="AB")
    second = Expression(Interval(90, 107), ME, coder="AB")
    merge(coded, replace(AB, expressions=(later, second)))
    marks = Eaf(str(coded)).get_annotation_data_for_tier("ME")
    assert (400, 700, "4B+7C") in marks
    early = Expression(Interval(3, 9), ME, coder="AB")
    with pytest.raises(OutputError, match="begins after"):
        merge(coded, replace(AB, expressions=(later, early)))


def test_a_coder_with_a_tier_of_the_same_name_gets_one_beside(coded):
    coded.write_text(CODED.replace('TIER_ID="MaE@CD"', 'TIER_ID="MaE@AB"'), encoding="utf-8")
    merge(coded, AB)
    check_sane(coded)
    tiers = set(Eaf(str(coded)).get_tier_names())
    assert {"MaE@AB", "MaE_2@AB"} <= tiers


@MANY
@given(annotation=annotations())
def test_any_annotation_can_be_merged_and_merged_again(tmp_path_factory, annotation):
    path = tmp_path_factory.mktemp("merge") / "coded.eaf"
    path.write_text(CODED.replace('ANNOTATION_REF="a40"', 'ANNOTATION_REF="a1"'), encoding="utf-8")
    for expressions in (annotation.expressions, annotation.expressions[::2]):
        part = replace(annotation, expressions=expressions)
        merge(path, part)
        check_sane(path)
        (back,) = read_annotations(path, notice=str)
        mine = spans(part)
        assert all(span in spans(back) for span in mine)
        names = {name for _, _, facts, _ in nodes(path) for key, name in facts if key == "TIER_ID"}
        assert {"Speech", "Gloss", "Sure"} <= names


def test_names_composed_otherwise_are_the_same_video(coded):
    name = unicodedata.normalize("NFD", "Zoë")
    coded.write_text(CODED.replace("clip.mp4", f"{name}.mp4"), encoding="utf-8")
    merge(coded, replace(AB, video_id="Zoë"))
    check_sane(coded)


def test_a_new_file_links_and_tells_nothing(tmp_path):
    assert merge(tmp_path / "new.eaf", replace(CLIP, expressions=CLIP.expressions[:5])) == []
    check_sane(tmp_path / "new.eaf")


def test_what_we_wrote_of_another_video_and_nobody_touched_is_no_work_to_keep(tmp_path):
    path = tmp_path / "o.eaf"
    merge(path, AB)
    said = merge(path, replace(AB, video_id="next"))
    assert said == [f"{path}: replaced; it is kept as it was: o.eaf.bak"]
    assert read_annotations(path)[0].video_id == "next"
    path.write_bytes(path.read_bytes().replace(b"joy", b"fun"))
    with pytest.raises(OutputError, match="about 'next'"):
        merge(path, AB)
