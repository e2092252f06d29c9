"""The documented additions below gluon.contrib (section 32.2)."""

from __future__ import annotations

import base64
import datetime
import io
import json
from xml.etree import ElementTree

import pytest

from runtime.dal import DAL, Field
from runtime.dal.validators import IS_EMAIL, IS_IN_DB, IS_IN_SET, IS_INT_IN_RANGE, IS_NOT_IN_DB
from runtime.foundation.storage import Storage
from runtime.tools import network
from runtime.tools.absent import Discontinued, MissingPackage, need
from runtime.tools.contrib.populate import PopulateError
from runtime.tools.contrib.sheet import SheetError


@pytest.fixture
def db():
    made = DAL("sqlite:memory")
    yield made
    made.close()


@pytest.fixture
def asked(monkeypatch):
    """What was asked of other servers; answers are taken from the list `answers`."""
    calls = []
    answers = []

    def open_url(url, data=None, headers=None, timeout=20):
        calls.append((url, data, dict(headers or {})))
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(network, "open_url", open_url)
    return Storage(calls=calls, answers=answers)


def test_lib_21_populate(db):
    """LIB-21: values fit name, type and validators; references point to records that are there."""
    from gluon.contrib.populate import IUP, Learner, populate

    db.define_table("owner", Field("first_name"), Field("email", requires=IS_EMAIL(), unique=True))
    db.define_table(
        "thing",
        Field("name", length=20, requires=IS_NOT_IN_DB(db, "thing.name")),
        Field("kind", requires=IS_IN_SET(["a", "b"])),
        Field("age", "integer", requires=IS_INT_IN_RANGE(10, 13)),
        Field("price", "decimal(8,2)"),
        Field("day", "date"),
        Field("moment", "datetime"),
        Field("hour", "time"),
        Field("ok", "boolean"),
        Field("body", "text"),
        Field("tags", "list:string"),
        Field("data", "json"),
        Field("file", "upload"),
        Field("owner_id", "reference owner", requires=IS_IN_DB(db, "owner.id")),
        Field("fixed", default="d"),
        Field("given"),
    )
    populate(db.owner, 5)
    ids = populate(db.thing, 20, contents={"given": lambda: "g"})
    rows = db(db.thing).select()
    assert [row.id for row in rows] == ids
    assert len({row.name for row in rows}) == 20
    assert all(len(row.name) <= 20 and row.kind in "ab" and 10 <= row.age < 13 for row in rows)
    assert all(isinstance(row.day, datetime.date) and len(row.body) > 10 and row.data for row in rows)
    assert {row.owner_id for row in rows} <= {row.id for row in db(db.owner).select()}
    assert {(row.fixed, row.given) for row in rows} == {("d", "g")}
    assert all("@" in row.email for row in db(db.owner).select())
    learner = Learner()
    learner.loadd(IUP)
    assert 50 < len(learner.generate(100)) <= 101
    db.define_table("never", Field("x", requires=lambda value: (value, "no")))
    with pytest.raises(PopulateError, match=r"never\.x"):
        populate(db.never, 1)


def test_lib_13_rss2():
    """LIB-13: a channel with an item, readable by a parser."""
    from gluon.contrib import rss2

    item = rss2.RSSItem(
        title="A & B\x00",
        link="http://x/1",
        guid=rss2.Guid("http://x/1"),
        pubDate=datetime.datetime(2026, 1, 2, 3, 4),
        enclosure=rss2.Enclosure("http://x/a.mp3", 5, "audio/mpeg"),
        categories=["c"],
    )
    channel = rss2.RSS2("T", "http://x", "D", items=[item], image=rss2.Image("u", "t", "l"), skipHours=[1])
    root = ElementTree.fromstring(rss2.dumps(channel).encode())
    assert root.findtext("channel/item/title") == "A & B\ufffd"
    assert root.findtext("channel/item/pubDate") == "Fri, 02 Jan 2026 03:04:00 GMT"
    assert root.find("channel/item/enclosure").get("length") == "5"
    assert root.find("channel/item/guid").get("isPermaLink") == "true"
    assert root.findtext("channel/skipHours/hour") == "1"
    out = io.BytesIO()
    channel.write_xml(out)
    assert out.getvalue().startswith(b"<?xml")
    with pytest.raises(TypeError, match="title"):
        rss2.RSSItem()


