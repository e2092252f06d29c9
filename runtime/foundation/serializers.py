"""Turning data into JSON, XML, CSV, RSS and iCalendar texts (FUN-09..11)."""

from __future__ import annotations

import base64
import csv as csv_module
import datetime
import decimal
import io
import json as json_module
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from runtime.foundation.escape import xmlescape

_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII)
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FOLD_AT = 75  # octets per line of a calendar (RFC 5545, 3.1)


# -- values ---------------------------------------------------------------------------------------


def _scalar(value: Any) -> str | None:
    """Return the text of a value that is one thing to a reader; None for containers and objects.

    Dates and times in ISO form with a blank between and without fractions of a
    second (an offset is kept), decimals digit by digit, bytes as the UTF-8 text
    they are, else as base64.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, datetime.time):
        return value.isoformat("seconds")
    if isinstance(value, (datetime.date, datetime.timedelta, decimal.Decimal, uuid.UUID, PurePath)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        raw = bytes(value)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(raw).decode("ascii")
    return str(value) if type(value).__name__ == "lazyT" else None  # its class lives in a higher room


def _method(value: Any, name: str) -> Callable[[], Any] | None:
    method = None if isinstance(value, type) else getattr(value, name, None)
    return method if callable(method) else None


def _plain(value: Any) -> Any:
    """Return an object as a text, list or dictionary; None when it has no such form."""
    text = _scalar(value)
    if text is not None:
        return text
    for name in ("as_list", "xml", "as_dict"):  # records have the first and last, page elements the second
        method = _method(value, name)
        if method is not None:
            return method()
    if isinstance(value, (set, frozenset, Iterator)):  # `hasattr` would not do: a reference has any attribute
        return list(value)
    return dict(value) if isinstance(value, Mapping) else None


def _text(value: Any) -> str:
    """Return `value` as text for a field of a feed or table: nothing for None, JSON for containers."""
    if value is None:
        return ""
    plain = _plain(value)
    if isinstance(plain, str):
        return plain
    if isinstance(value, (list, tuple, Mapping)) or plain is not None:
        return json(value)
    return str(value)


# -- JSON -----------------------------------------------------------------------------------------


def custom_json(value: Any) -> Any:
    """Return the JSON form of an object that JSON does not know.

    Dates and times become ISO texts with a blank between, decimals texts (no
    digit is lost), bytes the UTF-8 text they are or else base64, translations
    the visitor's language, helpers their markup, selected records lists and
    dictionaries, sets and iterators lists. A method `custom_json` goes first.

    Raises:
        TypeError: there is no such form.
    """
    own = _method(value, "custom_json")
    plain = own() if own is not None else _plain(value)
    if plain is None and own is None:
        raise TypeError(f"{type(value).__name__} can not be written as JSON")
    return plain


def json(
    value: Any,
    default: Callable[[Any], Any] | None = None,
    indent: int | None = None,
    sort_keys: bool = False,
) -> str:
    """Return `value` as JSON, in ASCII, that is also safe inside a script element or an attribute's quotes.

    ``< > &`` are written as ``\\u003c`` and so on; what is no number (NaN,
    infinity) becomes null, as browsers do it.

    Raises:
        TypeError: something in `value` has no JSON form.
        ValueError: `value` contains itself.
    """

    def dump(data: Any, strict: bool) -> str:
        return json_module.dumps(
            data, default=default or custom_json, indent=indent, sort_keys=sort_keys, allow_nan=not strict
        )

    try:
        text = dump(value, strict=True)
    except ValueError:
        loose = dump(value, strict=False)  # raises again when `value` contains itself
        text = dump(json_module.loads(loose, parse_constant=lambda _: None), strict=True)
    # Outside of texts JSON has none of these characters.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def loads_json(text: str | bytes, object_hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Parse JSON.

    Raises:
        ValueError: the text is no JSON.
    """
    return json_module.loads(text, object_hook=object_hook)


# -- XML ------------------------------------------------------------------------------------------


def xml_text(value: Any, quote: bool = True) -> str:
    """Return a value as text of an XML document: escaped, without what XML can not hold."""
    text = xmlescape(_NOT_IN_XML.sub("\ufffd", _text(value)), quote)
    return text.replace("\r", "&#13;")


def _element(name: str, content: str) -> str:
    """Return an element; a name that XML does not allow becomes the attribute `key` of an ``entry``."""
    if _XML_NAME.fullmatch(name):
        return f"<{name}>{content}</{name}>"
    return f'<entry key="{xml_text(name)}">{content}</entry>'


