"""Tracks and thresholds: live predictions, tracks of other programs, what is written beside."""

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt
from tests.gui.timeline.desk import KEY, MAE, ME, Desk, peaks, peaks_of_me, rules

from napari_mespot.gui import edits
from napari_mespot.gui.timeline import TimelineColours
from napari_mespot.model import Interval, ReviewStatus


@pytest.fixture
def desk(qtbot):
    """Two peaks, one of them lower, found in both kinds."""
    made = Desk(qtbot, scores=peaks((60, 79, 0.9), (150, 189, 0.6)))
    made.session.commit_rules(rules())
    made.steps.clear()
    return made


def spans(desk, kind, shown=False):
    review = desk.session.shown if shown else desk.session.review
    return [(i.onset, i.offset) for i in review.items if i.kind is kind]


def up(desk, kind, threshold):
    """How far the line must be dragged to reach a threshold."""
    place = desk.timeline.threshold_position(kind)
    old = desk.session.shown.rules.detection.of_kind(kind).threshold
    top = 1.0
    band_px = _track_height(desk, kind) - 4
    return place, QPointF(0, (old - threshold) / top * band_px)


def _track_height(desk, kind):
    timeline = desk.timeline
    at_one = timeline.threshold_position(kind)
    return 4 + (timeline.threshold_position(kind).y() - at_one.y()) + _height(desk, kind)


def _height(desk, kind):
    """Pixels from 0 to 1 of a track, from two thresholds."""
    timeline, session = desk.timeline, desk.session
    session.preview_rules(rules(0.8, 0.2))
    high = timeline.threshold_position(kind).y()
    session.preview_rules(rules(0.3, 0.2))
    low = timeline.threshold_position(kind).y()
    session.cancel_preview()
    return (low - high) / 0.5


def test_a_dragged_threshold_shows_what_it_would_find_and_then_makes_it_one_step(qtbot):
    desk = Desk(qtbot, scores=peaks_of_me((60, 79, 0.9), (150, 189, 0.6)))
    desk.session.commit_rules(rules())
    desk.steps.clear()
    assert len(spans(desk, ME)) == 2
    place, by = up(desk, ME, 0.75)
    with desk.held(place) as move:
        move(by)
        assert len(spans(desk, ME, shown=True)) == 1
        assert len(spans(desk, ME)) == 2
    assert len(spans(desk, ME)) == 1
    assert desk.steps == ["change rules"]
    assert desk.session.review.rules.detection.me.threshold == pytest.approx(0.75, abs=0.03)


def test_the_low_threshold_keeps_its_share_of_a_dragged_high_one(desk):
    place, by = up(desk, ME, 0.8)
    desk.drag(place, by)
    me = desk.session.review.rules.detection.me
    assert me.low_threshold == pytest.approx(me.threshold / 2, abs=1e-3)


def test_a_threshold_stays_between_0_and_1_and_the_low_one_below_it(desk):
    desk.drag(desk.timeline.threshold_position(ME), QPointF(0, -900))
    assert desk.session.review.rules.detection.me.threshold == 1.0
    desk.drag(desk.timeline.threshold_position(MAE), QPointF(0, 900))
    mae = desk.session.review.rules.detection.mae
    assert (mae.threshold, mae.low_threshold) == (0.0, 0.0)


def test_the_low_threshold_does_not_pass_the_high_one(desk):
    place = desk.timeline.threshold_position(ME, low=True)
    desk.drag(place, QPointF(0, -500))
    me = desk.session.review.rules.detection.me
    assert me.low_threshold == me.threshold == 0.5


def test_what_a_person_has_touched_stays_when_a_threshold_moves(desk):
    low_peak = next(i for i in desk.session.review.items if i.kind is ME and i.onset > 100)
    desk.drag(desk.place(low_peak.uid, "offset"), desk.px(15))
    moved = desk.item(low_peak.uid)
    place, by = up(desk, ME, 0.95)
    desk.drag(place, by)
    assert desk.item(low_peak.uid) == moved
    desk.session.undo()
    desk.session.undo()
    assert desk.item(low_peak.uid) == low_peak


