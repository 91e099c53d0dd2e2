"""``mespot doctor``: what is there, what is missing, and how to get it."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from napari_mespot.cli.console import say, say_json

__all__ = ["doctor"]

_OK, _MISSING, _OPTIONAL = "ok", "missing", "optional"
_PACKAGES = ("numpy", "scipy", "torch", "av", "opencv-python-headless", "safetensors", "pydantic")
_CODECS = ("h264", "hevc", "vp9", "av1", "mjpeg", "mpeg4", "mpeg2video", "prores", "ffv1")
_BIG_CACHE_BYTES = 10**9
#: Frames of the sample that are decoded and spotted: one second.
_SECOND = 30
_REINSTALL = "install again: python -m pip install --force-reinstall napari-mespot"
_VIEWER = "for the napari viewer: python -m pip install 'napari-mespot[napari]'"


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Parameters
    ----------
    name
        What it is.
    state
        ``ok``; ``missing``, and spotting needs it; or ``optional``, not there and not needed
        for spotting.
    detail
        What was found.
    advice
        How to get it, if it is not there.
    """

    name: str
    state: str
    detail: str
    advice: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False,
    clear: Annotated[
        bool,
        typer.Option("--clear-cache", help="Remove indexes and aligned faces, and do no more."),
    ] = False,
) -> None:
    """Check the installation: versions, codecs, device, models, spotting, cache, viewer."""
    if clear:
        _clear_cache()
        return
    findings = [finding for check in _CHECKS for finding in _done(check)]
    healthy = all(finding.state != _MISSING for finding in findings)
    if as_json:
        say_json({"ok": healthy, "findings": [asdict(finding) for finding in findings]})
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            say(f"{finding.state:8}  {finding.name:{width}}  {finding.detail}")
            if finding.advice:
                say(f"{'':8}  {'':{width}}  -> {finding.advice}")
        say()
        say("ready to spot" if healthy else "not ready: see what is marked missing")
    if not healthy:
        raise typer.Exit(1)


def _clear_cache() -> None:
    from napari_mespot.errors import OutputError
    from napari_mespot.frames import cache_root, clear_cache

    folder = cache_root()
    try:
        freed = clear_cache(folder)
    except OSError as error:
        raise OutputError(
            f"{folder}: expected to remove what is cached there, got: {error.strerror}; close "
            "other runs, or remove it by hand"
        ) from None
    say(f"{freed / 1e6:.1f} MB removed from {folder}")


