"""Tables as shapes layers and back: the writer honours what the reader read."""

import numpy as np
import pytest
from hypothesis import given
from tests.gui.reviews import MAE, ME, N_FRAMES, prediction, review_of, reviews

from napari_mespot.errors import OutputError
from napari_mespot.gui.convert import Lanes
from napari_mespot.gui.interval_layer import SESSION_OBJECT_KEY
from napari_mespot.gui.session import Session
from napari_mespot.gui.tables import annotation_of, table_layer_data
from napari_mespot.model import Annotation, Expression, Interval, ReviewStatus


def attributes(options, **changes):
    return {**options, **changes}


@given(reviews())
def test_nothing_changed_is_the_same_table(review):
    annotation = review.annotation()
    data, options, kind = table_layer_data(annotation, "v")
    again = annotation_of(data or [], attributes(options))
    assert kind == "shapes"
    assert sorted(again.expressions, key=repr) == sorted(annotation.expressions, key=repr)
    assert again.reviewed == annotation.reviewed


def test_a_moved_shape_is_a_corrected_row():
    annotation = review_of(prediction(10, 20), prediction(30, 40)).annotation()
    data, options, _ = table_layer_data(annotation, "v")
    lanes = Lanes.for_video(N_FRAMES)
    data[0] = lanes.rectangle(Interval(12, 28), MAE)
    first, second = annotation_of(data, attributes(options)).expressions
    assert (first.onset, first.offset, first.kind, first.apex) == (12, 28, MAE, 15)
    assert first.status is ReviewStatus.CORRECTED
    assert second.status is ReviewStatus.PREDICTED


def test_a_new_shape_is_a_new_row():
    data, options, _ = table_layer_data(review_of(prediction(10, 20)).annotation(), "v")
    data.append(Lanes.for_video(N_FRAMES).rectangle(Interval(100, 130), MAE))
    rows = annotation_of(data, attributes(options)).expressions
    assert rows[1] == Expression(Interval(100, 130), MAE, source="manual")


def test_a_layer_that_shows_a_session_gives_all_of_it():
    session = Session(review_of(prediction(10, 20), prediction(30, 40)))
    given_back = annotation_of([], {"metadata": {SESSION_OBJECT_KEY: session}})
    assert given_back == session.review.annotation()


def test_other_shapes_are_not_intervals():
    shapes = [np.array([[0.0, 4.5], [0, 9.5], [1, 9.5], [1, 4.5]])]
    with pytest.raises(OutputError, match="expected a layer of intervals"):
        annotation_of(shapes, {"name": "drawn"})


def test_a_table_without_length_and_rate_can_be_shown():
    annotation = Annotation("v", expressions=(Expression(Interval(3, 9), ME),))
    data, options, _ = table_layer_data(annotation, "v")
    assert annotation_of(data, attributes(options)) == annotation
