"""Labels from files: those of another video are told before they are added."""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.gui.reviews import ME, N_FRAMES, RATE, prediction, review_of

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.gui.labels import add_labels, doubt_of, read_labels
from napari_mespot.gui.session import Session
from napari_mespot.io.dispatch import write_annotations
from napari_mespot.model import Annotation, Expression, Interval

OWN = Annotation(
    "v", N_FRAMES, RATE, (Expression(Interval(20, 29), ME),), reviewed=(Interval(0, 99),)
)
OTHER_NAME, SHORTER = replace(OWN, video_id="d6"), replace(OWN, n_frames=200)


def write(path, annotations):
    """Write a file of labels anew; what its format cannot hold does not matter here."""
    path.unlink(missing_ok=True)
    write_annotations(path, annotations, notice=lambda line: None)


@pytest.mark.parametrize("name", ["l.intervals.csv", "l.eaf", "v.TextGrid"])
def test_labels_of_this_video_are_added_without_a_doubt(tmp_path, name):
    path = tmp_path / name
    write(path, [OWN])
    session = Session(review_of())
    labels = read_labels(path, session.review)
    assert labels.doubt == ""
    assert "1 of 1 intervals are new" in add_labels(session, labels)[-1]
    assert [(i.onset, i.offset) for i in session.review.items] == [(20, 29)]
    assert add_labels(session, labels)[-1].endswith("0 of 1 intervals are new here")


@pytest.mark.parametrize("other", [OTHER_NAME, SHORTER])
@pytest.mark.parametrize("name", ["l.intervals.csv", "l.eaf"])
def test_another_name_or_length_is_a_doubt(tmp_path, name, other):
    path = tmp_path / name
    write(path, [other])
    doubt = read_labels(path, review_of()).doubt
    assert f"made for {other.video_id} ({other.n_frames} frames)" in doubt
    assert "this video is v (300 frames)" in doubt
    assert "1 interval and 1 reviewed range" in doubt


def test_the_same_video_under_its_full_file_name_is_no_doubt():
    assert doubt_of(replace(OWN, video_id="v.mp4"), review_of()) == ""
    assert doubt_of(replace(OWN, n_frames=None), review_of()) == ""
    assert doubt_of(replace(OWN, video_id="v.avi"), replace(review_of(), video_id="v.mp4"))


def test_a_file_that_names_no_video_goes_by_its_own_name(tmp_path):
    path = tmp_path / "d6.TextGrid"
    write(path, [OWN])
    assert "made for d6" in read_labels(path, review_of()).doubt


def test_of_a_table_of_many_videos_only_this_one_is_taken(tmp_path):
    path = tmp_path / "all.intervals.csv"
    write(path, [OTHER_NAME, OWN])
    labels = read_labels(path, review_of(prediction(200, 210)))
    assert (labels.annotation.video_id, labels.doubt) == ("v", "")
    write(path, [OTHER_NAME, replace(OTHER_NAME, video_id="d7")])
    with pytest.raises(AnnotationFormatError, match="expected intervals of v, got d6, d7"):
        read_labels(path, review_of())


def test_what_reaches_past_the_end_is_an_error_before_anybody_is_asked(tmp_path):
    path = tmp_path / "l.intervals.csv"
    long = Annotation("d6", 1008, RATE, (Expression(Interval(900, 910), ME),))
    write(path, [long])
    with pytest.raises(AnnotationFormatError, match="within its 300 frames"):
        read_labels(path, review_of())


def test_another_rate_is_told_but_not_one_written_in_another_way(tmp_path):
    path = tmp_path / "l.intervals.csv"
    write(path, [replace(OWN, frame_rate=Fraction(25))])
    session = Session(review_of())
    assert "25 fps" in add_labels(session, read_labels(path, session.review))[-1]


def test_two_people_who_coded_this_video_are_both_taken_and_told(tmp_path):
    """As two subjects of a table, two observations of BORIS or two participants of ELAN."""
    other = replace(OWN, subject_id="s2", expressions=(Expression(Interval(40, 49), ME),))
    path = tmp_path / "l.intervals.csv"
    write(path, [replace(OWN, subject_id="s1"), other])
    labels = read_labels(path, review_of())
    assert [e.onset for e in labels.annotation.expressions] == [20, 40]
    assert "2 annotations of this video (s1, s2) were taken together" in labels.notices[-1]
