"""Reading of tolerant HTML in one pass, for the parser of `TAG` and for the sanitizer.

The standard library's parser needs time that grows with the square of the input
for some broken documents (see docs/decisions/html.md), and these texts come from
strangers. Here every character is looked at a fixed number of times: what is
opened and never closed makes the rest of the document text.
"""

from __future__ import annotations

import html
import re

_OPEN = re.compile(r"<(?:(?P<close>/)?(?P<name>[a-zA-Z][^\s/>]*)|(?P<other>[!?/]))")
_SPACE = re.compile(r"[\s/]*")
_ATTRIBUTE = re.compile(r"""[^\s/>][^\s/>=]*""")
_EQUALS = re.compile(r"\s*=\s*")
_BARE_VALUE = re.compile(r"[^\s>]*")
_RAW = frozenset({"script", "style"})

Attributes = list[tuple[str, str | None]]


class MarkupReader:
    """Calls a method for each piece of markup; derive and override.

    Names come in lower case, character references of text and attributes resolved.
    """

    def start(self, tag: str, attributes: Attributes, closed: bool, source: str) -> None:
        """A start tag; `closed` when it ended with ``/>``; `source` is its text."""

    def end(self, tag: str, source: str) -> None:
        """An end tag."""

    def data(self, text: str) -> None:
        """Text."""

    def other(self, source: str) -> None:
        """A comment, document type or processing instruction."""

    def feed(self, text: str) -> None:
        """Read the whole of `text`."""
        position = 0
        while True:
            match = _OPEN.search(text, position)
            if match is None:
                break
            if match.start() > position:
                self.data(html.unescape(text[position : match.start()]))
            end = self._markup(text, match)
            if end is None:
                position = match.start()
                break
            position = end
        if position < len(text):
            self.data(html.unescape(text[position:]))

    def _markup(self, text: str, match: re.Match[str]) -> int | None:
        """Report the markup at `match`; return where it ends, or None when it never does."""
        begin = match.start()
        if match["other"]:
            mark = "-->" if text.startswith("<!--", begin) else ">"
            end = text.find(mark, match.end())
            if end < 0:
                return None
            end += len(mark)
            self.other(text[begin:end])
            return end
        tag = match["name"].lower()
        if match["close"]:
            end = text.find(">", match.end()) + 1
            if end:
                self.end(tag, text[begin:end])
            return end or None
        read = _read_attributes(text, match.end())
        if read is None:
            return None
        attributes, end = read
        closed = text[end - 2] == "/"
        self.start(tag, attributes, closed, text[begin:end])
        return self._raw(text, tag, end) if tag in _RAW and not closed else end

    def _raw(self, text: str, tag: str, begin: int) -> int:
        """Report the content of a script or style sheet, which ends at its end tag alone."""
        match = re.compile(rf"</{tag}(?=[\s/>])", re.IGNORECASE).search(text, begin)
        end = match.start() if match else len(text)
        if end > begin:
            self.data(text[begin:end])
        return end


def _read_attributes(text: str, position: int) -> tuple[Attributes, int] | None:
    """Return the attributes from `position` on and the place after ``>``; None when that is missing."""
    attributes: Attributes = []
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if text.startswith(">", position):
            return attributes, position + 1
        name = _ATTRIBUTE.match(text, position)
        if name is None:
            return None
        position = name.end()
        value: str | None = None
        equals = _EQUALS.match(text, position)
        if equals:
            position = equals.end()
            quote = text[position : position + 1]
            if quote in ('"', "'") and quote:
                end = text.find(quote, position + 1)
                if end < 0:
                    return None
                value = text[position + 1 : end]
                position = end + 1
            else:
                bare = _BARE_VALUE.match(text, position)
                value = bare.group() if bare else ""
                position += len(value)
        attributes.append((name.group().lower(), None if value is None else html.unescape(value)))