def _well_formed(markup: str) -> bool:
    from xml.parsers import expat

    try:
        expat.ParserCreate("utf-8").Parse(f"<x>{markup}</x>".encode(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return True


def _xml_content(value: Any, quote: bool) -> str:
    own = _method(value, "custom_xml")
    if own is not None:
        return str(own())
    if value is None:
        return ""
    if _scalar(value) is None and not isinstance(value, (Mapping, list, tuple)):
        is_markup = _method(value, "xml") is not None and _method(value, "as_list") is None
        plain = _plain(value)
        if is_markup and _well_formed(str(plain)):
            return str(plain)
        value = value if plain is None else plain
    if isinstance(value, Mapping):
        return "".join(_element(_text(k), _xml_content(v, quote)) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return "".join(_element("item", _xml_content(v, quote)) for v in value)
    return xml_text(value, quote)


def xml(value: Any, encoding: str = "UTF-8", key: str = "document", quote: bool = True) -> str:
    """Return `value` as a well-formed XML document with the root element `key`.

    Dictionaries become elements named by their keys, lists elements ``item``.
    Helpers are kept as markup when that is XML, else written as text.

    Args:
        value: the data.
        encoding: what the document says of itself; the text is encoded by the caller.
        key: name of the root element.
        quote: escape quotes too.

    Raises:
        ValueError: `value` contains itself.
    """
    try:
        content = _xml_content(value, quote)
    except RecursionError:
        raise ValueError("this data contains itself or is nested too deeply for XML") from None
    return f'<?xml version="1.0" encoding="{encoding}"?>{_element(key, content)}'


# -- CSV ------------------------------------------------------------------------------------------


def csv(value: Any) -> str:
    """Return rows as CSV (RFC 4180): line ends are CR LF, fields are quoted where they need it.

    Args:
        value: selected records, written by their own export; or an iterable of
            dictionaries (columns in the order in which their keys appear, gaps
            empty) or sequences; or the dictionary that an action returned: its
            first value that is such a table, else its own keys and values.

    Texts are written unchanged. A spreadsheet takes a field that begins with
    ``=`` for a formula: whoever shows such files to others must not open them blindly.
    """
    stream = io.StringIO(newline="")
    if isinstance(value, Mapping):
        tables = [v for v in value.values() if _is_table(v)]
        value = tables[0] if tables else [value]
    if hasattr(value, "export_to_csv_file"):
        value.export_to_csv_file(stream)
        return stream.getvalue()
    writer = csv_module.writer(stream)
    rows = [_csv_row(row) for row in value]
    header = list(dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row))
    if header:
        writer.writerow([_text(name) for name in header])
    for row in rows:
        cells = [row.get(name) for name in header] if isinstance(row, Mapping) else row
        writer.writerow([_text(cell) for cell in cells])
    return stream.getvalue()


def _is_table(value: Any) -> bool:
    return (
        hasattr(value, "export_to_csv_file") or isinstance(value, (list, tuple)) or hasattr(value, "__next__")
    )


def _csv_row(row: Any) -> Mapping[Any, Any] | list[Any]:
    if isinstance(row, Mapping):
        return row
    if _method(row, "as_dict") and not _method(row, "xml"):
        values: Mapping[Any, Any] = row.as_dict()
        return values
    return list(row) if isinstance(row, (list, tuple)) else [row]


# -- RSS ------------------------------------------------------------------------------------------


def _rfc822(value: Any) -> str:
    """RFC 822 date, as RSS wants it; a time without zone is the server's local time, as `request.now`."""
    if not isinstance(value, datetime.datetime):
        if not isinstance(value, datetime.date):
            return _text(value)
        value = datetime.datetime(value.year, value.month, value.day)
    from email.utils import format_datetime

    return format_datetime(value if value.tzinfo else value.astimezone())


def rss(feed: Mapping[str, Any]) -> str:
    """Return an RSS 2.0 document (FUN-10).

    Args:
        feed: `title`, `link`, `description`, optional `created_on` (now by
            default) and `language`; `entries` (or `items`): mappings or records
            with `title`, `link`, `description`, optional `created_on`, `author`, `guid`.
            A helper as description is written as its markup, escaped, as readers expect it.
    """
    now = datetime.datetime.now(datetime.UTC)
    parts = [
        _element("title", xml_text(feed.get("title") or "(no title)")),
        _element("link", xml_text(feed.get("link"))),
        _element("description", xml_text(feed.get("description"))),
    ]
    if feed.get("language"):
        parts.append(_element("language", xml_text(feed["language"])))
    parts.append(_element("lastBuildDate", xml_text(_rfc822(feed.get("created_on") or now))))
    entries = feed.get("entries") if "entries" in feed else feed.get("items")
    parts += [_rss_item(entry) for entry in entries or ()]
    channel = _element("channel", "".join(parts))
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'


def _rss_item(entry: Any) -> str:
    parts = [_element(name, xml_text(entry.get(name))) for name in ("title", "link", "description")]
    if entry.get("author") is not None:
        parts.append(_element("author", xml_text(entry["author"])))
    guid = entry.get("guid")
    if guid is not None:
        address = urlsplit(_text(guid)).scheme in ("http", "https")
        parts.append(f'<guid isPermaLink="{"true" if address else "false"}">{xml_text(guid)}</guid>')
    if entry.get("created_on") is not None:
        parts.append(_element("pubDate", xml_text(_rfc822(entry["created_on"]))))
    return _element("item", "".join(parts))


# -- iCalendar ------------------------------------------------------------------------------------


def ics(
    events: Iterable[Any],
    title: Any = None,
    link: str | Callable[[Any], str] | None = None,
    timeshift: float = 0,
    calname: bool | str = True,
    **ignored: Any,
) -> str:
    """Return events as an iCalendar text (RFC 5545), lines folded at 75 octets.

    Args:
        events: records or mappings with `id`, `title`, `start_datetime`, optional
            `stop_datetime`, `description`, `location`. A time with a zone is
            written in UTC, one without stays the local time of the reader; a
            date is a whole day.
        title: name of the calendar.
        link: address of an event, with ``[id]`` for its id, or a function of the event.
            Its host makes the identifiers of the events unique.
        timeshift: hours added to the times.
        calname: False leaves the name of the calendar out; a text is used instead of `title`.
        ignored: further names that an action returned.
    """
    shift = datetime.timedelta(hours=timeshift)
    stamp = _ics_moment("DTSTAMP", datetime.datetime.now(datetime.UTC))
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hadron//Calendar//EN"]
    name = calname if isinstance(calname, str) else title if calname else None
    if name:
        lines.append(f"X-WR-CALNAME:{_ics_text(name)}")
    for event in events:
        lines += ["BEGIN:VEVENT", *_ics_event(event, link, shift, stamp), "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _ics_event(
    event: Any, link: str | Callable[[Any], str] | None, shift: datetime.timedelta, stamp: str
) -> Iterator[str]:
    identifier, address = _text(event["id"]), None
    if link:
        address = str(link(event)) if callable(link) else str(link).replace("[id]", identifier)
        host = urlsplit(address).hostname
        if host and "@" not in identifier:
            identifier = f"{identifier}@{host}"
    yield f"UID:{_ics_text(identifier)}"
    yield stamp
    yield _ics_moment("DTSTART", event["start_datetime"] + shift)
    if event.get("stop_datetime") is not None:
        yield _ics_moment("DTEND", event["stop_datetime"] + shift)
    yield f"SUMMARY:{_ics_text(event['title'])}"
    for name in ("description", "location"):
        if event.get(name) is not None:
            yield f"{name.upper()}:{_ics_text(event[name])}"
    if address:
        yield f"URL:{re.sub(r'[^!-~]', '', address)}"  # a URI has no blanks, controls or line ends


def _ics_moment(name: str, value: datetime.date) -> str:
    if not isinstance(value, datetime.datetime):
        return f"{name};VALUE=DATE:{value:%Y%m%d}"
    if value.tzinfo is None:
        return f"{name}:{value:%Y%m%dT%H%M%S}"
    return f"{name}:{value.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}"


def _ics_text(value: Any) -> str:
    text = _text(value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = re.sub(r"\r\n|\r|\n", r"\\n", text)
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]", "", text)


def _folded(line: str) -> Iterator[str]:
    """Cut a content line into pieces of at most 75 octets, never inside a character."""
    start, room, used = 0, _FOLD_AT, 0
    for index, character in enumerate(line):
        size = len(character.encode())
        if used + size > room:
            yield (" " if start else "") + line[start:index]
            start, used, room = index, 0, _FOLD_AT - 1  # the blank in front counts
        used += size
    yield (" " if start else "") + line[start:]
