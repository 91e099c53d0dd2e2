"""Text as the bytes of a file, whatever text it is.

Names of files that are no valid UTF-8 on their disk reach Python with stand-ins for single bytes
(PEP 383) and become those bytes again. Any other half of a surrogate pair, as cut text pasted from
elsewhere leaves it, stands for no character at all: a replacement mark is written for it, so that
one such letter never keeps a whole file from being written.
"""

import re

__all__ = ["encoded"]

_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # all but the stand-ins of PEP 383


def encoded(text: str) -> bytes:
    """Return `text` in UTF-8; never fails."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return _HALF.sub("\ufffd", text).encode("utf-8", "surrogateescape")
