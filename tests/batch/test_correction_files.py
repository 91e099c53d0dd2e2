"""Folders of labels and videos as people leave them: what is found, what is refused."""

import unicodedata
from dataclasses import replace
from fractions import Fraction

import pytest
from tests.fixtures.face_clip import write_face_video, write_three_people
from tests.reference.timed_films import TimedFilm, make

from napari_mespot.batch.correction_files import survey_corrections
from napari_mespot.errors import CorrectionsError
from napari_mespot.frames import open_frames
from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.session_file import SavedSession, write_session
from napari_mespot.io import write_annotations, write_table
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
N, RATE = 24, Fraction(30)
WHOLE = (Interval(0, N - 1),)


def expression(onset, offset, kind=ME, status=ReviewStatus.ACCEPTED):
    return Expression(Interval(onset, offset), kind, status=status)


def labels(name, *expressions, reviewed=WHOLE, **changes):
    base = Annotation(name, N, RATE, tuple(expressions), reviewed)
    return replace(base, **changes)


def review_of(annotation):
    items = tuple(Item(f"h{i}", e) for i, e in enumerate(annotation.expressions, 1))
    return Review(annotation.video_id, N, RATE, items, reviewed=annotation.reviewed)


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    return write_three_people(tmp_path_factory.mktemp("videos"), N)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "labels").mkdir()
    return tmp_path / "labels"


def test_reviewed_ranges_and_counts_are_told(folder, videos):
    write_table(
        folder / "all.csv",
        [
            labels("anna", expression(3, 8), expression(10, 12, status=ReviewStatus.REJECTED)),
            labels("ben", expression(2, 20, MAE), reviewed=(Interval(0, 11),)),
        ],
    )
    survey = survey_corrections(folder, videos)
    assert [v.path.name for v in survey.videos] == ["anna.mp4", "ben.mp4"]
    assert survey.reviewed_s == pytest.approx((24 + 12) / 30)
    assert survey.counts == {"ME": 1, "MaE": 1, "rejected": 1}
    assert survey.notes == ("carl: a video without labels; it is not used",)
    assert survey.n_subjects == 2


def test_videos_of_nobody_known_are_counted_and_told(folder, videos):
    said = [labels("anna", expression(1, 5), subject_id="p1"), labels("ben", expression(1, 5))]
    write_table(folder / "all.csv", [*said, labels("carl", expression(1, 5))])
    survey = survey_corrections(folder, videos)
    assert survey.n_unknown == 2
    assert "; subject unknown in 2 videos: each counts as a person." in survey.in_words
    known = [replace(one, subject_id="p1") for one in said]
    write_table(folder / "all.csv", known)
    assert "unknown" not in survey_corrections(folder, videos).in_words


def test_missing_videos_are_named_and_the_rest_is_used(folder, videos):
    write_table(folder / "all.csv", [labels("anna"), labels("dora", expression(1, 5))])
    survey = survey_corrections(folder, videos)
    assert len(survey.videos) == 1
    assert any("dora: no video of this name" in note for note in survey.notes)


def test_labels_for_another_frame_rate_are_refused(folder, videos):
    write_table(folder / "a.csv", [labels("anna", frame_rate=Fraction(200))])
    with pytest.raises(CorrectionsError, match="at 200 frames per second, but the video has 30"):
        survey_corrections(folder, videos)
    # The file of the video may be wrong, as high-speed material often is.
    survey = survey_corrections(folder, videos, fps=Fraction(200))
    assert survey.videos[0].annotation.frame_rate == 200


def test_a_rate_written_as_a_decimal_is_the_rate_of_the_video(folder, videos):
    write_table(folder / "a.csv", [labels("anna.MP4", frame_rate=Fraction("29.97"))])
    (video,) = survey_corrections(folder, videos, fps=Fraction(30000, 1001)).videos
    assert video.annotation.frame_rate == Fraction(30000, 1001)