def test_lib_12_fun_08_rtf():
    """LIB-12, FUN-08: braces and other alphabets survive."""
    import gluon.contrib.pyrtf as q

    doc = q.Document()
    section = q.Section()
    doc.Sections.append(section)
    section.append(q.Paragraph("Heading1", "Title"))
    section.append(q.Paragraph("a {b} \\ é €", q.B("bold")))
    text = q.dumps(doc)
    assert text.startswith("{\\rtf1")
    assert "a \\{b\\} \\\\ \\u233? \\u8364?" in text
    assert "{\\b bold}" in text
    assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")


def test_lib_02_markdown():
    """LIB-2, FUN-12: Markdown becomes HTML; HTML in it stays text unless it is allowed."""
    from gluon.contrib.markdown import WIKI
    from gluon.contrib.markdown.markdown2 import markdown

    assert "<strong>x</strong>" in str(WIKI("**x**"))
    assert "<script>" not in str(WIKI("<script>alert(1)</script>"))
    assert "<b>" in str(WIKI("<b>x</b>", safe_mode=False))
    assert "javascript:" not in markdown("[x](javascript:alert)").replace("[x](javascript:alert)", "")


def test_sheet():
    """Formulas over cells; loops, foreign code and read-only cells are refused."""
    from gluon.contrib.spreadsheet import Sheet

    sheet = Sheet(3, 3)
    sheet.cell("r0c0", value=2)
    sheet.cell("r0c1", value="=r0c0*3+sqrt(16)", readonly=True)
    sheet.cell("r1c0", value="=r1c1")
    sheet.cell("r1c1", value="=r1c0")
    assert sheet["r0c1"] == 10
    assert "depends" in sheet["r1c0"] or "wrong" in sheet["r1c0"]
    for evil in (
        "=__import__('os')",
        "=().__class__",
        "=9**9**9",
        "=r0c0.real",
        "=[1 for x in 'a']",
        "=)",
        "=1/0",
        "='a'*9",
    ):
        sheet.cell("r2c2", value=evil)
        assert str(sheet["r2c2"]).startswith("!"), evil
    answer = json.loads(sheet.process(Storage(vars=Storage(r0c0="5", r0c1="=1", r9c9="1", x="y"))))
    assert answer["r0c1"] == 19
    assert 'name="r0c0"' in sheet.xml()
    with pytest.raises(SheetError, match="r9c9"):
        sheet.cell("r9c9")


def test_autolinks():
    """Pictures, films, links; no script gets through."""
    from gluon.contrib.autolinks import expand_one

    assert expand_one("http://x/a.PNG", {}).startswith("<img")
    assert "youtube-nocookie.com/embed/abcdefghijk" in expand_one(
        "https://www.youtube.com/watch?v=abcdefghijk", {}
    )
    assert expand_one("http://x/page", {}).startswith("<a href")
    assert "<" not in expand_one("javascript:alert(1)//<b>", {})
    assert '"onload' not in expand_one('http://x/a.png?"onload="x', {})
    cache = {}
    expand_one("http://x/1", cache)
    assert list(cache) == ["http://x/1"]


def test_lib_06_jsonrpc_client(asked):
    """LIB-6: a call, and an error of the server."""
    from gluon.contrib.simplejsonrpc import JSONRPCError, ServerProxy

    asked.answers += [b'{"result": 3, "id": 1}', b'{"error": {"code": -1, "message": "bad"}}', b"<html>"]
    server = ServerProxy("http://x/call/jsonrpc2")
    assert server.add(1, 2) == 3
    assert json.loads(asked.calls[0][1])["params"] == [1, 2]
    with pytest.raises(JSONRPCError, match="bad"):
        server.add(a=1)
    with pytest.raises(network.NetworkError):
        server.add()


def test_lib_16_17_payments(asked):
    """LIB-16, LIB-17: Stripe by REST; retired interfaces say what to use."""
    from gluon.contrib.AuthorizeNet import process
    from gluon.contrib.stripe import Stripe, StripeForm

    asked.answers.append(b'{"id": "ch_1", "paid": true}')
    assert Stripe("sk").charge(100, token="tok")["paid"] is True
    assert base64.b64decode(asked.calls[0][2]["Authorization"].split()[1]) == b"sk:"
    with pytest.raises(Discontinued, match="Checkout"):
        StripeForm("pk", "sk", 1, "d")
    with pytest.raises(Discontinued, match="authorizenet"):
        process("4111", "122012", "1")


