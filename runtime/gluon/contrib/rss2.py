"""``gluon.contrib.rss2``: RSS documents from objects (LIB-13)."""

from runtime.tools.contrib.rss2 import (
    RSS2,
    Category,
    Cloud,
    Enclosure,
    Guid,
    Image,
    RSSItem,
    Source,
    TextInput,
    dumps,
)

__all__ = [
    "RSS2",
    "Category",
    "Cloud",
    "Enclosure",
    "Guid",
    "Image",
    "RSSItem",
    "Source",
    "TextInput",
    "dumps",
]