def _done(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Run a check; one that breaks is a finding too, since a doctor must not fall ill."""
    name = check.__name__.strip("_").replace("_", " ")
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - a broken library can raise anything
        return [Finding(name, _MISSING, f"{type(error).__name__}: {error}", _REINSTALL)]


def _program() -> Iterator[Finding]:
    from napari_mespot import __version__

    yield Finding("napari-mespot", _OK, __version__)
    yield Finding("python", _OK, f"{platform.python_version()} ({sys.executable})")
    yield Finding("system", _OK, f"{platform.platform()}, {os.cpu_count()} processors")


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        try:
            yield Finding(name, _OK, version(name))
        except PackageNotFoundError:
            yield Finding(name, _MISSING, "not installed", _REINSTALL)
    if find_spec("cv2") is not None:
        import cv2

        yield Finding("opencv in use", _OK, f"{cv2.__version__} ({Path(cv2.__file__).parent})")


def _video() -> Iterator[Finding]:
    import av
    from av.codec import codecs_available

    libraries = ", ".join(
        f"{name} {'.'.join(map(str, number))}" for name, number in av.library_versions.items()
    )
    yield Finding("ffmpeg", _OK, libraries)
    there = [name for name in _CODECS if name in codecs_available]
    absent = [name for name in _CODECS if name not in codecs_available]
    yield Finding("codecs", _OK, ", ".join(there))
    if absent:
        advice = "convert such videos with ffmpeg, e.g. to H.264"
        yield Finding("codecs", _OPTIONAL, f"without {', '.join(absent)}", advice)


def _device() -> Iterator[Finding]:
    import torch

    from napari_mespot.network import choose_device

    chosen = choose_device("auto")
    detail = f"{chosen.type}, {torch.get_num_threads()} threads"
    if chosen.type == "cuda":
        detail = f"cuda: {torch.cuda.get_device_name(chosen)}"
    yield Finding("device", _OK, detail)


def _face_models() -> Iterator[Finding]:
    from napari_mespot.errors import NoFaceError
    from napari_mespot.face.model_files import DETECTION_MODEL, LANDMARK_MODEL, find_model

    for model in (DETECTION_MODEL, LANDMARK_MODEL):
        try:
            yield Finding("face model", _OK, f"{find_model(model)}, checksum right")
        except NoFaceError as error:
            yield Finding("face model", _MISSING, model.name, str(error))


def _checkpoints() -> Iterator[Finding]:
    from napari_mespot.errors import CheckpointError
    from napari_mespot.network import list_checkpoints, load_checkpoint

    try:
        yield Finding("checkpoint", _OK, f"{load_checkpoint().name} (default)")
    except CheckpointError as error:
        yield Finding("checkpoint", _MISSING, str(error), _REINSTALL)
    yield Finding("checkpoints", _OK, ", ".join(list_checkpoints()) or "none shipped")


def _spotting() -> Iterator[Finding]:
    """Decode and spot a second of the sample: what is installed may still not work together."""
    import numpy as np

    from napari_mespot.errors import MespotError
    from napari_mespot.frames import open_frames
    from napari_mespot.frames.excerpt import Excerpt
    from napari_mespot.frames.synthetic import sample_path
    from napari_mespot.network import load_checkpoint
    from napari_mespot.spotting import spot_video

    try:
        with Excerpt(open_frames(sample_path()), stop=_SECOND) as source:
            pictures = list(source.iter_luma())
            last, again = pictures[-1], source.read_luma(source.n_frames - 1)
            if last is None or not np.array_equal(last, again):
                text = f"frame {source.n_frames - 1} of the sample differs from read to read"
                yield Finding("spotting", _MISSING, text, _REINSTALL)
                return
            signal = spot_video(source, load_checkpoint()).signal
    except MespotError as error:
        yield Finding("spotting", _MISSING, str(error), _REINSTALL)
        return
    scored = np.asarray(np.isfinite(signal.values).all(axis=1)) & signal.found
    n_scored = int(np.count_nonzero(scored))
    text = f"{source.n_frames} frames of the sample decoded, {n_scored} with a face and scores"
    whole = n_scored == source.n_frames
    yield Finding("spotting", _OK if whole else _MISSING, text, "" if whole else _REINSTALL)


def _cache() -> Iterator[Finding]:
    from napari_mespot.batch import prepare_folder
    from napari_mespot.errors import OutputError
    from napari_mespot.frames import cache_root

    folder = cache_root()
    try:
        prepare_folder(folder)
    except OutputError as error:
        advice = "set MESPOT_CACHE_DIR to a folder with room; without it every run starts anew"
        yield Finding("cache", _OPTIONAL, str(error.__cause__ or error), advice)
        return
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    advice = "to free it: mespot doctor --clear-cache" if size >= _BIG_CACHE_BYTES else ""
    yield Finding("cache", _OK, f"{folder}, {size / 1e6:.1f} MB", advice)


def _viewer() -> Iterator[Finding]:
    try:
        yield Finding("napari", _OK, version("napari"))
    except PackageNotFoundError:
        yield Finding("napari", _OPTIONAL, "not installed", _VIEWER)
    bindings = [name for name in ("PyQt6", "PySide6", "PyQt5", "PySide2") if find_spec(name)]
    if bindings:
        yield Finding("Qt", _OK, ", ".join(bindings))
    else:
        yield Finding("Qt", _OPTIONAL, "no binding installed", _VIEWER)
    yield _opengl()
    if sys.platform.startswith("linux"):
        display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        advice = "" if display else "the viewer needs a desktop session; spotting does not"
        yield Finding("display", _OK if display else _OPTIONAL, display or "none", advice)


def _opengl() -> Finding:
    from ctypes.util import find_library

    if not sys.platform.startswith("linux"):
        return Finding("OpenGL", _OK, "part of the system")
    library = find_library("GL")
    if library:
        return Finding("OpenGL", _OK, library)
    advice = "for the viewer, on Debian or Ubuntu: apt install libgl1 libegl1"
    return Finding("OpenGL", _OPTIONAL, "no libGL found", advice)


_CHECKS = (
    _program,
    _packages,
    _video,
    _device,
    _face_models,
    _checkpoints,
    _spotting,
    _cache,
    _viewer,
)
