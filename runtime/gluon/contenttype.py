"""``gluon.contenttype``: content type of a file by its name."""

from runtime.web.content_type import contenttype

__all__ = ["contenttype"]
