"""What napari finds of us: the manifest, readers, writers and sample videos, by napari's ways."""

from contextlib import ExitStack
from fractions import Fraction
from importlib import resources

import numpy as np
import pytest
from npe2 import PluginManifest
from PIL import Image
from tests.gui.folders import grey_of, image_folder
from tests.gui.reviews import MAE, prediction, review_of

from napari_mespot.errors import OutputError
from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic.sample import sample_path
from napari_mespot.gui.lazy_video import FRAME_RATE_KEY, SESSION_KEY, source_of
from napari_mespot.gui.reader import get_reader
from napari_mespot.gui.review import Review
from napari_mespot.gui.session_file import SavedSession, write_session
from napari_mespot.gui.tables import ANNOTATION_KEY
from napari_mespot.io import read_table, write_table
from napari_mespot.io.dispatch import read_annotations

NAME = "napari-mespot"


@pytest.fixture
def manifest():
    return PluginManifest.from_file(str(resources.files("napari_mespot") / "napari.yaml"))


@pytest.fixture
def viewer(npe2pm, manifest, make_napari_viewer_proxy):
    """A viewer that knows our plugin and no other."""
    with npe2pm.tmp_plugin(manifest=manifest):
        viewer = make_napari_viewer_proxy()
        yield viewer
        for layer in viewer.layers:
            if source_of(layer) is not None:
                source_of(layer).close()


@pytest.fixture
def folder(tmp_path):
    return image_folder(tmp_path, 40)


@pytest.fixture
def table(tmp_path):
    items = (prediction(10, 20), prediction(30, 45, MAE))
    path = tmp_path / "v.intervals.csv"
    write_table(path, [review_of(*items).annotation()])
    return path


def test_every_name_in_the_manifest_leads_somewhere(manifest):
    manifest.validate_imports()
    assert manifest.name == NAME
    used = set()
    for kind in ("readers", "writers", "sample_data", "widgets"):
        used |= {entry.command for entry in getattr(manifest.contributions, kind)}
    for entries in manifest.contributions.menus.values():
        used |= {entry.command for entry in entries}
    assert used == {command.id for command in manifest.contributions.commands}


def test_napari_opens_a_video(viewer):
    (layer,) = viewer.open(sample_path(30), plugin=NAME)
    assert layer.data.shape[0] == source_of(layer).n_frames == 600
    assert layer.metadata[FRAME_RATE_KEY] == 30
    assert layer.name == "synthetic_face_30fps"


@pytest.mark.filterwarnings("ignore:film. images carry no frame rate:UserWarning")
def test_napari_opens_a_folder_of_images(viewer, folder):
    (layer,) = viewer.open(folder, plugin=NAME)
    assert layer.data[7].max() == grey_of(7)


