"""A digest of a file inside the file: right as long as nobody has changed a byte of it.

A program that finds it right knows that what the file holds was written by this program and
touched by nobody since, so that a person loses nothing when it is replaced.
"""

import hashlib
import re

__all__ = ["OPEN_SEAL", "is_sealed", "sealed"]

_MARK = "seal-sha256-"
#: What stands in a file before it is sealed.
OPEN_SEAL = _MARK + "0" * 64
_SEAL = re.compile(rb"seal-sha256-([0-9a-f]{64})")
#: A seal stands near the beginning.
_FIRST = 100_000


def sealed(content: bytes) -> bytes:
    """Return a content with the digest in place of its first open seal; as it is without one."""
    head, mark, tail = content.partition(OPEN_SEAL.encode())
    if not mark:
        return content
    return head + _MARK.encode() + hashlib.sha256(content).hexdigest().encode() + tail


def is_sealed(content: bytes) -> bool:
    """Whether a content is as :func:`sealed` left it."""
    match = _SEAL.search(content, 0, _FIRST)
    if match is None:
        return False
    opened = content[: match.start(1)] + b"0" * 64 + content[match.end(1) :]
    return hashlib.sha256(opened).hexdigest().encode() == match[1]
