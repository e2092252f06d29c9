"""RTF documents of sections and paragraphs (LIB-12, FUN-08)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

_SPECIAL = {"\\": "\\\\", "{": "\\{", "}": "\\}", "\n": "\\line ", "\t": "\\tab "}
_HEADING_SIZES = {"Heading1": 32, "Heading2": 28, "Heading3": 24}
"""Half points of the named styles; other text has 12 points."""


def _escaped(text: str) -> str:
    out = []
    for character in text:
        code = ord(character)
        if character in _SPECIAL:
            out.append(_SPECIAL[character])
        elif 32 <= code < 127:
            out.append(character)
        elif code >= 160:
            data = character.encode("utf-16-le", "replace")
            units = [int.from_bytes(data[i : i + 2], "little", signed=True) for i in range(0, len(data), 2)]
            out += [f"\\u{unit}?" for unit in units]
    return "".join(out)


class TEXT:
    """A piece of a paragraph.

    Args:
        parts: texts.
        bold, italic, underline: how it looks.
        size: points, None for that of the paragraph.
    """

    def __init__(
        self,
        *parts: Any,
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        size: float | None = None,
    ) -> None:
        self.parts, self.size = parts, size
        self.bold, self.italic, self.underline = bold, italic, underline

    def rtf(self) -> str:
        """Return the piece as RTF."""
        words = "".join(
            word
            for word, wanted in (("\\b", self.bold), ("\\i", self.italic), ("\\ul", self.underline))
            if wanted
        )
        if self.size:
            words += f"\\fs{round(self.size * 2)}"
        text = "".join(_escaped(str(part)) for part in self.parts)
        return f"{{{words} {text}}}" if words else text


def B(*parts: Any) -> TEXT:
    """Return bold text."""
    return TEXT(*parts, bold=True)


def I(*parts: Any) -> TEXT:  # noqa: E743  # documented name
    """Return italic text."""
    return TEXT(*parts, italic=True)


def U(*parts: Any) -> TEXT:
    """Return underlined text."""
    return TEXT(*parts, underline=True)


class Paragraph(list[Any]):
    """Texts and pieces of one paragraph.

    Args:
        parts: texts and `TEXT` pieces. The first may be the name of a style,
            ``Heading1`` to ``Heading3``, when more follow.
    """

    def __init__(self, *parts: Any) -> None:
        styled = len(parts) > 1 and parts[0] in _HEADING_SIZES
        self.style = str(parts[0]) if styled else "Normal"
        super().__init__(parts[1:] if styled else parts)

    def rtf(self) -> str:
        """Return the paragraph as RTF."""
        size = _HEADING_SIZES.get(self.style)
        head = f"\\pard\\sa160{f'{chr(92)}b{chr(92)}fs{size}' if size else f'{chr(92)}fs24'} "
        body = "".join(part.rtf() if isinstance(part, TEXT) else _escaped(str(part)) for part in self)
        return f"{{{head}{body}\\par}}"


class Section(list[Any]):
    """Paragraphs; texts are taken as paragraphs."""

    def rtf(self) -> str:
        """Return the section as RTF."""
        return "\n".join((p if isinstance(p, Paragraph) else Paragraph(p)).rtf() for p in self)


class Document:
    """Sections of a document, in `Sections`."""

    def __init__(self, sections: Iterable[Section] = ()) -> None:
        self.Sections: list[Section] = list(sections)

    def NewSection(self) -> Section:
        """Append an empty section and return it."""
        section = Section()
        self.Sections.append(section)
        return section


def dumps(doc: Document) -> str:
    """Return a document as RTF, which is ASCII."""
    body = "\n\\sect\n".join(section.rtf() for section in doc.Sections)
    return f"{{\\rtf1\\ansi\\deff0{{\\fonttbl{{\\f0 Times New Roman;}}}}\n{body}\n}}"


class Renderer:
    """Writes documents into open files, under the old name."""

    def Write(self, doc: Document, stream: IO[str]) -> None:
        """Write `doc` into the open text file `stream`."""
        stream.write(dumps(doc))