def test_escape_puts_a_threshold_back(desk):
    before = desk.session.review
    place, by = up(desk, ME, 0.75)
    with desk.held(place) as move:
        move(by)
        desk.key(KEY.Key_Escape)
    assert desk.session.shown is desk.session.review is before


def test_tracks_can_be_hidden_and_further_ones_shown(desk):
    values = np.linspace(0, 3, 300)
    values[50:60] = np.nan
    before = desk.timeline.minimumSizeHint().height()
    desk.timeline.set_extra_tracks([("AU04_r", values), ("AU12_r", np.full(300, np.nan))])
    assert desk.timeline.tracks == {"ME": True, "MaE": True, "AU04_r": True, "AU12_r": True}
    assert desk.timeline.minimumSizeHint().height() > before
    desk.picture()
    desk.timeline.show_track("ME", False)
    desk.timeline.show_track("AU12_r", False)
    assert desk.timeline.tracks == {"ME": False, "MaE": True, "AU04_r": True, "AU12_r": False}
    with pytest.raises(KeyError):
        desk.timeline.threshold_position(ME)
    desk.picture()


def test_of_many_further_tracks_the_first_are_shown(desk):
    desk.timeline.set_extra_tracks([(f"AU{n:02}", np.zeros(300)) for n in range(17)])
    shown = [name for name, is_shown in desk.timeline.tracks.items() if is_shown]
    assert shown == ["ME", "MaE", "AU00", "AU01", "AU02"]
    assert desk.timeline.minimumSizeHint().height() < 400


def test_a_track_of_another_video_is_refused(desk):
    with pytest.raises(ValueError, match=r"Expected AU04_r .*\(300,\), got \(299,\)"):
        desk.timeline.set_extra_tracks([("AU04_r", np.zeros(299))])


@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("frame", [10, 100, 180])
def test_scrubbing_along_a_line_moves_no_threshold(desk, low, frame):
    before = desk.session.review
    y = desk.timeline.threshold_position(ME, low=low).y()
    desk.click(QPointF(desk.lane(ME, frame).x(), y))
    assert desk.playhead.frame == frame
    desk.drag(QPointF(desk.lane(ME, frame).x(), y), QPointF(90, 25))
    assert desk.playhead.frame == frame + 30
    assert desk.session.review is before


def test_with_alt_a_line_is_dragged_anywhere(desk):
    alt = Qt.KeyboardModifier.AltModifier
    for low in (False, True):
        y = desk.timeline.threshold_position(ME, low=low).y()
        before = desk.session.review.rules.detection.me
        desk.drag(QPointF(desk.lane(ME, 100).x(), y), QPointF(0, 6), modifiers=alt)
        after = desk.session.review.rules.detection.me
        assert after.low_threshold < before.low_threshold
        assert (after.threshold < before.threshold) == (not low)


@pytest.mark.parametrize("by", [QPointF(0, 4), QPointF(0, -4), QPointF(-60, 3), QPointF(9, 0)])
def test_a_label_is_moved_only_by_a_clear_move_up_or_down(desk, by):
    before = desk.session.review
    desk.drag(desk.timeline.threshold_position(ME), by)
    assert desk.session.review is before


def test_the_cursor_tells_labels_from_lines(desk):
    label = desk.timeline.threshold_position(ME)
    beside = QPointF(desk.lane(ME, 100).x(), label.y())
    free = Qt.MouseButton.NoButton
    for place, keys, shape in (
        (label, Qt.KeyboardModifier.NoModifier, Qt.CursorShape.SizeVerCursor),
        (beside, Qt.KeyboardModifier.NoModifier, Qt.CursorShape.ArrowCursor),
        (beside, Qt.KeyboardModifier.AltModifier, Qt.CursorShape.SizeVerCursor),
    ):
        desk.move(place, held=free, modifiers=keys)
        assert desk.timeline.cursor().shape() == shape


