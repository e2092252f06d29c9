"""Colours of code: from the kinds of Pygments to the tokens of the theme."""

from __future__ import annotations

from functools import cache

_COLORS = (
    ("Keyword", "code.keyword"),
    ("Operator.Word", "code.keyword"),
    ("String", "code.string"),
    ("Number", "code.number"),
    ("Comment.Preproc", "code.decorator"),
    ("Comment", "code.comment"),
    ("Name.Function", "code.name"),
    ("Name.Class", "code.name"),
    ("Name.Builtin", "code.name"),
    ("Name.Decorator", "code.decorator"),
    ("Name.Tag", "code.tag"),
    ("Name.Attribute", "code.decorator"),
    ("Name.Property", "code.name"),
    ("Generic.Inserted", "code.string"),
    ("Generic.Deleted", "code.tag"),
    ("Generic.Heading", "code.keyword"),
    ("Generic.Subheading", "code.keyword"),
    ("Generic.Strong", "code.name"),
)


@cache
def color_of(kind: str) -> str:
    """Return the name of the colour of a kind of Pygments, as its ``str`` gives it."""
    return next((color for name, color in _COLORS if name in kind), "code.text")
