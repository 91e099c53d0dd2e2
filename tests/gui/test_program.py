"""``mespot demo`` and ``mespot review`` on a machine without a display: pictures instead."""

import cv2


def test_demo_leaves_plot_and_window_where_there_is_no_display(mespot, tmp_path):
    done = mespot("demo", timeout=300)
    assert done.returncode == 0, done.stderr
    stem = "synthetic_face_30fps"
    results = sorted(path.name for path in (tmp_path / "mespot-demo" / "results").iterdir())
    assert results == [f"{stem}.intervals.csv", f"{stem}.png", f"{stem}.scores.csv"]
    assert "of the 3 drawn were found" in done.stdout
    assert "There is no display to open napari on" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("window.png")
    picture = cv2.imread(str(tmp_path / "mespot-demo" / "window.png"))
    assert picture.shape[:2] == (800, 1280)
    assert picture.std() > 20, "something is to be seen"


def test_review_draws_its_window_where_there_is_no_display(mespot, face_video, tmp_path):
    done = mespot("review", face_video)
    assert done.returncode == 0, done.stderr
    assert "There is no display" in done.stdout
    picture = cv2.imread(str(tmp_path / "sitter.review.png"))
    assert picture.shape[:2] == (800, 1280)


def test_without_xvfb_the_parts_of_the_window_are_drawn(mespot, face_video, tmp_path):
    hide = "import shutil; shutil.which = lambda name: None"
    done = mespot("review", face_video, "--picture", "parts.png", first=hide)
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(tmp_path / "parts.png")).shape[:2] == (800, 1280)


def test_review_of_what_is_no_video_is_one_line(mespot, tmp_path):
    (tmp_path / "notes.mp4").write_text("no video")
    for path in ("missing.mp4", "notes.mp4", "missing.mespot"):
        done = mespot("review", path)
        assert done.returncode == 1
        (line,) = [text for text in done.stderr.splitlines() if text]
        assert line.startswith("error: ")
        assert path in line
