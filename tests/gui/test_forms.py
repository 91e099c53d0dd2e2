"""Forms for parameters: every field edited by mouse and key, live, settled, and never wrong."""

from typing import Literal, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator
from qtpy.QtCore import QPoint, QPointF, Qt
from qtpy.QtGui import QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractSpinBox, QApplication, QGroupBox, QLabel, QStyle, QWidget

from napari_mespot.gui.forms import ParamsForm
from napari_mespot.gui.pace import Pace, short_time
from napari_mespot.gui.param_words import label_of, unit_of
from napari_mespot.gui.rules_form import RulesForm
from napari_mespot.learning.params import AugmentationParams, LossParams, TrainingParams
from napari_mespot.spotting.params import KindDetectionParams, SmoothingParams, SpottingParams

LEFT = Qt.MouseButton.LeftButton


class Inner(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    low_s: float = Field(0.1, ge=0)
    high_s: float = Field(0.5, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low_s > self.high_s:
            raise ValueError(f"Expected low_s <= high_s, got {self.low_s} and {self.high_s}")
        return self


class Params(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(0.25, ge=0, le=1, description="how much of it")
    crop_px: float = Field(3.0, gt=0)
    steps: int = Field(4, ge=1, le=10)
    mode: Literal["fast", "exact"] = "fast"
    verbose: bool = False
    inner: Inner = Inner()


class Desk:
    """A form on the screen, and what it has told."""

    def __init__(self, qtbot, form) -> None:
        self.form, self.told, self.settled, self.left = form, [], [], []
        form.valueChanged.connect(self.told.append)
        form.settled.connect(self.settled.append)
        form.left.connect(lambda: self.left.append(QApplication.focusWidget()))
        qtbot.addWidget(form)
        form.resize(360, 560)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)

    def spin(self, *path):
        return self.form.fields[path].spin_box

    def slider(self, *path):
        return self.form.fields[path].slider

    def type(self, spin: QAbstractSpinBox, text: str, end=Qt.Key.Key_Return) -> None:
        QTest.mouseClick(spin.lineEdit(), LEFT)
        spin.selectAll()
        QTest.keyClicks(spin.lineEdit(), text)
        QTest.keyClick(spin.lineEdit(), end)

    def drag(self, slider, *shares: float, let_go: bool = True) -> None:
        def place(share: float) -> QPoint:
            handle = slider.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, slider)
            x = QStyle.sliderPositionFromValue(
                0, 1000, round(share * 1000), slider.width() - handle
            )
            return QPoint(x + handle // 2, slider.height() // 2)

        QTest.mousePress(slider, LEFT, pos=place(slider.value() / 1000))
        for share in shares:
            QTest.mouseMove(slider, place(share))
        if let_go:
            QTest.mouseRelease(slider, LEFT, pos=place(shares[-1]))


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, ParamsForm(Params()))


@pytest.fixture
def rules(qtbot):
    return Desk(qtbot, RulesForm(SpottingParams()))


# -- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label", "unit"),
    [
        ("min_duration_s", "Min duration", "s"),
        ("cutoff_mae_hz", "Cutoff MaE", "Hz"),
        ("crop_px", "Crop", "px"),
        ("rotation_deg", "Rotation", "°"),
        ("blink_per_s", "Blink", "/s"),
        ("steps", "Steps", ""),
    ],
)
def test_names_become_labels_and_units(name, label, unit):
    assert (label_of(name), unit_of(name)) == (label, unit)


def test_labels_units_and_tooltips_are_on_the_form(desk):
    labels = {label.text(): label for label in desk.form.findChildren(QLabel)}
    assert {"Share", "Crop", "Steps", "Mode", "Verbose", "Low", "High"} <= set(labels)
    assert labels["Share"].toolTip() == "How much of it"
    assert desk.spin("crop_px").text() == "3.00 px"
    assert desk.spin("inner", "low_s").text() == "0.100 s"
    assert [group.title() for group in desk.form.findChildren(QGroupBox)] == ["Inner"]


