"""``gluon.html``: the HTML helpers and `URL`."""

from runtime import html as _html
from runtime.forms import FORM
from runtime.html import *
from runtime.routing import URL, verifyURL

__all__ = [*_html.__all__, "FORM", "URL", "verifyURL"]
