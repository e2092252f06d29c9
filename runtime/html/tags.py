"""The plain tags and those that wrap their content: lists and tables (NAMES-05)."""

from __future__ import annotations

from typing import Any

from runtime.html.element import DIV

ON = True
"""Older spelling of True for attributes: ``INPUT(_checked=ON)``."""

# One class for each tag without behaviour of its own; classes, not partial objects, because
# applications use them with isinstance() and derive from them.


class B(DIV):
    """The tag ``<b>``."""

    tag = "b"


class BODY(DIV):
    """The tag ``<body>``."""

    tag = "body"


class BR(DIV):
    """The tag ``<br>``."""

    tag = "br/"


class BUTTON(DIV):
    """The tag ``<button>``."""

    tag = "button"


class CENTER(DIV):
    """The tag ``<center>``."""

    tag = "center"


class COL(DIV):
    """The tag ``<col>``."""

    tag = "col/"


class COLGROUP(DIV):
    """The tag ``<colgroup>``."""

    tag = "colgroup"


class EM(DIV):
    """The tag ``<em>``."""

    tag = "em"


class EMBED(DIV):
    """The tag ``<embed>``."""

    tag = "embed/"


class FIELDSET(DIV):
    """The tag ``<fieldset>``."""

    tag = "fieldset"


class H1(DIV):
    """The tag ``<h1>``."""

    tag = "h1"


class H2(DIV):
    """The tag ``<h2>``."""

    tag = "h2"


class H3(DIV):
    """The tag ``<h3>``."""

    tag = "h3"


class H4(DIV):
    """The tag ``<h4>``."""

    tag = "h4"


class H5(DIV):
    """The tag ``<h5>``."""

    tag = "h5"


class H6(DIV):
    """The tag ``<h6>``."""

    tag = "h6"


class HEAD(DIV):
    """The tag ``<head>``."""

    tag = "head"


class HR(DIV):
    """The tag ``<hr>``."""

    tag = "hr/"


class I(DIV):  # noqa: E742
    """The tag ``<i>``."""

    tag = "i"


class IFRAME(DIV):
    """The tag ``<iframe>``."""

    tag = "iframe"


class IMG(DIV):
    """The tag ``<img>``."""

    tag = "img/"


class LABEL(DIV):
    """The tag ``<label>``."""

    tag = "label"


class LEGEND(DIV):
    """The tag ``<legend>``."""

    tag = "legend"


class LI(DIV):
    """The tag ``<li>``."""

    tag = "li"


class LINK(DIV):
    """The tag ``<link>``."""

    tag = "link/"


class META(DIV):
    """The tag ``<meta>``."""

    tag = "meta/"


class OBJECT(DIV):
    """The tag ``<object>``."""

    tag = "object"


class P(DIV):
    """The tag ``<p>``."""

    tag = "p"


class PRE(DIV):
    """The tag ``<pre>``."""

    tag = "pre"


class SPAN(DIV):
    """The tag ``<span>``."""

    tag = "span"


class STRONG(DIV):
    """The tag ``<strong>``."""

    tag = "strong"


class TD(DIV):
    """The tag ``<td>``."""

    tag = "td"


class TH(DIV):
    """The tag ``<th>``."""

    tag = "th"


class TITLE(DIV):
    """The tag ``<title>``."""

    tag = "title"


class TT(DIV):
    """The tag ``<tt>``."""

    tag = "tt"


class UL(DIV):
    """Unordered list; content that is no `LI` is put into one."""

    tag = "ul"

    def _accept(self, component: Any) -> Any:
        return component if isinstance(component, LI) else LI(component)


class OL(UL):
    """Ordered list; content that is no `LI` is put into one."""

    tag = "ol"


class TR(DIV):
    """Table row; content that is no cell is put into a `TD`."""

    tag = "tr"
    _fitting = frozenset((TD, TH))

    def _accept(self, component: Any) -> Any:
        return component if isinstance(component, (TD, TH)) else TD(component)


class TRHEAD(TR):
    """Row of a table's head; content that is no cell is put into a `TH`."""

    def _accept(self, component: Any) -> Any:
        return component if isinstance(component, (TD, TH)) else TH(component)


class TBODY(DIV):
    """Rows of a table; content that is no row becomes one, a list giving its cells."""

    tag = "tbody"
    _fitting = frozenset((TR,))

    def _accept(self, component: Any) -> Any:
        return component if isinstance(component, TR) else TR(component)


class TFOOT(TBODY):
    """Rows of a table's foot."""

    tag = "tfoot"


class THEAD(DIV):
    """Rows of a table's head: content that is no row becomes one of `TH` cells."""

    tag = "thead"

    def _accept(self, component: Any) -> Any:
        return component if isinstance(component, TR) else TRHEAD(component)


class TABLE(DIV):
    """Table; content that is no row or group becomes a row, a list giving its cells."""

    tag = "table"
    _fitting = frozenset((TR, TBODY, THEAD, TFOOT))

    def _accept(self, component: Any) -> Any:
        fits = isinstance(component, (TR, TBODY, THEAD, TFOOT, COL, COLGROUP)) or (
            isinstance(component, DIV) and component.tag == "caption"
        )
        return component if fits else TR(component)
