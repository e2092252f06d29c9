"""RSS 2.0 documents from objects: `RSS2` and its items (LIB-13, FUN-10)."""

from __future__ import annotations

import datetime
from email.utils import format_datetime
from typing import IO, Any
from xml.etree import ElementTree

from runtime.foundation.serializers import xml_text  # what XML can not hold is replaced


def _date(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return format_datetime(aware.astimezone(datetime.UTC), usegmt=True)
    return str(value)


def _clean(value: Any) -> str:
    text = _date(value)
    return "".join(c if xml_text(c) != "\ufffd" or c == "\ufffd" else "\ufffd" for c in text)


class _Part:
    """An element with attributes, or with children named as its fields."""

    element = ""
    as_attributes = False
    fields: tuple[str, ...] = ()

    def __init__(self, *values: Any, **named: Any) -> None:
        given = dict(zip(self.fields, values, strict=False)) | named
        unknown = set(given) - set(self.fields)
        if len(values) > len(self.fields) or unknown:
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.fields)}")
        for name in self.fields:
            setattr(self, name, given.get(name))

    def publish(self, parent: ElementTree.Element) -> None:
        """Write this part below `parent`."""
        values = {name: getattr(self, name) for name in self.fields if getattr(self, name) is not None}
        if self.as_attributes:
            ElementTree.SubElement(parent, self.element, {k: _clean(v) for k, v in values.items()})
            return
        own = ElementTree.SubElement(parent, self.element)
        for name, value in values.items():
            ElementTree.SubElement(own, name).text = _clean(value)


class Cloud(_Part):
    """Where a reader is told of news: `domain`, `port`, `path`, `registerProcedure`, `protocol`."""

    element, as_attributes = "cloud", True
    fields = ("domain", "port", "path", "registerProcedure", "protocol")


class Image(_Part):
    """Picture of the channel: `url`, `title`, `link`, `width`, `height`, `description`."""

    element = "image"
    fields = ("url", "title", "link", "width", "height", "description")


class TextInput(_Part):
    """A text box of the channel: `title`, `description`, `name`, `link`."""

    element = "textInput"
    fields = ("title", "description", "name", "link")


class Enclosure(_Part):
    """A file of an item: `url`, `length` in bytes, `type`."""

    element, as_attributes = "enclosure", True
    fields = ("url", "length", "type")


class _Labelled(_Part):
    """An element with a text, and one attribute."""

    text_field = ""
    attribute = ""

    def publish(self, parent: ElementTree.Element) -> None:
        """Write this part below `parent`."""
        value = getattr(self, self.attribute)
        attributes = {} if value is None else {self.attribute: _clean(value)}
        ElementTree.SubElement(parent, self.element, attributes).text = _clean(getattr(self, self.text_field))


class Guid(_Labelled):
    """Identifier of an item: `guid`; `isPermaLink` says whether it is an address (default True)."""

    element, text_field, attribute = "guid", "guid", "isPermaLink"
    fields = ("guid", "isPermaLink")

    def __init__(self, guid: Any, isPermaLink: bool = True) -> None:
        super().__init__(guid=guid, isPermaLink="true" if isPermaLink else "false")


class Source(_Labelled):
    """Channel that an item came from: `name`, `url`."""

    element, text_field, attribute = "source", "name", "url"
    fields = ("name", "url")


class Category(_Labelled):
    """Category: `category`, `domain`."""

    element, text_field, attribute = "category", "category", "domain"
    fields = ("category", "domain")


_SIMPLE = (
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "author",
    "comments", "pubDate", "lastBuildDate", "generator", "docs", "ttl", "rating",
)  # fmt: skip


def _publish(owner: Any, parent: ElementTree.Element) -> None:
    for name in _SIMPLE:
        value = getattr(owner, name, None)
        if value is not None:
            ElementTree.SubElement(parent, name).text = _clean(value)
    for category in getattr(owner, "categories", None) or ():
        (category if isinstance(category, Category) else Category(category)).publish(parent)
    for name in ("cloud", "image", "textInput", "guid", "enclosure", "source"):
        value = getattr(owner, name, None)
        if value is not None:
            (value if isinstance(value, _Part) else Guid(value, isPermaLink=False)).publish(parent)


class RSSItem:
    """One item; every argument is optional, a title or a description must be there.

    Raises:
        TypeError: neither a title nor a description.
    """

    def __init__(
        self,
        title: Any = None,
        link: Any = None,
        description: Any = None,
        author: Any = None,
        categories: Any = None,
        comments: Any = None,
        enclosure: Enclosure | None = None,
        guid: Any = None,
        pubDate: datetime.datetime | None = None,
        source: Source | None = None,
    ) -> None:
        if title is None and description is None:
            raise TypeError("an item needs a title or a description")
        self.title, self.link, self.description, self.author = title, link, description, author
        self.categories, self.comments, self.enclosure = categories, comments, enclosure
        self.guid, self.pubDate, self.source = guid, pubDate, source


class RSS2:
    """A channel with its items; times without a zone are taken as UTC."""

    rss_attrs = {"version": "2.0"}

    def __init__(
        self,
        title: Any,
        link: Any,
        description: Any,
        language: Any = None,
        copyright: Any = None,
        managingEditor: Any = None,
        webMaster: Any = None,
        pubDate: Any = None,
        lastBuildDate: Any = None,
        categories: Any = None,
        generator: Any = None,
        docs: Any = "http://blogs.law.harvard.edu/tech/rss",
        cloud: Cloud | None = None,
        ttl: Any = None,
        image: Image | None = None,
        rating: Any = None,
        textInput: TextInput | None = None,
        skipHours: Any = None,
        skipDays: Any = None,
        items: Any = None,
    ) -> None:
        self.title, self.link, self.description, self.language = title, link, description, language
        self.copyright, self.managingEditor, self.webMaster = copyright, managingEditor, webMaster
        self.pubDate, self.lastBuildDate, self.categories = pubDate, lastBuildDate, categories
        self.generator, self.docs, self.cloud, self.ttl = generator, docs, cloud, ttl
        self.image, self.rating, self.textInput = image, rating, textInput
        self.skipHours, self.skipDays = skipHours, skipDays
        self.items = [] if items is None else items

    def to_xml(self, encoding: str = "utf-8") -> str:
        """Return the document as a text; `encoding` is what it says of itself."""
        root = ElementTree.Element("rss", self.rss_attrs)
        channel = ElementTree.SubElement(root, "channel")
        _publish(self, channel)
        for name, unit in (("skipHours", "hour"), ("skipDays", "day")):
            values = getattr(self, name)
            if values:
                skipped = ElementTree.SubElement(channel, name)
                for value in values:
                    ElementTree.SubElement(skipped, unit).text = _clean(value)
        for item in self.items:
            _publish(item, ElementTree.SubElement(channel, "item"))
        body = ElementTree.tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="{encoding}"?>\n{body}'

    def write_xml(self, outfile: IO[Any], encoding: str = "utf-8") -> None:
        """Write the document into an open file, binary or text."""
        text = self.to_xml(encoding)
        try:
            outfile.write(text.encode(encoding, "xmlcharrefreplace"))
        except TypeError:
            outfile.write(text)


def dumps(rss: RSS2, encoding: str = "utf-8") -> str:
    """Return a channel as a text."""
    return rss.to_xml(encoding)
