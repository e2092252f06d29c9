"""``gluon._compat``: texts and bytes as code for two Python versions wanted them."""

from pydal._compat import iteritems, to_bytes, to_native, to_unicode

PY2 = False
basestring = str
integer_types = (int,)
long = int
unicodeT = str
xrange = range

__all__ = [
    "PY2", "basestring", "integer_types", "iteritems", "long", "to_bytes", "to_native", "to_unicode",
    "unicodeT", "xrange",
]  # fmt: skip
