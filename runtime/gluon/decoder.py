"""``gluon.decoder``: the encoding of an XML document, and its text (SITE-08)."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"), (b"<\x00\x00\x00", "utf-32-le"), (b"\x00\x00\x00<", "utf-32-be"),
)  # fmt: skip
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")


def autoDetectXMLEncoding(buffer: bytes) -> str:
    """Return the encoding of a document: from its first bytes, else its declaration, else ``utf-8``."""
    for mark, encoding in _MARKS:
        if buffer.startswith(mark):
            return encoding
    declared = _DECLARED.match(buffer[:1000])
    if declared is not None:
        name = declared[1].decode("ascii")
        try:
            return codecs.lookup(name).name
        except LookupError:
            pass
    return "utf-8"


def decoder(buffer: bytes) -> str:
    """Return the text of a document; bytes that its encoding does not know become marks."""
    return buffer.decode(autoDetectXMLEncoding(buffer), "replace")


__all__ = ["autoDetectXMLEncoding", "decoder"]
