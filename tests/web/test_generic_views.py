"""Generic views: one per format, only where `response.generic_patterns` lets them (ACT-07, ACT-08, FUN-09..11)."""

from __future__ import annotations

import csv
import io
import json
import shutil
import xml.etree.ElementTree as ElementTree

import pytest

import resources

WELCOME = resources.ROOT / "applications" / "welcome"
HOSTILE = "</script><b>\u2028\"'&,;\r\n=1"
FAR = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture
def generic(site):
    """The application `myapp` with the generic views of the scaffolding, open to everyone."""
    (site.app / "views").mkdir(parents=True)
    for path in (WELCOME / "views").glob("*.*"):
        shutil.copy(path, site.app / "views")
    site.model("response.generic_patterns = ['*']")
    return site


def get(site, extension, **options):
    return site.client().get(f"/myapp/default/index.{extension}", **options)


NOTES = """
db = DAL('sqlite:memory')
db.define_table('note', Field('title'), Field('price', 'decimal(8,2)'), Field('day', 'date'), Field('data', 'blob'))
response.generic_patterns = ['*']
"""

ACTION = """
import datetime, decimal
def index():
    db.note.insert(title=%r, price=decimal.Decimal('1.50'), day=datetime.date(2026, 2, 3), data=b'\\xff')
    return dict(rows=db(db.note).select(), exact=decimal.Decimal('0.10'), word=T('Hello'), when=datetime.datetime(2026, 2, 3, 4, 5), none=None)
"""


@pytest.fixture
def notes(generic):
    """An action that returns records, a translation and a time."""
    generic.model(NOTES)
    generic.write("languages/it.py", "{'Hello': 'Ciao <mondo>'}")
    generic.controller(ACTION % HOSTILE)
    return generic


ITALIAN = {"Accept-Language": "it"}


@pytest.mark.parametrize("extension", ["html", "json", "jsonp", "xml", "csv", "rss", "ics", "load"])
def test_act_08_generic_views_are_off_by_default(generic, extension):
    """ACT-08: without a pattern that allows it there is no view."""
    generic.model("")
    generic.controller("def index(): return dict(a=1)\n")
    page = get(generic, extension)
    assert page.status_code == 404
    assert "invalid view" in page.text


def test_act_08_patterns_by_extension_and_action(generic):
    generic.model("response.generic_patterns = ['*.json', 'default/list.xml']")
    generic.controller("def index(): return dict(a=1)\ndef list(): return dict(a=1)\n")
    client = generic.client()
    assert client.get("/myapp/default/index.json").json == {"a": 1}
    assert client.get("/myapp/default/index.xml").status_code == 404
    assert client.get("/myapp/default/list.xml").status_code == 200
    assert client.get("/myapp/default/index.html").status_code == 404


def test_act_07_own_view_goes_first(generic):
    generic.controller("def index(): return dict(a=1)\n")
    generic.view("mine {{=a}}", "default/index.json")
    assert get(generic, "json").text == "mine 1"


def test_fun_11_generic_json(notes):
    """FUN-11: records, lazy translations in the visitor's language, dates, decimals, hostile texts."""
    page = get(notes, "json", headers=ITALIAN)
    assert page.headers["Content-Type"] == "application/json; charset=utf-8"
    assert page.json == {
        "rows": [{"id": 1, "title": HOSTILE, "price": 1.5, "day": "2026-02-03"}],
        "exact": "0.10",
        "word": "Ciao <mondo>",
        "when": "2026-02-03 04:05:00",
        "none": None,
    }
    assert "</" not in page.text


def test_fun_11_generic_jsonp(notes):
    page = get(notes, "jsonp", query_string={"callback": "my.$call_1"})
    assert page.headers["Content-Type"] == "application/javascript; charset=utf-8"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.text.startswith("/**/my.$call_1({")
    assert page.text.endswith("});")
    assert json.loads(page.text[len("/**/my.$call_1(") : -2])["rows"][0]["title"] == HOSTILE


@pytest.mark.parametrize(
    "name", ["", "1a", "a(b)", "a;b", "a b", "<x>", "a\n", "alert`1`", "a" * 101, "a[0]", "é", ["a", "b"]]
)
def test_generic_jsonp_refuses_other_callback_names(notes, name):
    page = get(notes, "jsonp", query_string={"callback": name})
    assert page.status_code == 400
    assert page.text == "invalid callback name"


