"""One video under review in one napari window: puts the views together, and takes them apart.

Views know the session and the playhead, never each other. What needs napari (docks, notices,
layers) happens here.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error, show_warning
from qtpy.QtCore import QEvent, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QApplication, QWidget

from napari_mespot.errors import MespotError
from napari_mespot.face import FaceCache
from napari_mespot.face.closeup import interval_faces
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.closeup import CloseupWidget
from napari_mespot.gui.dialogs import GoToDialog
from napari_mespot.gui.dims_link import DimsLink
from napari_mespot.gui.dock_column import stacked
from napari_mespot.gui.docks import Docks
from napari_mespot.gui.exporting import export_intervals
from napari_mespot.gui.face_pick import FacePick
from napari_mespot.gui.file_menu import FileMenu
from napari_mespot.gui.hint import KeyHint
from napari_mespot.gui.interval_layer import SESSION_OBJECT_KEY, IntervalLayer
from napari_mespot.gui.keymap import Keymap, load_keymap
from napari_mespot.gui.keys import install_keys
from napari_mespot.gui.keys_dialog import KeysDialog
from napari_mespot.gui.label_intake import LabelIntake
from napari_mespot.gui.lazy_video import LazyVideo, source_of
from napari_mespot.gui.napari_play import NapariPlay
from napari_mespot.gui.notice_bar import NoticeBar
from napari_mespot.gui.opening import OpenedVideo
from napari_mespot.gui.other_window import OtherWindow
from napari_mespot.gui.picture_fit import PictureFit
from napari_mespot.gui.player import Player
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review_dock import ReviewWidget
from napari_mespot.gui.settings import Settings, load_settings, save_settings
from napari_mespot.gui.spotting_dock import SpotTarget, SpottingWidget
from napari_mespot.gui.status_text import StatusText
from napari_mespot.gui.step_line import StepLine
from napari_mespot.gui.telling import Telling
from napari_mespot.gui.theme import timeline_colours
from napari_mespot.gui.timeline import TimelineWidget
from napari_mespot.gui.tracks import open_tracks
from napari_mespot.gui.transport import TransportBar

if TYPE_CHECKING:
    import napari
    from napari.components import LayerList
    from napari.layers import Image, Layer

    from napari_mespot.face.closeup import IntervalFaces
    from napari_mespot.progress import ProgressCallback

__all__ = ["Workspace"]

_CLOSEUP_PX = 224
_REPAINT_MS = 100
_TIMELINE_PX, _TIMELINE_SHARE, _SIDE_PX = 300, 0.28, 420


class Workspace(QObject):
    """The views of one video, docked into a viewer.

    Parameters
    ----------
    viewer
        The napari viewer.
    opened
        The video and the work on it; closed with the workspace.
    layer
        The layer that shows the video.
    hint
        Whether to show a newcomer the first keys.
    """

    closed = Signal()
    """The workspace has let go of video and viewer."""
    _damaged = Signal(str)  # frames are read in other threads too

    def __init__(
        self, viewer: "napari.Viewer", opened: OpenedVideo, layer: "Image", *, hint: bool = False
    ) -> None:
        super().__init__()
        self.viewer, self.layer = viewer, layer
        self.source, self.session, self.store = opened.source, opened.session, opened.store
        self.playhead = Playhead(self.source.n_frames, self.source.frame_rate, self.source.clock)
        self.player = Player(self.playhead, self)
        self.actions = ReviewActions(self.session, self.playhead, self.player)
        self.notices = NoticeBar()
        self.telling = Telling(self.notices)
        self.keymap = load_keymap(tell=self.telling.warn)
        self._uninstall_keys: Callable[[], object] = lambda: None
        self._window: QWidget | None = None
        self._dialog: QWidget | None = None
        self._play: NapariPlay | None = None
        self.is_closed = False
        self._build(hint)
        self._dock()
        self.intake = LabelIntake(self.session, self._window, self.viewer.layers, self.telling)
        self._connect()
        selected = self.viewer.layers.selection
        self._file_menu = FileMenu(
            self._window or self.bottom, lambda: self.layer in selected, self.save
        )
        self._install_keys(self.keymap)
        other = OtherWindow(self.session, self.store, self.telling.tell, self._took_over)
        self.telling.tell_all(opened.notices, of_other_window=other.offers)
        if opened.doubtful is not None:
            self.intake.ask_soon(opened.doubtful, opened.doubtful_scores)
        # Sizes count only once the window has laid itself out.
        QTimer.singleShot(0, self._arrange)

    # -- building --------------------------------------------------------------------------

    def _build(self, hint: bool) -> None:
        size = (self.source.height, self.source.width)
        self.dims_link = DimsLink(self.viewer, self.layer, self.playhead)
        self.intervals = IntervalLayer(self.viewer, size, self.session, self.playhead)
        # napari's own keys act on the active layer, and 3 or Delete would remove shapes.
        self.viewer.layers.selection.select_only(self.layer)
        self.status = StatusText(self.viewer, self.session, self.playhead)
        self.transport = TransportBar(
            self.session, self.playhead, self.player, self.actions, self.store
        )
        self.timeline = TimelineWidget(self.session, self.playhead, self.actions)
        self.review = ReviewWidget(self.session, self.playhead, self.actions)
        template = load_settings().template
        if template:
            self.review.load_template(Path(template))
        target = SpotTarget.of(self.source)
        self.spotting = SpottingWidget(self.session, target)
        self.closeup = CloseupWidget(self.session, self.playhead, self._faces_of)
        self.hint = KeyHint(self.keymap.shown()) if hint else None
        self.step_line = StepLine(self.session)
        self.bottom = stacked(
            self.notices, self.transport, self.step_line, self.hint, self.timeline
        )
        self.fit = PictureFit(self.viewer)
        self.face_pick = FacePick(self.viewer, self.layer, self.spotting.run_box.faces.choose_at)
        self.docks = Docks(self.viewer)
        self._show_theme()

    def _dock(self) -> None:
        self.docks.add(self.bottom, "Timeline", "bottom")
        self.docks.add(self.review, "Review", "right")
        self.docks.add(self.spotting, "Spot", "right")
        self.docks.add(self.closeup, "Close-up", "right", stretches=True)
        self._window = window = self.bottom.window()
        if window is not None:
            window.installEventFilter(self)
            self._play = NapariPlay(self.viewer, self.layer, window, self.player.toggle)

    def _arrange(self) -> None:
        """Share the window out, and show what comes first: reviewing, or spotting."""
        if self.is_closed:
            return
        self._share_out()
        has_work = self.session.scores is not None or bool(self.session.review.items)
        self.docks.show(self.review if has_work else self.spotting)
        self.telling.is_shown = True
        QTimer.singleShot(0, self._fit_picture)

    def _share_out(self) -> None:
        """Give the docks their sizes."""
        if self._window is not None:
            height = max(_TIMELINE_PX, round(_TIMELINE_SHARE * self._window.height()))
            self.docks.resize(self.bottom, height, Qt.Orientation.Vertical)
            self.docks.resize(self.review, _SIDE_PX, Qt.Orientation.Horizontal)

    def restore(self) -> None:
        """Show the docks that were closed or hidden."""
        if self.docks.restore():
            self._share_out()

    def _fit_picture(self) -> None:
        if not self.is_closed:
            self.fit.fit()

    def _connect(self) -> None:
        for signal, slot in self._links():
            signal.connect(slot)
        self._follow_damage(self._damaged.emit)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close)

    def _follow_damage(self, tell: Callable[[str], object]) -> None:
        """Let damaged frames of the video be told in the window."""
        if isinstance(self.layer.data, LazyVideo):
            self.layer.data.tell_damage_to(tell)

    def _links(self) -> list[tuple[Any, Callable[..., object]]]:
        actions, session = self.actions, self.session
        return [
            (actions.go_to_asked, self._ask_place),
            (actions.save_asked, self.save),
            (actions.keys_asked, self._show_keys),
            (actions.fit_asked, self.timeline.fit),
            (actions.fit_picture_asked, self._fit_picture),
            (actions.done, self._done),
            (session.trouble, self.telling.fail),
            (self._damaged, self.telling.warn),
            (self.review.template_chosen, self._remember_template),
            (self.intervals.appeared, self.fit.follow),
            (self.docks.turned, self._turned),
            (self.spotting.message, self.telling.pass_on),
            (self.spotting.spotted, self._spotted),
            (self.spotting.run_box.faces.pick_asked, self._ask_face),
            (self.timeline.tracks_asked, self._open_tracks),
            (self.timeline.import_asked, self.import_intervals),
            (self.timeline.export_asked, self.export_intervals),
            (self.viewer.events.theme, self._show_theme),
            (self.viewer.layers.events.removed, self._layer_removed),
            (self.viewer.layers.events.inserted, self.intake.follow_layer),
        ]

    def _install_keys(self, keymap: Keymap) -> None:
        self._uninstall_keys()
        self.keymap = keymap
        # The window, since the timeline may have been closed meanwhile.
        place = self._window or self.bottom
        self._uninstall_keys = install_keys(place, self.actions, keymap)
        self.transport.show_keys(keymap.shown())
        self.review.show_keys(keymap.shown())
        self._file_menu.show_key(keymap.shown()["save"])

    # -- what the user asks for --------------------------------------------------------------

    def save(self) -> None:
        """Save the session file."""
        self.review.flush()
        try:
            self.store.save()
        except MespotError as error:
            self.telling.fail(error)
            return
        self.transport.show_saved()
        self.session.say(f"Saved: {self.store.path.name}")

    def export_intervals(self) -> None:
        """Ask for a file and write the intervals there."""
        export_intervals(self._window, self.source, self.session, self.telling)

    def import_intervals(self) -> None:
        """Add labels or predictions from a file that the user chooses."""
        self.intake.ask_for_file(self.source.path.parent)

    def _open_tracks(self) -> None:
        open_tracks(self._window, self.source, self.timeline, self.telling)

    def _ask_face(self) -> None:
        self.session.say("Click the face to follow in the picture; then Run")
        self.face_pick.start()

    def _ask_place(self) -> None:
        self.player.pause()
        self._open_dialog(GoToDialog(self.playhead, self._window))

    def _show_keys(self) -> None:
        dialog = KeysDialog(self.keymap, self._window)
        dialog.keymap_changed.connect(self._install_keys)
        self._open_dialog(dialog)

    def _open_dialog(self, dialog: Any) -> None:
        """Show a dialog beside the window; the old one, if any, goes."""
        if self._dialog is not None:
            self._dialog.close()
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.destroyed.connect(self._forget_dialog)
        self._dialog = dialog
        dialog.show()
        dialog.activateWindow()

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _remember_template(self, path: Path | None) -> None:
        try:
            save_settings(Settings(template="" if path is None else str(path.absolute())))
        except MespotError as error:
            self.telling.warn(str(error))

    # -- what happens ------------------------------------------------------------------------

    def _done(self, name: str) -> None:
        if self.hint is not None:
            self.hint.tick(name)

    def _spotted(self) -> None:
        """Keep scores, which take minutes to make, at once; show what was found."""
        self.save()
        self.docks.show(self.review)

    def _show_theme(self, event: object = None) -> None:
        colours = timeline_colours(self.viewer.theme)
        self.timeline.set_colours(colours)
        self.notices.set_colours(colours)

    def _took_over(self) -> None:
        """Show the other window's work, once it is here, and whether it may be changed."""
        if self.store.is_read_only:
            looking = f"{self.source.video_id} (only looking)"
            self.viewer.title = self.viewer.title.replace(self.store.path.name, looking)
        self.transport.show_saved()
        self.docks.show(self.review)

    def _turned(self, widget: QWidget, is_front: bool) -> None:
        # Told when a tab comes to the front, which its widget itself is not.
        if widget is self.closeup and is_front and not self.is_closed:
            QTimer.singleShot(0, self.closeup.catch_up)

    def _layer_removed(self, event: Any) -> None:
        # By content, since a plugin may see a layer through a proxy of napari's.
        if source_of(event.value) is self.source:
            self.close()
        elif event.value.metadata.get(SESSION_OBJECT_KEY) is self.session:
            self.intervals.close()

    def _faces_of(
        self, first: int, last: int, progress: "ProgressCallback | None"
    ) -> "IntervalFaces":
        return interval_faces(
            self.source,
            self.spotting.align_params(),
            first,
            last,
            FaceCache(),
            crop_px=_CLOSEUP_PX,
            progress=progress,
            choice=self.spotting.face_choice(),
        )

    # -- closing -----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Save when the window closes."""
        if event is not None and event.type() == QEvent.Type.Close and watched is self._window:
            self.close()
        return False

    def close(self) -> None:
        """Save, let go of the video and take the docks away; may be called twice."""
        if self.is_closed:
            return
        self.is_closed = True
        self.review.flush()
        self.player.pause()
        self._uninstall_keys()
        if self._dialog is not None:
            self._dialog.close()
        self._end_views()
        try:
            self.store.close()
        except MespotError as error:
            show_error(str(error))
        layers, layer = self.viewer.layers, self.intervals.layer
        # Out of sight at once, and away once the canvas has its new size: with several viewers,
        # taking away a layer that is drawn while the docks go too has ended in a crash of the
        # drawing. Nothing here holds the viewer.
        layer.visible = False
        self.docks.close()
        QTimer.singleShot(_REPAINT_MS, lambda: _take_away(layers, layer))
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.disconnect(self.close)
        self.closed.emit()

    def _end_views(self) -> None:
        """Let nothing listen any more."""
        self.intake.close()
        self._file_menu.close()
        self._follow_damage(show_warning)
        for signal, slot in self._links():
            with suppress(ValueError, RuntimeError, TypeError):
                signal.disconnect(slot)
        self.status.close()
        self.dims_link.disconnect()
        self.fit.close()
        self.face_pick.stop()
        if self._play is not None:
            self._play.close()
        self.intervals.close()
        self.spotting.shut_down()
        for view in (self.closeup, self.review, self.timeline, self.transport, self.step_line):
            view.disconnect_all()
        if self._window is not None:
            self._window.removeEventFilter(self)


def _take_away(layers: "LayerList", layer: "Layer") -> None:
    """Remove a layer, if it and its viewer are still there."""
    with suppress(ValueError, RuntimeError):
        layers.remove(layer)