def test_folders_without_numbered_images_are_left_to_others(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing to see")
    assert get_reader(str(tmp_path)) is None
    (tmp_path / "portrait.png").write_bytes(b"")
    assert get_reader(str(tmp_path)) is None


def save_pages(path, n):
    pages = [Image.fromarray(np.full((8, 12), 10 * i, np.uint8)) for i in range(n)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return str(path)


@pytest.mark.filterwarnings("ignore:rec.tif. images carry no frame rate:UserWarning")
def test_napari_opens_a_stack_of_pages_frame_by_frame(viewer, tmp_path):
    (layer,) = viewer.open(save_pages(tmp_path / "rec.tif", 9), plugin=NAME)
    assert layer.data.shape[0] == 9
    assert layer.data[7].max() == 70


def test_other_tiffs_are_left_to_napari(tmp_path):
    assert get_reader(save_pages(tmp_path / "rec.tiff", 9)) is not None
    assert get_reader(save_pages(tmp_path / "portrait.tif", 1)) is None
    (tmp_path / "table.tif").write_text("no picture")
    assert get_reader(str(tmp_path / "table.tif")) is None
    assert get_reader(str(tmp_path / "absent.tif")) is None


def test_napari_opens_a_session_with_its_video(viewer, folder):
    session = folder.parent / "film.mespot"
    review = Review("film", 40, Fraction(200))
    write_session(session, SavedSession(review, folder))
    (layer,) = viewer.open(session, plugin=NAME)
    assert layer.metadata[SESSION_KEY] == str(session)
    assert layer.metadata[FRAME_RATE_KEY] == 200


def test_napari_opens_a_table_as_a_strip_of_shapes(viewer, table):
    (layer,) = viewer.open(table, plugin=NAME)
    assert layer.features["onset"].tolist() == [10, 30]
    assert layer.metadata[ANNOTATION_KEY] == read_table(table)[0]
    assert [float(corners[:, 1].min()) for corners in layer.data] == [9.5, 29.5]


def test_a_table_of_others_is_left_to_them(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("index,axis-0,axis-1\n0,1,2\n")
    assert get_reader(str(path)) is None


def test_what_is_saved_from_napari_is_what_was_opened(viewer, table, tmp_path):
    (layer,) = viewer.open(table, plugin=NAME)
    written = tmp_path / "out.intervals.csv"
    assert layer.save(str(written), plugin=NAME) == [str(written)]
    assert read_table(written) == read_table(table)


@pytest.fixture(params=["napari first", "napari last"])
def beside_napari(npe2pm, manifest, make_napari_viewer_proxy, request):
    """A viewer with our plugin and napari's own readers and writers."""
    own = resources.files("napari_builtins") / "builtins.yaml"
    plugins = [PluginManifest.from_file(str(own)), manifest]
    with ExitStack() as stack:
        for plugin in plugins[:: 1 if request.param == "napari first" else -1]:
            stack.enter_context(npe2pm.tmp_plugin(manifest=plugin))
        yield make_napari_viewer_proxy()


@pytest.mark.parametrize("name", ["out.intervals.csv", "out.labels.csv", "Out.Intervals.CSV"])
def test_a_name_of_ours_is_written_by_us_without_being_asked(beside_napari, table, tmp_path, name):
    (layer,) = beside_napari.open(table, plugin=NAME)
    assert layer.save(str(tmp_path / name)) == [str(tmp_path / name)]
    assert read_table(tmp_path / name) == read_table(table)
    again = tmp_path / f"all.{name}"
    beside_napari.layers.save(str(again))
    assert read_table(again) == read_table(table)


def test_shapes_of_others_stay_with_napari(beside_napari, tmp_path):
    layer = beside_napari.add_shapes(np.array([[0, 0], [0, 9], [9, 9], [9, 0]]), name="cells")
    layer.save(str(tmp_path / "cells.csv"))
    assert (tmp_path / "cells.csv").read_text().startswith("index,shape-type,")
    with pytest.raises(OutputError, match="got other shapes"):
        layer.save(str(tmp_path / "cells.intervals.csv"))
    assert not (tmp_path / "cells.intervals.csv").exists()


@pytest.mark.filterwarnings("ignore:.*not written:UserWarning")
@pytest.mark.parametrize("suffix", [".eaf", ".TextGrid", ".boris"])
def test_intervals_are_saved_for_other_tools(viewer, table, tmp_path, suffix):
    (layer,) = viewer.open(table, plugin=NAME)
    written = tmp_path / f"v{suffix}"
    layer.save(str(written), plugin=NAME)
    (again,) = read_annotations(written, frame_rate=Fraction(30), n_frames=300)
    spans = [(e.onset, e.offset, e.kind) for e in again.expressions]
    assert spans == [(10, 20, "ME"), (30, 45, "MaE")]


def test_a_moved_shape_is_saved_where_it_is(viewer, table, tmp_path):
    (layer,) = viewer.open(table, plugin=NAME)
    layer.data = [layer.data[0] + np.array([0, 5]), layer.data[1]]
    written = tmp_path / "out.csv"
    layer.save(str(written), plugin=NAME)
    first, second = read_table(written)[0].expressions
    assert (first.onset, first.offset) == (15, 25)
    assert second == read_table(table)[0].expressions[1]
    assert dict(first.extras)["original_onset"] == "10"


@pytest.mark.parametrize("rate", [30, 200])
def test_the_sample_videos_open(viewer, rate):
    (layer,) = viewer.open_sample(NAME, f"face_{rate}")
    with open_frames(sample_path(rate)) as source:
        np.testing.assert_array_equal(layer.data[100], source.read(100))
    assert layer.metadata[FRAME_RATE_KEY] == rate
