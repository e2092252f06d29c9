"""``gluon.html``: the HTML helpers and `URL`."""

from html import unescape

from runtime import html as _html
from runtime.forms import FORM
from runtime.html import *
from runtime.html.tag_factory import web2pyHTMLParser
from runtime.routing import URL, verifyURL

from .utils import web2py_uuid

__all__ = [*_html.__all__, "FORM", "URL", "unescape", "verifyURL", "web2pyHTMLParser", "web2py_uuid"]
