"""JSON, XML, CSV, RSS and iCalendar texts: escaping, and what each format demands (FUN-09..11)."""

from __future__ import annotations

import csv as csv_module
import datetime
import decimal
import io
import itertools
import json as json_module
import time
import uuid
import xml.etree.ElementTree as ElementTree
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.foundation.serializers import csv, custom_json, ics, json, loads_json, rss, xml
from runtime.foundation.storage import Storage
from runtime.html import DIV, XML, B

NASTY = "</script><!--<script>&\u2028\u2029\"'\x00"
WHEN = datetime.datetime(2026, 2, 3, 4, 5, 6, 789)
EAST = datetime.timezone(datetime.timedelta(hours=2))

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class Record:
    """Behaves as a record of a table does."""

    def as_dict(self):
        return {"id": 1, "name": "é"}


class Records:
    """Behaves as selected records do: a list, and a table of markup."""

    def as_list(self):
        return [{"id": 1}]

    def xml(self):
        return "<table></table>"


# -- JSON -----------------------------------------------------------------------------------------


@given(values)
def test_fun_11_json_can_be_read_back(value):
    assert loads_json(json(value)) == value


@given(values)
def test_fun_11_json_is_safe_in_a_script_and_an_attribute(value):
    text = json(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert text.isascii()


def test_fun_11_json_nasty_text_is_escaped_and_kept():
    text = json({"x": NASTY})
    assert "</script" not in text
    assert "<!--" not in text
    assert json_module.loads(text) == {"x": NASTY}


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (WHEN, "2026-02-03 04:05:06"),
        (WHEN.replace(tzinfo=EAST), "2026-02-03 04:05:06+02:00"),
        (WHEN.date(), "2026-02-03"),
        (datetime.time(4, 5, 6, 789), "04:05:06"),
        (datetime.timedelta(hours=1), "1:00:00"),
        (decimal.Decimal("0.10"), "0.10"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("é".encode(), "é"),
        (b"\xff\x00", "/wA="),
        (B("<x>"), "<b>&lt;x&gt;</b>"),
        (Record(), {"id": 1, "name": "é"}),
        (Records(), [{"id": 1}]),
        ({3}, [3]),
        ((n for n in (1, 2)), [1, 2]),
        (Storage(a=1), {"a": 1}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_fun_11_json_of_objects(value, form):
    assert loads_json(json([value])) == [form]


def test_fun_11_json_no_number_becomes_null():
    """NaN and infinity are no JSON: a browser's own writer makes null of them."""
    assert json([float("nan"), float("inf"), 1.5, "NaN"]) == '[null, null, 1.5, "NaN"]'


def test_fun_11_json_own_form_goes_first():
    class Point(Record):
        def custom_json(self):
            return [1, 2]

    assert json({"p": Point()}) == '{"p": [1, 2]}'


def test_fun_11_json_refuses_what_has_no_form():
    with pytest.raises(TypeError, match="object can not be written as JSON"):
        custom_json(object())
    with pytest.raises(TypeError, match="can not be written"):
        json([int])  # a class is not one of its objects
    circle: list = []
    circle.append(circle)
    with pytest.raises(ValueError, match=r"[Cc]ircular"):
        json(circle)


def test_fun_11_json_options():
    assert json({"b": 1, "a": 2}, sort_keys=True) == '{"a": 2, "b": 1}'
    assert json([1], indent=1) == "[\n 1\n]"
    assert json([object()], default=lambda _: "o") == '["o"]'


# -- XML ------------------------------------------------------------------------------------------


@given(values)
def test_fun_09_xml_is_well_formed(value):
    ElementTree.fromstring(xml(value).encode("utf-8", "surrogatepass"))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=32)))
def test_fun_09_xml_text_is_kept(text):
    found = ElementTree.fromstring(xml({"t": text})).find("t")
    assert found is not None
    assert (found.text or "") == text


def test_fun_09_xml_shape():
    document = xml({"a": [1, "<"], "n": None, "d": WHEN, "sub": {"x": decimal.Decimal("1.50")}})
    assert document == (
        '<?xml version="1.0" encoding="UTF-8"?><document><a><item>1</item><item>&lt;</item></a><n></n>'
        "<d>2026-02-03 04:05:06</d><sub><x>1.50</x></sub></document>"
    )
    assert xml([], key="rows").endswith("?><rows></rows>")


