"""An ELAN file as a tree in which nothing is lost: comments, prefixes, attributes, blanks.

The parser of the standard library's tree resolves prefixes and drops comments, and what is
written then is another document. Here names stay as they are written.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from xml.parsers import expat

from napari_mespot.errors import OutputError

__all__ = ["ElanDocument"]

_DEEPEST = 64


@dataclass
class ElanDocument:
    """A document that can be changed and written again.

    Parameters
    ----------
    root
        Its tree; names as written, with comments and processing instructions.
    before, after
        Comments and processing instructions around the root.
    """

    root: ET.Element
    before: list[ET.Element] = field(default_factory=list)
    after: list[ET.Element] = field(default_factory=list)

    @classmethod
    def parsed(cls, path: Path, data: bytes) -> "ElanDocument":
        """Read a document.

        Raises
        ------
        OutputError
            If it is no ELAN file, or has parts that could not be written as they are.
        """
        builder = _Builder()
        try:
            builder.feed(data)
            if builder.root is None or builder.root.tag != "ANNOTATION_DOCUMENT":
                raise ValueError("XML of another kind")
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise OutputError(
                f"{path}: expected an ELAN file to merge into, got {error}; write another file, or "
                "say --replace to start this one anew"
            ) from None
        return cls(builder.root, builder.around[0], builder.around[1])

    def content(self) -> bytes:
        """Return the document in UTF-8."""
        parts = [*self.before, self.root, *self.after]
        # All line ends of the file have become line feeds; other returns were written as codes.
        texts = [ET.tostring(part, encoding="unicode").replace("\r", "&#13;") for part in parts]
        return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *texts, ""]).encode()


class _Builder:
    """Builds the tree while the parser goes through the text."""

    def __init__(self) -> None:
        self.root: ET.Element | None = None
        self.around: tuple[list[ET.Element], list[ET.Element]] = ([], [])
        self._open: list[ET.Element] = []
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser

    def feed(self, data: bytes) -> None:
        self._parser.Parse(data, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        element = ET.Element(name, attributes)
        if len(self._open) >= _DEEPEST:
            raise ValueError(f"elements more than {_DEEPEST} deep")
        if self._open:
            self._open[-1].append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        inside = self._open[-1]
        if len(inside):
            inside[-1].tail = (inside[-1].tail or "") + text
        else:
            inside.text = (inside.text or "") + text

    def _comment(self, text: str) -> None:
        self._add(cast("ET.Element", ET.Comment(text)))

    def _instruction(self, target: str, data: str) -> None:
        self._add(cast("ET.Element", ET.ProcessingInstruction(target, data)))

    def _add(self, element: ET.Element) -> None:
        if self._open:
            self._open[-1].append(element)
        else:
            self.around[self.root is not None].append(element)

    def _doctype(self, *facts: object) -> None:
        raise ValueError("a document type of its own, which could not be kept")
