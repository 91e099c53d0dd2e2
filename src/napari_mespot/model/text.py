"""Text that a person typed, as every file can hold it."""

import re

__all__ = ["sound_text"]

_UNSOUND = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def sound_text(text: str) -> str:
    """Return `text` with a replacement mark for each character that is none.

    These are halves of surrogate pairs, which a field hands over when pasted text was cut in the
    middle of a character, NUL and the other control codes but tab and line ends.
    """
    return _UNSOUND.sub("\ufffd", text)