@pytest.mark.parametrize("name", ["1a", "a b", "", 'x"y', "²", "a<b", "é", 7])
def test_fun_09_xml_names_that_xml_forbids(name):
    entry = ElementTree.fromstring(xml({name: "v"}))[0]
    assert (entry.tag, entry.get("key"), entry.text) == ("entry", str(name), "v")


def test_fun_09_xml_line_ends_and_forbidden_characters():
    assert ElementTree.fromstring(xml({"t": "a\r\nb"})).findtext("t") == "a\r\nb"
    assert ElementTree.fromstring(xml({"t": "a\x00\x1b\ud800b"})).findtext("t") == "a\ufffd\ufffd\ufffdb"


def test_fun_09_xml_helpers_stay_markup_when_that_is_xml():
    assert "<h><div>a &amp; b</div></h>" in xml({"h": DIV("a & b")})
    assert "<h>&lt;br&gt;&amp;nbsp;</h>" in xml({"h": XML("<br>&nbsp;")})
    assert "<r><item><id>1</id></item></r>" in xml({"r": Records()})
    assert "<r><id>1</id><name>é</name></r>" in xml({"r": Record()})


def test_fun_09_xml_refuses_circles():
    circle: list = []
    circle.append(circle)
    with pytest.raises(ValueError, match="contains itself"):
        xml(circle)


# -- CSV ------------------------------------------------------------------------------------------


def read(text):
    return list(csv_module.reader(io.StringIO(text, newline="")))


@given(
    st.lists(st.lists(st.text(st.characters(exclude_characters="\x00")), min_size=1, max_size=4), max_size=5)
)
def test_fun_09_csv_can_be_read_back(rows):
    assert read(csv(rows)) == rows


def test_fun_09_csv_hostile_texts_stay_in_their_field():
    row = ['"', "a,b", "x\r\ny", "=1+1", "é", "; DROP"]
    text = csv([row])
    assert read(text) == [row]
    assert text.endswith("\r\n")


def test_fun_09_csv_dictionaries_make_columns():
    text = csv([{"a": 1, "b": None}, {"a": WHEN, "c": [1, {"x": decimal.Decimal("0.1")}]}, Record()])
    assert read(text) == [
        ["a", "b", "c", "id", "name"],
        ["1", "", "", "", ""],
        ["2026-02-03 04:05:06", "", '[1, {"x": "0.1"}]', "", ""],
        ["", "", "", "1", "é"],
    ]


def test_fun_09_csv_of_what_an_action_returned():
    assert read(csv({"title": "t", "rows": [{"a": 1}]})) == [["a"], ["1"]]
    assert read(csv({"title": "t", "n": 1})) == [["title", "n"], ["t", "1"]]
    assert csv([]) == ""
    assert read(csv({"numbers": (n for n in (1, 2))})) == [["1"], ["2"]]


# -- RSS ------------------------------------------------------------------------------------------


def test_fun_10_rss_document():
    entries = [
        Storage(title="<A & B>", link="http://x/1?a=1&b=2", description=B("bold"), created_on=WHEN, guid="7"),
        Storage(title=None, link="http://x/2", description="]]>\x00", guid="http://x/2"),
    ]
    feed = {
        "title": "T & T",
        "link": "http://x/",
        "description": "é",
        "created_on": WHEN.replace(tzinfo=EAST),
    }
    channel = ElementTree.fromstring(rss({**feed, "entries": entries}))[0]
    assert channel.findtext("title") == "T & T"
    assert channel.findtext("lastBuildDate") == "Tue, 03 Feb 2026 04:05:06 +0200"
    first, second = channel.findall("item")
    assert first.findtext("title") == "<A & B>"
    assert first.findtext("link") == "http://x/1?a=1&b=2"
    assert first.findtext("description") == "<b>bold</b>"
    assert first.find("guid").get("isPermaLink") == "false"
    assert second.findtext("title") == ""
    assert second.findtext("description") == "]]>\ufffd"
    assert second.find("guid").get("isPermaLink") == "true"
    assert second.find("pubDate") is None, "an entry without a date is not dated now at every request"


