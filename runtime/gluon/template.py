"""``gluon.template``: running views by themselves."""

from runtime.views import TemplateParser, parse_template, render

__all__ = ["TemplateParser", "parse_template", "render"]