@pytest.mark.parametrize("value", [TrainingParams(), LossParams(), AugmentationParams()])
def test_training_has_forms_too(qtbot, value):
    desk = Desk(qtbot, ParamsForm(value))
    assert desk.form.value() == value
    for path, field in desk.form.fields.items():
        assert field.value() == pytest.approx(getattr(value, path[0]))
        if isinstance(getattr(value, path[0]), bool):
            continue
        shown = field.spin_box.value()
        assert shown == pytest.approx(getattr(value, path[0]), rel=1e-3), "digits are missing"


def test_a_type_without_an_editor_is_a_programmers_mistake(qtbot):
    class Odd(BaseModel):
        names: tuple[str, ...] = ()

    with pytest.raises(TypeError, match="got names"):
        ParamsForm(Odd())


# -- by mouse and key -----------------------------------------------------------------------


def test_typing_tells_once_and_gives_the_keyboard_back(desk):
    desk.type(desk.spin("crop_px"), "12.5")
    assert desk.told == desk.settled == [Params(crop_px=12.5)]
    assert not desk.spin("crop_px").hasFocus()
    assert len(desk.left) == 1


def test_escape_forgets_what_was_typed(desk):
    desk.type(desk.spin("crop_px"), "12.5", Qt.Key.Key_Escape)
    assert desk.told == []
    assert desk.spin("crop_px").text() == "3.00 px"
    assert desk.form.value() == Params()
    assert not desk.spin("crop_px").hasFocus()


def test_what_is_out_of_range_goes_to_the_nearest(desk):
    desk.type(desk.spin("steps"), "99")
    assert desk.form.value().steps <= 10
    desk.type(desk.spin("crop_px"), "0")
    assert desk.form.value().crop_px > 0


def test_clicks_on_a_step_button_settle_when_they_rest(qtbot, desk):
    spin = desk.spin("steps")
    for _ in range(3):
        spin.stepUp()
    assert [v.steps for v in desk.told] == [5, 6, 7]
    assert desk.settled == []
    qtbot.waitUntil(lambda: desk.settled == [Params(steps=7)], timeout=60_000)


def test_a_dragged_slider_is_live_and_settles_on_release(qtbot, desk):
    desk.drag(desk.slider("share"), 0.4, 0.6, 0.8, let_go=False)
    values = [value.share for value in desk.told]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(0.8, abs=0.02)
    assert desk.spin("share").value() == pytest.approx(values[-1])
    qtbot.wait(600)
    assert desk.settled == [], "the hand still holds it"
    QTest.mouseRelease(desk.slider("share"), LEFT)
    assert [v.share for v in desk.settled] == values[-1:]


