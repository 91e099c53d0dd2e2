"""Open a video for review in a napari window, and find the workspace of a viewer."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from qtpy.QtWidgets import QDockWidget

from napari_mespot.gui.lazy_video import source_of, video_layer_data
from napari_mespot.gui.opening import OpenedVideo
from napari_mespot.gui.workspace import Workspace

if TYPE_CHECKING:
    import napari
    from napari.layers import Image

__all__ = ["add_workspace", "open_window", "workspace_of"]

_WIDE_PX = 1900
_NAPARI_DOCKS = {"layer list", "layer controls"}
_workspaces: "WeakKeyDictionary[napari.Viewer, Workspace]" = WeakKeyDictionary()


def open_window(
    opened: OpenedVideo,
    *,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    hint: bool = False,
) -> Workspace:
    """Open a napari window with a video under review.

    Parameters
    ----------
    opened
        The video and the work on it; closed with the window.
    size
        Width and height of the window in pixels.
    theme
        Name of a napari theme, in place of the user's.
    hint
        Whether to show a newcomer the first keys.
    """
    import napari

    viewer = napari.Viewer(title=_title(opened))
    if theme is not None:
        viewer.theme = theme
    if size is not None:
        viewer.window.resize(*size)
    data, options, _ = video_layer_data(opened.source)
    layer = viewer.add_image(data, **options)
    workspace = add_workspace(viewer, opened, layer, hint=hint)
    if size is None or size[0] < _WIDE_PX:
        _hide_napari_docks(workspace)
    return workspace


def _title(opened: OpenedVideo) -> str:
    """Return the video's name; in a second window on it, that of the file it writes to."""
    store = opened.store
    name = opened.source.video_id if store.first is None else store.path.name
    return f"{name} · napari-mespot"


def add_workspace(
    viewer: "napari.Viewer", opened: OpenedVideo, layer: "Image", *, hint: bool = False
) -> Workspace:
    """Dock the views of a video into a viewer; those of another video there are closed."""
    old = workspace_of(viewer)
    if old is not None:
        old.close()
    _hide_other_videos(viewer, opened)
    workspace = Workspace(viewer, opened, layer, hint=hint)
    _workspaces[viewer] = workspace
    # The workspace holds the viewer, so that only its end lets both go.
    workspace.closed.connect(lambda: _workspaces.pop(viewer, None))
    return workspace


def workspace_of(viewer: "napari.Viewer") -> Workspace | None:
    """Return the open workspace of a viewer; None if there is none."""
    workspace = _workspaces.get(viewer)
    return workspace if workspace is not None and not workspace.is_closed else None


def _hide_other_videos(viewer: "napari.Viewer", opened: OpenedVideo) -> None:
    """Leave the canvas to one video; the layer list shows the others again."""
    for layer in viewer.layers:
        source = source_of(layer)
        if source is not None:
            layer.visible = source is opened.source


def _hide_napari_docks(workspace: Workspace) -> None:
    """Leave the room to the video; the Window menu brings the docks back."""
    window = workspace.bottom.window()
    for dock in window.findChildren(QDockWidget) if window is not None else ():
        if dock.objectName() in _NAPARI_DOCKS:
            dock.hide()
