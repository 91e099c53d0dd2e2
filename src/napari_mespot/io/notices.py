"""What a reader or writer has to say although it goes on.

A reader of other tools' files takes a `notice`: a function that is given one line of text.
The command line writes it to standard error, the viewer shows it. Without one the line
becomes a Python warning, so that it is never lost; a callback, and not a recorded warning,
because recording warnings is not safe beside other threads.
"""

import warnings
from collections.abc import Callable

__all__ = ["AnnotationWarning", "Notice", "as_warning"]

Notice = Callable[[str], None]


class AnnotationWarning(UserWarning):
    """Something in a file of annotations that a person should look at."""


def as_warning(text: str) -> None:
    """Turn a notice into a Python warning."""
    warnings.warn(text, AnnotationWarning, stacklevel=3)