def test_missing_packages_say_how_to_get_them():
    """LIB-1, LIB-4, LIB-5: modules import without their package; the first use names it."""
    with pytest.raises(MissingPackage, match=r"pip install absent, or: pip install 'hadron\[x\]'"):
        need("absent_package", "absent", "to do things", "x")
    import gluon.contrib.feedparser as feedparser

    assert feedparser.parse("<rss><channel><title>t</title></channel></rss>").feed.title == "t"
    import gluon.contrib.fpdf  # noqa: F401
    from gluon.contrib.pysimplesoap.client import SoapClient, SoapFault

    assert SoapFault("c", "s").faultstring == "s"
    try:
        import zeep  # noqa: F401
    except ImportError:
        with pytest.raises(MissingPackage, match="zeep"):
            SoapClient(wsdl="http://x")


def test_lib_22_heroku(monkeypatch):
    """LIB-22: the address comes from the environment, in the form DAL takes."""
    from runtime.tools.contrib.heroku import HerokuError, database_url

    for name in list(__import__("os").environ):
        if "POSTGRES" in name or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    with pytest.raises(HerokuError, match="DATABASE_URL"):
        database_url()
    monkeypatch.setenv("HEROKU_POSTGRESQL_RED_URL", "postgresql://u:p@h/d")
    assert database_url() == "postgres://u:p@h/d"


def test_lib_09_24_other_names():
    """LIB-9, LIB-24: the database layer under its old name; browsers by their header."""
    from gluon.contrib import gql
    from gluon.contrib.user_agent_parser import detect, simple_detect

    assert gql.GQLDB is DAL
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    assert detect(agent).browser.name == "Firefox"
    assert simple_detect(agent) == ("Linux", "Firefox 128.0")


def test_network_opens_only_http():
    """SEC: no file or other scheme is opened for an address that came from elsewhere."""
    from gluon.tools import fetch

    for url in ("file:///etc/passwd", "ftp://x/y", "gopher://x", "//x", ""):
        with pytest.raises(network.NetworkError):
            fetch(url)


def test_geocode(asked):
    """`geocode` and `reverse_geocode` ask a map server; nothing found is no error."""
    from gluon.tools import geocode, reverse_geocode

    asked.answers += [b'[{"lat": "1.5", "lon": "2"}]', b"[]", b'{"display_name": "Here"}', b"<html>"]
    assert geocode("a & b") == (1.5, 2.0)
    assert "q=a+%26+b" in asked.calls[0][0]
    assert geocode("nowhere") == (0.0, 0.0)
    assert reverse_geocode(1, 2, "de") == "Here"
    with pytest.raises(network.NetworkError):
        geocode("x")


def test_lib_03_pdf(monkeypatch, tmp_path):
    """LIB-3: wiki text becomes a PDF; without pdflatex the error says what to install."""
    from gluon.contrib.markmin.markmin2pdf import markmin2pdf

    from runtime.tools.contrib import pdf

    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    with pytest.raises(pdf.PdfError, match="texlive"):
        markmin2pdf("# x")
    program = tmp_path / "pdflatex"
    program.write_text(
        "#!/bin/sh\necho 'LaTeX Warning: loose'\ngrep -q 'Hello' page.tex && echo '%PDF-1' > page.pdf\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(pdf.shutil, "which", lambda _: str(program))
    monkeypatch.setattr(pdf, "SEARCHED", "/usr/bin:/bin")
    data, warnings, errors = markmin2pdf("## Hello")
    assert (data, warnings, errors) == (b"%PDF-1\n", ["LaTeX Warning: loose"], [])
    with pytest.raises(pdf.PdfError, match="made no document"):
        markmin2pdf("## Other")


def test_websocket_send_signs_the_message(monkeypatch):
    """SITE-08: what a messaging server beside the site gets; the signature is that of HMAC-MD5 (RFC 2202, 2)."""
    from gluon.contrib.websocket_messaging import websocket_send

    sent = []
    monkeypatch.setattr("runtime.tools.network.open_url", lambda *given: sent.append(given) or b"ok")
    assert websocket_send("http://127.0.0.1:8888", "what do ya want for nothing?", "Jefe", "all") == b"ok"
    websocket_send("http://127.0.0.1:8888", "x")
    signature = "750c783e6ab0b503eaa86e310a5db738"
    message = {"message": "what do ya want for nothing?", "signature": signature, "group": "all"}
    assert sent[0] == ("http://127.0.0.1:8888", message)
    assert sent[1][1] == {"message": "x", "signature": "", "group": "default"}
