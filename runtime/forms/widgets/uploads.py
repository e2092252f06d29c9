"""The widget of uploaded files: control, link, picture, box to delete (RESP-03, SEC-03)."""

from __future__ import annotations

from typing import Any

from runtime.forms.speech import say
from runtime.forms.widgets.base import FormWidget
from runtime.html import DIV, IMG, INPUT, LABEL, SPAN, A
from runtime.html.inputs import check

_PICTURES = (".avif", ".bmp", ".gif", ".jpe", ".jpeg", ".jpg", ".png", ".svg", ".webp")


class _UploadInput(INPUT):
    """A file control; nothing chosen keeps the file that is stored, which was validated when it came."""

    def _validate(self) -> bool:
        name = str(self["_name"])
        if self["stored"] and self.vars is not None and not (self.request_vars or {}).get(name):
            self.vars[name] = ""
            return True
        return super()._validate()


class UploadWidget(FormWidget):
    """A control for a file, with a link to the one that is stored."""

    _class = "upload"
    DEFAULT_WIDTH = "150px"
    ID_DELETE_SUFFIX = "__delete"

    @classmethod
    def widget(cls, field: Any, value: Any, download_url: Any = None, **attributes: Any) -> Any:
        """Return the control.

        Args:
            value: name under which the file is stored.
            download_url: address before that name, or function of it; None shows no link.
        """
        control = _UploadInput(**cls._attributes(field, attributes, _type="file", stored=value or None))
        if not value or not download_url:
            return control
        link = A(say("file"), _href=_address(download_url, value))
        parts: list[Any] = ["[", link]
        if check(field.requires, "")[1] is None and not field.notnull:
            box = field.name + cls.ID_DELETE_SUFFIX
            identity = f"{field._tablename}_{box}"
            parts += [
                "|",
                INPUT(_type="checkbox", _name=box, _id=identity),
                LABEL(say("delete"), _for=identity),
            ]
        out = DIV(control, SPAN(*parts, "]"))
        if cls.is_image(value):
            out.append(IMG(_src=_address(download_url, value), _width=cls.DEFAULT_WIDTH, _alt=""))
        return out

    @classmethod
    def represent(cls, field: Any, value: Any, download_url: Any = None) -> Any:
        """Return what shows the stored file where it cannot be changed: a picture or a link."""
        if not value:
            return say("no file") if value is not None else ""
        if not download_url:
            return say("file")
        address = _address(download_url, value)
        inside = (
            IMG(_src=address, _width=cls.DEFAULT_WIDTH, _alt=say("file"))
            if cls.is_image(value)
            else say("file")
        )
        return A(inside, _href=address)

    @staticmethod
    def is_image(value: Any) -> bool:
        """Tell whether the name of a file is one of a picture."""
        return str(value).lower().endswith(_PICTURES)


def _address(download_url: Any, value: Any) -> str:
    return str(download_url(value)) if callable(download_url) else f"{download_url}/{value}"
