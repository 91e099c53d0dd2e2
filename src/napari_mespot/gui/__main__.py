"""``python -m napari_mespot.gui VIDEO``: what ``mespot review`` and ``mespot demo`` start."""

import argparse
import os
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from napari_mespot.errors import AnnotationFormatError, MespotError
from napari_mespot.face.choice import parse_face_choice
from napari_mespot.frames import parse_frame_rate

if TYPE_CHECKING:
    from napari_mespot.gui.labels import Labels
    from napari_mespot.gui.opening import OpenedVideo

_FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Open a video for review, or draw the window that would open; return an exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.picture is None:
            return _run(options)
        return _draw(options)
    except MespotError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201
        return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m napari_mespot.gui")
    parser.add_argument("video", type=Path)
    parser.add_argument("--predictions", type=Path)
    parser.add_argument("--scores", type=Path)
    parser.add_argument("--of-any-video", action="store_true", help="add labels of another video")
    parser.add_argument("--fps", type=parse_frame_rate)
    parser.add_argument("--frame", type=int, help="go there")
    parser.add_argument("--face", type=parse_face_choice, help="which face the Spot dock follows")
    parser.add_argument("--coder", default="")
    parser.add_argument("--hint", action="store_true", help="show a newcomer the first keys")
    parser.add_argument("--picture", type=Path, help="draw the window into this file and end")
    parser.add_argument("--size", default="1280x800", help="of the window, WIDTHxHEIGHT")
    parser.add_argument("--theme", default="dark")
    return parser


def _run(options: argparse.Namespace) -> int:
    import napari

    _open(options)
    napari.run()
    return 0


def _draw(options: argparse.Namespace) -> int:
    with TemporaryDirectory() as folder:
        opened = _opened(options, _copied_session(options.video, Path(folder)))
        if opened.doubtful is not None:
            _refuse(opened, opened.doubtful)
        _draw_from(opened, options)
    return 0


def _refuse(opened: "OpenedVideo", labels: "Labels") -> None:
    """Say that nobody can be asked here whether labels of another video are meant."""
    opened.store.abandon()
    opened.source.close()
    raise AnnotationFormatError(
        f"{labels.path}: expected labels of this video, got a file {labels.doubt}; check the file, "
        "or give --of-any-video to add it all the same"
    )


def _copied_session(path: Path, folder: Path) -> Path:
    """Return a copy of a video's session, for a look at it must not leave anything beside it."""
    from napari_mespot.gui.session_file import SESSION_SUFFIX
    from napari_mespot.gui.store import session_path

    own = path if path.suffix == SESSION_SUFFIX else session_path(path)
    for file in (own, own.with_name(f"{own.name}.journal")):
        if file.is_file():
            shutil.copy2(file, folder / file.name)
    return folder / own.name


def _draw_from(opened: "OpenedVideo", options: argparse.Namespace) -> None:
    from napari_mespot.gui.picture import draw_parts, draw_window

    width, height = (int(n) for n in options.size.split("x"))
    try:
        if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
            draw_parts(
                opened, options.picture, (width, height), hint=options.hint, frame=options.frame
            )
        else:
            draw_window(
                opened,
                options.picture,
                (width, height),
                options.theme,
                hint=options.hint,
                frame=options.frame,
            )
    finally:
        opened.store.close()
        opened.source.close()


def _open(options: argparse.Namespace) -> None:
    from napari_mespot.gui.window import open_window

    opened = _opened(options)
    size = tuple(int(n) for n in options.size.split("x"))
    workspace = open_window(opened, size=(size[0], size[1]), theme=options.theme, hint=options.hint)
    if options.frame is not None:
        workspace.playhead.seek(options.frame)
    if options.face is not None:
        workspace.spotting.run_box.faces.choose(options.face)


def _opened(options: argparse.Namespace, session_file: Path | None = None) -> "OpenedVideo":
    from napari_mespot.gui.opening import open_review

    opened = open_review(
        options.video,
        fps=options.fps,
        predictions=options.predictions,
        scores=options.scores,
        session_file=session_file,
        of_any_video=options.of_any_video,
    )
    if options.coder:
        opened.session.coder = options.coder
    return opened


def _leave(code: int) -> None:
    """End the process when all threads have ended, without taking Qt apart.

    On a busy machine the teardown of Qt and OpenGL after the last line of Python crashed in one of
    four runs; by then everything is written and closed.
    """
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