def test_a_name_from_another_system_finds_its_video(folder, tmp_path):
    typed, from_a_mac = (unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD"))
    (tmp_path / "mac").mkdir()
    write_face_video(tmp_path / "mac" / f"{from_a_mac}.mp4", N)
    write_table(folder / "a.csv", [labels(typed, expression(3, 8))])
    (video,) = survey_corrections(folder, tmp_path / "mac").videos
    assert (video.path.stem, video.annotation.video_id) == (from_a_mac, typed)


def test_labels_of_a_longer_video_are_refused(folder, videos):
    write_table(folder / "a.csv", [labels("anna", n_frames=30)])
    with pytest.raises(CorrectionsError, match="for 30 frames, but the video has 24"):
        survey_corrections(folder, videos)


def test_labels_without_reviewed_ranges_are_explained(folder, videos):
    (folder / "a.csv").write_text("video,kind,onset,offset\nanna,ME,1,3\n")
    with pytest.raises(CorrectionsError, match="without reviewed ranges"):
        survey_corrections(folder, videos)
    (video,) = survey_corrections(folder, videos, whole=True).videos
    assert video.annotation.reviewed == WHOLE


def test_predictions_alone_are_no_corrections(folder, videos):
    only = [labels("anna", expression(1, 5, status=ReviewStatus.PREDICTED), reviewed=())]
    write_table(folder / "anna.intervals.csv", only)
    with pytest.raises(CorrectionsError, match="got none"):
        survey_corrections(folder, videos)


def test_coders_who_disagree_are_named_and_the_frames_left_out(folder, videos):
    write_table(folder / "first.csv", [labels("anna", expression(2, 7), expression(12, 16))])
    write_table(folder / "second.csv", [labels("anna", expression(2, 8))])
    (video,) = (survey := survey_corrections(folder, videos)).videos
    note = next(n for n in survey.notes if "disagree" in n)
    assert "first.csv" in note
    assert "second.csv" in note
    assert "12..16" in note
    statuses = {e.onset: e.status for e in video.annotation.expressions}
    assert statuses == {2: ReviewStatus.ACCEPTED, 12: ReviewStatus.UNCERTAIN}
    assert survey.counts["ME"] == 1


def test_what_one_coder_has_not_looked_at_is_no_disagreement(folder, videos):
    write_table(folder / "first.csv", [labels("anna", expression(12, 16))])
    write_table(folder / "second.csv", [labels("anna", reviewed=(Interval(0, 9),))])
    survey = survey_corrections(folder, videos)
    assert survey.counts["ME"] == 1
    assert not any("disagree" in n for n in survey.notes)


def test_sessions_of_the_viewer_are_read_and_know_their_video(folder, videos, tmp_path):
    review = review_of(labels("anna", expression(3, 8)))
    write_session(folder / "anna.mp4.mespot", SavedSession(review, videos / "anna.mp4"))
    other = tmp_path / "others"
    other.mkdir()
    write_face_video(other / "zoe.mp4", N)
    (video,) = survey_corrections(folder, other).videos
    assert video.path.name == "anna.mp4"
    assert video.annotation.reviewed == WHOLE


def test_a_damaged_file_is_told_and_the_rest_used(folder, videos):
    write_table(folder / "a.csv", [labels("anna", expression(1, 4))])
    (folder / "b.csv").write_text("video,kind,onset,offset\nben,ME,nine,3\n")
    survey = survey_corrections(folder, videos)
    assert len(survey.videos) == 1
    assert any(note.startswith("b.csv: left out") for note in survey.notes)


def test_videos_of_one_name_are_told_apart(folder, tmp_path):
    for index in (1, 2):
        place = tmp_path / f"s{index}"
        place.mkdir()
        write_face_video(place / "clip.mp4", N)
        review = review_of(labels("clip", expression(3, 8)))
        write_session(folder / f"{index}.mespot", SavedSession(review, place / "clip.mp4"))
    (tmp_path / "empty").mkdir()
    write_face_video(tmp_path / "empty" / "other.mp4", N)
    names = [v.annotation.video_id for v in survey_corrections(folder, tmp_path / "empty").videos]
    assert len(set(names)) == 2


@pytest.mark.parametrize("what", ["labels", "videos"])
def test_an_empty_folder_is_told(folder, videos, tmp_path, what):
    (tmp_path / "nothing").mkdir()
    write_table(folder / "a.csv", [labels("anna")])
    places = {"labels": folder, "videos": videos, what: tmp_path / "nothing"}
    with pytest.raises(CorrectionsError, match="expected"):
        survey_corrections(places["labels"], places["videos"])


def test_labels_of_other_tools_go_by_the_times_of_the_video(folder, tmp_path):
    """An ELAN file says no frame rate; the video beside it knows when its frames are shown."""
    (tmp_path / "films").mkdir()
    stamps = [*range(0, 800, 40), 1800, *range(2800, 3600, 40)]
    film = make(tmp_path / "films", TimedFilm("call.mp4", stamps))
    with open_frames(film) as source:
        clock = source.clock
    one = Annotation("call", len(stamps), expressions=(expression(25, 30),)).with_clock(clock)
    write_annotations(folder / "call.eaf", [one])
    text = (folder / "call.eaf").read_text()
    kept = [line for line in text.splitlines() if "PROPERTY" not in line]
    (folder / "call.eaf").write_text("\n".join(kept))
    (video,) = survey_corrections(folder, tmp_path / "films", whole=True).videos
    assert [e.interval for e in video.annotation.expressions] == [Interval(25, 30)]
    assert video.annotation.clock == clock
    assert video.reviewed_s == pytest.approx(3.6)
