"""``gluon.template``: running views by themselves."""

from runtime.views import parse_template, render

__all__ = ["parse_template", "render"]