def test_fun_09_generic_xml(notes):
    page = get(notes, "xml", headers=ITALIAN)
    assert page.headers["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(page.data)
    item = root.find("rows/item")
    assert item.findtext("title") == HOSTILE
    assert item.findtext("price") == "1.5"
    assert root.findtext("exact") == "0.10"
    assert item.findtext("day") == "2026-02-03"
    assert root.findtext("word") == "Ciao <mondo>"
    assert root.findtext("when") == "2026-02-03 04:05:00"
    assert root.findtext("none") == ""


def test_fun_09_generic_csv(notes):
    page = get(notes, "csv")
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, row = csv.reader(io.StringIO(page.get_data(as_text=True), newline=""))
    assert header == ["note.id", "note.title", "note.price", "note.day", "note.data"]
    assert row[1:4] == [HOSTILE, "1.50", "2026-02-03"]


def test_generic_csv_of_plain_values(generic):
    generic.controller("def index(): return dict(a=T('x'), b='\"')\n")
    assert list(csv.reader(io.StringIO(get(generic, "csv").text, newline=""))) == [["a", "b"], ["x", '"']]


def test_fun_10_generic_rss(generic):
    generic.controller(
        """
        def index():
            entries = [dict(title='<1>', link='http://x/?a&b', description=B('x'), created_on=request.now)]
            return dict(title=T('News & more'), link='http://x/', description='d', entries=entries)
        """
    )
    page = get(generic, "rss")
    assert page.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    channel = ElementTree.fromstring(page.data)[0]
    assert channel.findtext("title") == "News & more"
    assert channel.findtext("item/title") == "<1>"
    assert channel.findtext("item/link") == "http://x/?a&b"
    assert channel.findtext("item/description") == "<b>x</b>"


def test_fun_10_generic_ics(generic):
    generic.model("db = DAL('sqlite:memory')\nresponse.generic_patterns = ['*.ics']\n")
    generic.controller(
        """
        import datetime
        def index():
            db.define_table('event', Field('title'), Field('start_datetime', 'datetime'), Field('stop_datetime', 'datetime'))
            start = datetime.datetime(2026, 2, 3, 4, 5)
            db.event.insert(title='a;' + 'é' * 100, start_datetime=start, stop_datetime=None)
            return dict(events=db(db.event).select(), title=T('Events'), link='http://x.org/[id]')
        """
    )
    page = get(generic, "ics")
    assert page.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert page.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert page.data.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in page.data.split(b"\r\n"))
    text = page.data.decode().replace("\r\n ", "")
    assert "SUMMARY:a\\;" + "é" * 100 in text
    assert "UID:1@x.org" in text


def test_act_07_generic_html_shows_everything_escaped(notes):
    """ACT-09, RESP-25: records as a table, values escaped, the toolbar with the statements below."""
    page = get(notes, "html", headers=ITALIAN)
    assert page.status_code == 200, page.text
    shown = [str(cell.flatten()) for cell in page.elements(".data td")]
    assert any(HOSTILE.partition("\r")[0] in text for text in shown)
    assert "</script><b>" not in page.text
    assert "Ciao &lt;mondo&gt;" in page.text
    assert [cell.flatten() for cell in page.elements(".data th")] == ["Id", "Title", "Price", "Day", "Data"]
    assert any("SELECT" in statement.flatten() for statement in page.elements(".toolbar pre"))


def test_generic_load_is_a_fragment(notes):
    page = get(notes, "load")
    assert "<html" not in page.text
    assert "</script><b>" not in page.text
    assert "Ciao" in get(notes, "load", headers=ITALIAN).text


def test_resp_25_toolbar_hides_secrets(generic):
    """RESP-25: passwords and session cookies are not shown, whatever dictionary they are in."""
    generic.controller(
        "def index():\n    session.token = 'tok-1'\n    session.seen = 'seen-1'\n    return dict()\n"
    )
    client = generic.client()
    client.get("/myapp/default/index")
    page = client.get("/myapp/default/index", query_string={"password": "pass-1", "q": "query-1"})
    cookie = client.get_cookie("session_id_myapp").value
    bar = str(page.element(".toolbar"))
    assert "seen-1" in bar
    assert "query-1" in bar
    assert "tok-1" not in bar
    assert cookie not in bar
    cells = [str(cell.flatten()) for cell in page.elements(".toolbar td")]
    assert "pass-1" not in cells
    assert "[hidden]" in cells


def test_rows_in_a_view_are_an_escaped_table(notes):
    """FUN-09, SEC-02: ``{{=rows}}`` is a table; fields show what their `represent` says; markup stays text."""
    notes.model(NOTES + "db.note.price.represent = lambda value, row: B('%s EUR' % value)\n")
    notes.view("{{=rows}}|{{=db(db.note).select(db.note.id.count())}}")
    page = notes.client().get("/myapp/default/index")
    first, count = page.text.split("|")
    assert "<td><b>1.50 EUR</b></td>" in first
    assert "&lt;/script&gt;&lt;b&gt;" in first
    assert "<td>1</td>" in count
