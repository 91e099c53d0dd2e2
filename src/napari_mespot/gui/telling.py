"""What the window tells, and where: in its bar, or as a toast while the bar is out of sight."""

from collections.abc import Iterable

from napari.utils.notifications import show_error, show_info, show_warning

from napari_mespot.gui.notice_bar import NoticeBar, Offer
from napari_mespot.gui.notice_line import Level, NoticeLine, reason_first

__all__ = ["Telling"]

_TOASTS = {"error": show_error, "warning": show_warning, "info": show_info}


class Telling:
    """Shows lines to the user.

    Parameters
    ----------
    bar
        Where they stay until they are taken away.
    """

    def __init__(self, bar: NoticeBar) -> None:
        self.bar = bar
        self.is_shown = False
        """Whether the window has been shown: before that, a toast would reach the terminal only."""

    def tell(self, text: str, level: Level | None = None, offers: tuple[Offer, ...] = ()) -> None:
        """Show a line; of an error the reason comes first and the path last.

        Parameters
        ----------
        text
            What there is to say.
        level
            How much it matters; by default what a :class:`NoticeLine` says, or ``"info"``.
        offers
            What can be done about it.
        """
        found: Level = level or (text.level if isinstance(text, NoticeLine) else "info")
        line = reason_first(text)
        self.bar.tell(line, found, offers)
        if self.is_shown and not self.bar.isVisible():
            _TOASTS[found](line)

    def tell_all(self, texts: Iterable[str], *, of_other_window: tuple[Offer, ...] = ()) -> None:
        """Show lines, and buttons beside the one about another window on the same video."""
        for text in texts:
            is_of_it = isinstance(text, NoticeLine) and text.is_of_other_window
            self.tell(text, offers=of_other_window if is_of_it else ())

    def warn(self, text: str) -> None:
        """Show a warning."""
        self.tell(text, "warning")

    def fail(self, error: object) -> None:
        """Show an error."""
        self.tell(str(error), "error")

    def pass_on(self, level: str, text: str) -> None:
        """Show what a dock tells: what matters in the bar, the rest as a toast that goes."""
        if level in {"error", "warning"}:
            self.tell(text, "error" if level == "error" else "warning")
        else:
            show_info(text)