def test_without_scores_there_is_no_line_to_take(qtbot):
    desk = Desk(qtbot)
    before = desk.session.review
    desk.drag(desk.timeline.threshold_position(ME), QPointF(-30, 20))
    assert desk.session.review is before


def test_a_click_in_a_track_goes_there(desk):
    place = desk.timeline.threshold_position(ME)
    desk.click(QPointF(desk.lane(ME, 222).x(), place.y() + 12))
    assert desk.playhead.frame == 222


def test_kinds_differ_in_colour_on_dark_and_on_light_ground(desk):
    for background in ("#262930", "#efebe9"):
        colours = TimelineColours.from_theme(
            background=background, foreground="#808080", text="#808080"
        )
        desk.timeline.set_colours(colours)
        picture = desk.picture()
        seen = {picture.pixelColor(x, y).name() for x in range(58, 950) for y in (230, 264)}
        assert colours.of_kind(ME) != colours.of_kind(MAE)
        assert len(seen) > 4


def orange(desk):
    """Pixels in the colour of MEs around the lane's frames 150 to 189."""
    picture, first = desk.picture(), desk.lane(ME, 150)
    places = [
        (round(first.x()) + dx, round(first.y()) + dy)
        for dx in range(-4, 125)
        for dy in range(-15, 16)
    ]
    colours = (picture.pixelColor(*place) for place in places)
    return sum(c.red() - c.blue() > 60 for c in colours)


def with_kinds(me, mae):
    """The rules with other values for each kind."""
    whole = rules()
    detection = whole.detection
    changed = {
        "me": detection.me.model_copy(update=me),
        "mae": detection.mae.model_copy(update=mae),
    }
    return whole.model_copy(update={"detection": detection.model_copy(update=changed)})


def test_what_is_long_is_found_marked_and_drawn_dotted(desk):
    desk.session.commit_rules(with_kinds({"max_duration_s": 0.5}, {"max_duration_s": 2.0}))
    plain = desk.picture()
    desk.session.commit_rules(with_kinds({"max_duration_s": 0.5}, {"max_duration_s": 1.0}))
    assert spans(desk, MAE) == [(60, 79), (150, 189)]
    assert desk.picture() != plain
    desk.move(desk.lane(MAE, 170), held=Qt.MouseButton.NoButton)
    assert "marked as long, over 1 s" in desk.timeline.toolTip()
    desk.move(desk.lane(MAE, 70), held=Qt.MouseButton.NoButton)
    assert "long" not in desk.timeline.toolTip()
    long = next(i for i in desk.session.review.items if i.onset == 150)
    accepted = edits.set_status(desk.session.review, [long.uid], ReviewStatus.ACCEPTED)
    desk.session.commit(accepted, "accept")
    desk.move(desk.lane(MAE, 171), held=Qt.MouseButton.NoButton)
    assert "marked as long" not in desk.timeline.toolTip()


def test_what_is_too_short_is_drawn_dotted_and_says_why(desk):
    limited = with_kinds({"min_duration_s": 2.0}, {})
    place = desk.lane(ME, 170)
    free = Qt.MouseButton.NoButton
    desk.session.commit_rules(limited)
    assert spans(desk, ME) == []
    dotted = orange(desk)
    desk.move(place, held=free)
    tip = desk.timeline.toolTip()
    assert "left out: ME 150–189" in tip
    assert "the Spot tab ask for 2 s" in tip.replace("\n", " ")
    desk.session.commit(desk.session.review.with_reviewed(Interval(150, 189)), "seen")
    assert dotted > orange(desk) + 50
    desk.session.commit(replace(desk.session.review, reviewed=()), "nothing is seen")
    desk.session.commit_rules(rules())
    assert spans(desk, ME) == [(60, 79), (150, 189)]
    desk.session.commit(replace(desk.session.review, items=(), scores=None), "nothing")
    desk.move(place + QPointF(1, 0), held=free)
    assert "left out" not in desk.timeline.toolTip()
