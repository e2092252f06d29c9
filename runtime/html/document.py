"""Tags of the document itself: `HTML`, `XHTML`, `SCRIPT`, `STYLE` (NAMES-05)."""

from __future__ import annotations

import re
from typing import Any

from runtime.html.element import DIV

_HTML_DOCTYPES = {
    "strict": '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n',
    "transitional": '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" '
    '"http://www.w3.org/TR/html4/loose.dtd">\n',
    "frameset": '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Frameset//EN" '
    '"http://www.w3.org/TR/html4/frameset.dtd">\n',
    "html5": "<!DOCTYPE HTML>\n",
}
_XHTML_DOCTYPES = {
    name: f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 {name.capitalize()}//EN" '
    f'"http://www.w3.org/TR/xhtml1/DTD/xhtml1-{name}.dtd">\n'
    for name in ("strict", "transitional", "frameset")
} | {"html5": "<!DOCTYPE HTML>\n"}
_JAVASCRIPT = re.compile(r"(text|application)/(x-)?(java|ecma)script\b")


class HTML(DIV):
    """Whole page with its document type.

    Args:
        doctype: ``strict``, ``transitional`` (default), ``frameset``, ``html5``, or a whole declaration.
        lang: language of the page, default ``en``.
    """

    tag = "html"
    _doctypes = _HTML_DOCTYPES

    def xml(self) -> str:
        self.attributes["_lang"] = self["lang"] or self["_lang"] or "en"
        doctype = self.attributes.get("doctype", "transitional")
        return self._doctypes.get(doctype or "", f"{doctype}\n" if doctype else "") + super().xml()


class XHTML(HTML):
    """Whole page of XHTML.

    Args:
        doctype: ``strict``, ``transitional`` (default), ``frameset``, ``html5``, or a whole declaration.
        lang: language of the page, default ``en``.
        xmlns: name space, default that of XHTML.
    """

    _doctypes = _XHTML_DOCTYPES

    def xml(self) -> str:
        self.attributes["_xmlns"] = self["xmlns"] or self["_xmlns"] or "http://www.w3.org/1999/xhtml"
        lang = self["lang"] or self["_lang"] or "en"
        self.attributes["_xml:lang"] = self["_xml:lang"] or lang
        return super().xml()


class _Verbatim(DIV):
    """A tag whose content is no HTML: written unescaped, yet unable to end the tag before its time."""

    _before = ""
    _after = ""

    def _content(self) -> str:
        text = "\n".join(str(component) for component in self.components)
        return re.sub(rf"<(?=/{self.tag})", lambda _: "<\\", text, flags=re.IGNORECASE)

    def _wraps(self) -> bool:
        return True

    def xml(self) -> str:
        content: Any = self._content().strip()
        if content and self._wraps():
            content = f"{self._before}{content}{self._after}"
        return f"<{self.tag}{self._attributes_text()}>{content}</{self.tag}>"


class SCRIPT(_Verbatim):
    """Script; the content stays unescaped, JavaScript inside a comment as very old browsers want it.

    Other types (``module``, JSON, templates) stay without the comment, which would break them.
    """

    tag = "script"
    _before = "<!--\n"
    _after = "\n//-->"

    def _wraps(self) -> bool:
        return not self["_type"] or _JAVASCRIPT.match(str(self["_type"]).lower()) is not None


class STYLE(_Verbatim):
    """Style sheet; the content stays unescaped, inside the comment that suits HTML and XHTML."""

    tag = "style"
    _before = "<!--/*--><![CDATA[/*><!--*/\n"
    _after = "\n/*]]>*/-->"
