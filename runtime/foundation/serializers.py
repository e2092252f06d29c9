"""Turning data into JSON, XML, CSV, RSS and iCalendar texts (FUN-09..11)."""

from __future__ import annotations

import csv as csv_module
import datetime
import decimal
import io
import json as json_module
import re
from collections.abc import Callable, Iterable, Mapping
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from runtime.foundation.escape import xmlescape

_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def custom_json(value: Any) -> Any:
    """Return the JSON form of an object that JSON does not know.

    Dates and times as ISO texts with a blank between, decimals as texts,
    objects with `as_list`, `as_dict`, `custom_json` or `xml` by these, sets and iterators as lists.

    Raises:
        TypeError: there is no such form.
    """
    for name in ("custom_json", "as_list", "as_dict"):
        method = getattr(value, name, None)
        if callable(method):
            return method()
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return value.isoformat()[:19].replace("T", " ")
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8")
    if isinstance(value, (set, frozenset)) or hasattr(value, "__next__"):
        return list(value)
    method = getattr(value, "xml", None)
    if callable(method):
        return method()
    if type(value).__name__ == "lazyT":
        return str(value)
    raise TypeError(f"{type(value).__name__} can not be written as JSON")


def json(
    value: Any,
    default: Callable[[Any], Any] | None = None,
    indent: int | None = None,
    sort_keys: bool = False,
) -> str:
    """Return `value` as JSON that is also safe inside a script element.

    U+2028, U+2029 and ``</`` are escaped.

    Raises:
        TypeError: something in `value` has no JSON form.
    """
    text = json_module.dumps(value, default=default or custom_json, indent=indent, sort_keys=sort_keys)
    return text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def loads_json(text: str | bytes, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Parse JSON.

    Raises:
        ValueError: the text is no JSON.
    """
    return json_module.loads(text, object_hook=object_hook)


def _xml_parts(value: Any, key: str, quote: bool) -> str:
    method = getattr(value, "custom_xml", None)
    if callable(method):
        return str(method())
    for name in ("as_list", "as_dict"):
        method = getattr(value, name, None)
        if callable(method):
            value = method()
            break
    if isinstance(value, Mapping):
        return "".join(_element(str(k), _xml_parts(v, str(k), quote)) for k, v in value.items())
    if isinstance(value, (list, tuple, set)):
        return "".join(_element("item", _xml_parts(v, "item", quote)) for v in value)
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return value.isoformat()[:19].replace("T", " ")
    if value is None:
        return ""
    return xmlescape(value, quote)


def _element(name: str, content: str) -> str:
    tag = (
        name
        if name.replace("_", "").replace("-", "").replace(".", "").isalnum() and not name[0].isdigit()
        else None
    )
    if tag is None:
        return f"<entry key={quoteattr(name)}>{content}</entry>"
    return f"<{name}>{content}</{name}>"


def xml(value: Any, encoding: str = "UTF-8", key: str = "document", quote: bool = True) -> str:
    """Return `value` as an XML document with the root element `key`."""
    return f'<?xml version="1.0" encoding="{encoding}"?>{_element(key, _xml_parts(value, key, quote))}'


def csv(value: Any) -> str:
    """Return rows as CSV: selected rows by their own export, else dictionaries or sequences."""
    stream = io.StringIO()
    if hasattr(value, "export_to_csv_file"):
        value.export_to_csv_file(stream)
        return stream.getvalue()
    writer = csv_module.writer(stream)
    header: list[Any] | None = None
    for row in value:
        if isinstance(row, Mapping):
            if header is None:
                header = list(row)
                writer.writerow(header)
            writer.writerow([row.get(name) for name in header])
        else:
            writer.writerow(row if isinstance(row, (list, tuple)) else [row])
    return stream.getvalue()


def _date(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return format_datetime(value if value.tzinfo else value.replace(tzinfo=datetime.UTC), usegmt=False)
    return str(value)


def rss(feed: Mapping[str, Any]) -> str:
    """Return an RSS 2.0 document.

    Args:
        feed: `title`, `link`, `description`, optional `created_on` and further
            channel texts; `entries`: mappings with `title`, `link`,
            `description`, optional `created_on`, `guid`, `author`.
    """
    now = datetime.datetime.now(datetime.UTC)
    parts = ['<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>']
    for name in ("title", "link", "description"):
        parts.append(
            _element(
                name,
                xmlescape(feed.get(name) or "(not specified)" if name == "title" else feed.get(name) or ""),
            )
        )
    parts.append(_element("lastBuildDate", _date(feed.get("created_on") or now)))
    for entry in _entries(feed):
        parts.append("<item>")
        for name in ("title", "link", "description", "author", "guid"):
            if entry.get(name) is not None or name in ("title", "link", "description"):
                parts.append(_element(name, xmlescape(entry.get(name) or "")))
        parts.append(_element("pubDate", _date(entry.get("created_on") or now)))
        parts.append("</item>")
    parts.append("</channel></rss>")
    return "".join(parts)


def _entries(feed: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return feed.get("entries") or ()


def ics(
    events: Iterable[Any],
    title: str | None = None,
    link: str | Callable[[Any], str] | None = None,
    timeshift: int = 0,
) -> str:
    """Return events as an iCalendar text.

    Args:
        events: objects with `id`, `title`, `start_datetime`, `stop_datetime`.
        title: name of the calendar.
        link: address of an event, with ``[id]`` for its id, or a function of the event.
        timeshift: hours added to the times.
    """
    shift = datetime.timedelta(hours=timeshift)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hadron//calendar//EN"]
    if title:
        lines.append(f"X-WR-CALNAME:{_ics_text(title)}")
    for event in events:
        lines += ["BEGIN:VEVENT", f"UID:{_ics_text(event['id'])}"]
        if link:
            address = link(event) if callable(link) else link.replace("[id]", str(event["id"]))
            lines.append(f"URL:{address}")
        for name, key in (("DTSTART", "start_datetime"), ("DTEND", "stop_datetime")):
            lines.append(f"{name}:{(event[key] + shift).strftime('%Y%m%dT%H%M%S')}")
        lines += [f"SUMMARY:{_ics_text(event['title'])}", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "\r\n".join(lines) + "\r\n"


def _ics_text(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")
