import shutil

import pytest

from napari_mespot.errors import NoFaceError
from napari_mespot.face import model_files
from napari_mespot.face.model_files import DETECTION_MODEL, LANDMARK_MODEL, find_model


@pytest.mark.parametrize("model", [DETECTION_MODEL, LANDMARK_MODEL])
def test_the_installed_package_has_the_models_and_their_licence(model):
    path = find_model(model)
    assert path.is_file()
    assert (path.parent / "NOTICE").is_file()
    assert "Apache License" in (path.parent / "LICENSE").read_text("utf-8")


def test_the_users_folder_comes_first(tmp_path, monkeypatch):
    copy = shutil.copy(find_model(DETECTION_MODEL), tmp_path)
    assert find_model(DETECTION_MODEL, tmp_path) == tmp_path / DETECTION_MODEL.name
    monkeypatch.setenv("MESPOT_FACE_MODELS", str(tmp_path))
    assert str(find_model(DETECTION_MODEL)) == str(copy)


def test_a_different_file_is_refused(tmp_path):
    (tmp_path / DETECTION_MODEL.name).write_bytes(b"something else")
    with pytest.raises(NoFaceError, match="another file") as caught:
        find_model(DETECTION_MODEL, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_model_says_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(NoFaceError, match="copy it there"):
        find_model(LANDMARK_MODEL, tmp_path)
    monkeypatch.setattr(model_files, "_known_places", lambda model: iter([tmp_path / "none"]))
    with pytest.raises(NoFaceError, match="install napari-mespot again"):
        find_model(LANDMARK_MODEL)


def test_an_installed_mediapipe_is_used_without_importing_it(tmp_path, monkeypatch):
    package = tmp_path / "mediapipe"
    folder = package / LANDMARK_MODEL.mediapipe_folder
    folder.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('must not be imported')")
    shutil.copy(find_model(LANDMARK_MODEL), folder)
    monkeypatch.syspath_prepend(tmp_path)
    found = list(model_files._known_places(LANDMARK_MODEL))
    assert found[-1] == folder / LANDMARK_MODEL.name
