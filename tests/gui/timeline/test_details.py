"""Small things that somebody who works here all day would trip over."""

import pytest
from tests.gui.timeline.desk import ME, MIDDLE, A, B, C, Desk

from napari_mespot.model import Interval

OVERVIEW_Y = 12


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, A, B, C)


def test_in_draw_mode_a_double_click_draws_one_short_interval(desk):
    desk.timeline.draw_mode = True
    desk.double_click(desk.lane(ME, 120))
    drawn = [i.expression.interval for i in desk.session.review.items if i.original is None]
    assert [interval.n_frames for interval in drawn] == [6]


def test_played_backwards_a_page_lasts_as_long_as_forwards(desk):
    desk.timeline.fit(Interval(120, 160))
    desk.playhead.seek(round(desk.timeline.view.start) - 1)
    page = desk.timeline.view
    assert desk.playhead.frame - page.start > 0.8 * page.span


def test_a_step_from_elsewhere_does_not_end_a_pan(desk):
    desk.timeline.fit(Interval(120, 160))
    start = desk.timeline.view.start
    with desk.held(desk.lane(ME, 140), MIDDLE) as move:
        move(desk.px(-5))
        desk.session.commit(desk.session.review.with_reviewed(Interval(1, 3)), "elsewhere")
        move(desk.px(-10))
    assert desk.timeline.view.start == pytest.approx(start + 10)
