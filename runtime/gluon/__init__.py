"""The documented interface of applications: ``from gluon import *`` gives any module the same names."""

from runtime import html as _html
from runtime.dal import DAL, SQLDB, Field, SQLField
from runtime.dal import validators as _validators
from runtime.dal.validators import *
from runtime.forms import FORM, SQLFORM
from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.html import *
from runtime.routing import URL
from runtime.tools.core_map import install
from runtime.web.components import LOAD

install()

__all__ = [
    *_html.__all__,
    *_validators.__all__,
    "DAL", "FORM", "Field", "HTTP", "LOAD", "SQLDB", "SQLFORM", "SQLField", "URL", "current", "redirect",
]  # fmt: skip