def test_fun_10_rss_dates_are_rfc_822():
    entries = [Storage(title="a", created_on=WHEN), Storage(title="b", created_on=WHEN.date())]
    channel = ElementTree.fromstring(rss({"title": "t", "items": entries}))[0]
    first, second = (parsedate_to_datetime(item.findtext("pubDate")) for item in channel.findall("item"))
    assert first == WHEN.replace(microsecond=0).astimezone(), "a time without zone is local time"
    assert second == datetime.datetime(2026, 2, 3).astimezone()
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")).tzinfo is not None


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of this system can not be set")
def test_fun_10_rss_time_without_zone_is_the_servers(monkeypatch):
    try:
        with monkeypatch.context() as changed:
            changed.setenv("TZ", "XYZ-3")
            time.tzset()
            assert "<lastBuildDate>Tue, 03 Feb 2026 04:05:06 +0300<" in rss({"created_on": WHEN})
    finally:
        time.tzset()


# -- iCalendar ------------------------------------------------------------------------------------


def unfold(text):
    return text.replace("\r\n ", "").split("\r\n")


def event(**values):
    return Storage(id=1, title="t", start_datetime=WHEN, stop_datetime=WHEN, **{}) | values


def test_fun_10_ics_calendar():
    start = WHEN.replace(tzinfo=EAST)
    events = [
        Storage(event(start_datetime=start, title="a;b,c\\d\r\ne")),
        Storage(event(id=2, start_datetime=WHEN.date(), stop_datetime=None)),
    ]
    lines = unfold(ics(events, title="My, own", link="http://example.org/e/[id]"))
    assert lines[:4] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hadron//Calendar//EN",
        "X-WR-CALNAME:My\\, own",
    ]
    assert "UID:1@example.org" in lines
    assert "DTSTART:20260203T020506Z" in lines, "a time with a zone is written in UTC"
    assert "DTEND:20260203T040506" in lines, "one without is the reader's local time"
    assert "SUMMARY:a\\;b\\,c\\\\d\\ne" in lines
    assert "URL:http://example.org/e/2" in lines
    assert "DTSTART;VALUE=DATE:20260203" in lines
    assert sum(line.startswith("DTEND") for line in lines) == 1
    assert sum(line.startswith("DTSTAMP:") and line.endswith("Z") for line in lines) == 2
    assert lines[-2:] == ["END:VCALENDAR", ""]


def test_fun_10_ics_options():
    text = ics([Storage(event())], "t", lambda e: f"http://x/{e.id}", timeshift=1, calname=False, rows=[])
    assert "DTSTART:20260203T050506\r\n" in text
    assert "X-WR-CALNAME" not in text
    assert "URL:http://x/1\r\n" in text


def test_fun_10_ics_texts_can_not_add_lines():
    """A line end in any text or address stays inside its line."""
    hostile = "x\r\nATTENDEE:evil\nURL:evil\x0b\x85"
    text = ics([Storage(event(id=hostile, title=hostile, location=hostile))], hostile, "http://x/[id]")
    names = {line.split(":")[0].split(";")[0] for line in unfold(text) if line}
    assert names == {
        "BEGIN", "VERSION", "PRODID", "X-WR-CALNAME", "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY",
        "LOCATION", "URL", "END",
    }  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
@example("a" * 300)
@example("é😀" * 100)
def test_fun_10_ics_lines_are_folded_at_75_octets(text):
    calendar = ics([Storage(event(title=text))])
    raw = calendar.encode()
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    for line, after in itertools.pairwise(raw.split(b"\r\n")):
        assert len(line) > 70 or not after.startswith(b" "), "no line is cut without need"
    for line in raw.split(b"\r\n"):
        line.decode()  # no character is cut in two
    summary = next(line for line in unfold(calendar) if line.startswith("SUMMARY:"))
    plain = summary[8:].replace("\\\\", "\0").replace("\\;", ";").replace("\\,", ",").replace("\0", "\\")
    assert plain == text