def test_choices_and_ticks(desk):
    box = desk.form.fields["mode",].box
    QTest.mouseClick(box, LEFT)
    QTest.keyClick(box.view(), Qt.Key.Key_Down)
    QTest.keyClick(box.view(), Qt.Key.Key_Return)
    assert desk.settled[-1] == Params(mode="exact")
    tick = desk.form.fields["verbose",].box
    QTest.mouseClick(tick, LEFT, pos=QPoint(8, tick.height() // 2))
    assert desk.settled[-1] == Params(mode="exact", verbose=True)
    assert desk.told == desk.settled


def test_what_does_not_go_together_is_said_and_not_told(desk):
    states = []
    desk.form.consistency_changed.connect(states.append)
    desk.type(desk.spin("inner", "low_s"), "0.9")
    assert desk.told == desk.settled == []
    assert desk.form.trouble.isVisible()
    assert desk.form.trouble.text() == "⚠ Inner: expected low ≤ high, got 0.9 and 0.5"
    assert desk.form.value() == Params()
    desk.type(desk.spin("inner", "high_s"), "1.5")
    assert desk.told == [Params(inner=Inner(low_s=0.9, high_s=1.5))]
    assert not desk.form.trouble.isVisible()
    assert states == [False, True]


def test_the_wheel_scrolls_the_dock_unless_a_field_has_the_focus(desk):
    spin = desk.spin("steps")

    def turn() -> bool:
        place = QPointF(spin.rect().center())
        wheel = QWheelEvent(
            place, QPointF(spin.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(spin, wheel)
        return bool(wheel.isAccepted())

    assert not turn()
    assert desk.told == []
    QTest.mouseClick(spin.lineEdit(), LEFT)
    assert turn()
    assert desk.told == [Params(steps=5)]


# -- by program -----------------------------------------------------------------------------


def test_setting_a_value_tells_nothing_and_drops_what_was_pending(qtbot, desk):
    desk.spin("steps").stepUp()
    assert desk.form.is_pending
    desk.form.setValue(Params(steps=9, share=0.5, mode="exact", verbose=True))
    qtbot.wait(600)
    assert desk.settled == []
    assert desk.form.value() == Params(steps=9, share=0.5, mode="exact", verbose=True)
    assert desk.slider("share").value() == 500
    with pytest.raises(TypeError, match="Expected Params, got Inner"):
        desk.form.setValue(Inner())


def _kinds():
    share = st.floats(0, 1, allow_nan=False)
    seconds = st.floats(0.001, 8, allow_nan=False)
    shift = st.floats(-1, 1, allow_nan=False)
    return st.builds(
        lambda a, b, c, d, gap, on, off: KindDetectionParams(
            threshold=max(a, b), low_threshold=min(a, b), merge_gap_s=gap,
            min_duration_s=min(c, d), max_duration_s=max(c, d),
            onset_shift_s=on, offset_shift_s=off,
        ),
        share, share, seconds, seconds, seconds, shift, shift,
    )  # fmt: skip


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        lambda me, mae, hertz: SpottingParams.model_validate(
            {"smoothing": SmoothingParams(cutoff_me_hz=hertz), "detection": {"me": me, "mae": mae}}
        ),
        _kinds(),
        _kinds(),
        st.floats(0.01, 50),
    )
)
def test_rules_come_back_exactly_also_with_more_digits_than_are_shown(rules, value):
    rules.form.setValue(value)
    assert rules.form.value() == value
    rules.spin("smoothing", "order").stepUp()
    smoothing = value.smoothing.model_copy(update={"order": 3})
    assert rules.form.value() == value.model_copy(update={"smoothing": smoothing})


# -- the form of the rules ------------------------------------------------------------------


def test_every_rule_is_on_the_form_and_none_overlaps(rules):
    leaves = {
        *(("smoothing", name) for name in SmoothingParams.model_fields),
        ("detection", "cut_depth"),
        *(("detection", k, n) for k in ("me", "mae") for n in KindDetectionParams.model_fields),
    }
    fields = rules.form.fields
    assert set(fields) == leaves
    places = [_place(field, rules.form) for field in fields.values()]
    assert all(field.isVisible() for field in fields.values())
    for number, one in enumerate(places):
        assert not any(one.intersects(other) for other in places[number + 1 :])
    for name in KindDetectionParams.model_fields:
        me, mae = (_place(fields["detection", kind, name], rules.form) for kind in ("me", "mae"))
        assert me.top() == mae.top()
        assert me.right() < mae.left()


def test_a_threshold_below_the_low_one_names_the_kind(rules):
    rules.type(rules.spin("detection", "mae", "low_threshold"), "0.9")
    assert rules.form.trouble.text() == "⚠ MaE: expected low threshold ≤ threshold, got 0.9 and 0.5"
    assert rules.told == []


def _place(widget: QWidget, form: QWidget):
    place = widget.rect()
    place.moveTopLeft(widget.mapTo(form, QPoint(0, 0)))
    return place


# -- pace -----------------------------------------------------------------------------------


def test_pace_says_nothing_too_early_and_follows_a_change():
    pace = Pace()
    assert pace.per_second is None
    pace.add(0.0, 0)
    pace.add(0.1, 30)
    assert pace.left_s(100) is None
    for second in range(1, 11):
        pace.add(second, 10 * second)
    assert pace.per_second == pytest.approx(10)
    for second in range(1, 11):
        pace.add(10 + second, 100 + 50 * second)
    assert pace.per_second == pytest.approx(50)
    assert pace.left_s(700) == pytest.approx(2)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (59.0, "59 s"), (59.5, "1 min 00 s"), (75, "1 min 15 s"), (3599, "59 min 59 s"),
     (3600, "1 h 00 min"), (7150, "2 h 00 min")],
)  # fmt: skip
def test_spans_of_time(seconds, text):
    assert short_time(seconds) == text
