import numpy as np
import pytest

from napari_mespot.frames.synthetic.canvas import Canvas, Curve, bell, blend, smoothstep


def test_crop_canvas_has_pixel_centres_at_whole_numbers():
    canvas = Canvas.of_crop(112)
    np.testing.assert_allclose(canvas.columns[0], np.arange(112), atol=1e-5)
    np.testing.assert_allclose(canvas.rows[:, 0], np.arange(112), atol=1e-5)
    np.testing.assert_allclose(canvas.pixels(np.array([[3.0, 70.0]])), [[3.0, 70.0]])


def test_window_is_the_same_paper():
    canvas = Canvas(-20.0, -30.0, 300, 400, 2.5)
    place, part = canvas.window(10, 5, 40, 33)
    np.testing.assert_allclose(part.x, canvas.x[place], atol=1e-4)
    np.testing.assert_allclose(part.y, canvas.y[place], atol=1e-4)
    assert part.x.min() < 11
    assert part.x.max() > 39
    _, outside = canvas.window(500, 500, 600, 600)
    assert outside.height == 0


@pytest.mark.parametrize("angle", [0.0, 0.7])
def test_bell_is_the_gaussian(angle):
    canvas = Canvas.of_crop(112)
    drawn = bell(canvas, (40.0, 60.0), (6.0, 3.0), angle)
    dx, dy = canvas.x - 40, canvas.y - 60
    u = (dx * np.cos(angle) + dy * np.sin(angle)) / 6
    v = (dy * np.cos(angle) - dx * np.sin(angle)) / 3
    np.testing.assert_allclose(drawn, np.exp(-0.5 * (u * u + v * v)), atol=0.004)
    assert drawn[60, 40] == pytest.approx(1)


def test_curve_goes_through_its_points_and_keeps_its_ends():
    points = [(0.0, 5.0), (3.0, 2.0), (9.0, 4.0)]
    curve = Curve(points[::-1])
    for x, y in points:
        assert curve(np.array([x]))[0] == pytest.approx(y, abs=0.05)
    assert curve(np.array([-5.0, 20.0])).tolist() == pytest.approx([5.0, 4.0])


def test_blend_and_smoothstep_at_their_ends():
    picture = np.zeros((2, 2, 3), np.float32)
    weight = np.array([[0, 1], [0.5, 0]], np.float32)
    out = blend(picture, (1.0, 0.5, 0.0), weight)
    assert out[0, 1].tolist() == [1.0, 0.5, 0.0]
    assert out[1, 0].tolist() == [0.5, 0.25, 0.0]
    assert smoothstep(0, 2, np.array([-1.0, 0, 1, 2, 3])).tolist() == [0, 0, 0.5, 1, 1]
    assert smoothstep(2, 0, np.array([0.0, 2.0])).tolist() == [1, 0]
