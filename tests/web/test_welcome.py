"""The scaffolding application as new applications get it (APPDIR, PACK-02, PACK-05, SITE-09)."""

from __future__ import annotations

import ast
import re
import shutil
import tarfile
from pathlib import Path

import pytest

import resources
from runtime.admin.applications import FOLDERS, create_application
from runtime.admin.packs import pack_application
from runtime.foundation.current import current
from runtime.i18n import read_dict, read_plural_dict
from runtime.tools.auth.settings import MESSAGES
from runtime.web.application import Application
from runtime.web.client import TestClient

WELCOME = resources.ROOT / "applications" / "welcome"
LANGUAGES = ("de", "es", "fr", "it", "pt")
FAR = {"REMOTE_ADDR": "192.0.2.1"}
TEXT_FILES = [
    path
    for path in sorted(WELCOME.rglob("*"))
    if path.suffix in (".py", ".html", ".load", ".css", ".js", ".svg", ".json", ".xml")
    and "__pycache__" not in path.parts
]


@pytest.fixture
def site(tmp_path):
    """A site with the scaffolding packed and the application `fresh` made from it."""
    (tmp_path / "applications").mkdir()
    pack_application(WELCOME, tmp_path / "welcome.w2p")
    create_application(tmp_path, "fresh")
    yield tmp_path
    current._begin()


@pytest.fixture
def client(site):
    return TestClient(Application(site))


def token(page):
    return page.element("input[name=token]")["_value"]


def add(client, **fields):
    page = client.get("/fresh/default/notes")
    return client.post("/fresh/default/notes", data={"token": token(page), **fields})


# -- on disk ----------------------------------------------------------------------------------------


def test_appdir_01_06_07_folders_and_files(site):
    """APPDIR-01, APPDIR-06, APPDIR-07."""
    folder = site / "applications" / "fresh"
    assert set(FOLDERS) <= {path.name for path in folder.iterdir() if path.is_dir()}
    for name in ("__init__.py", "ABOUT", "LICENSE", "README"):
        assert (folder / name).is_file()
    assert (folder / "__init__.py").read_text() == ""
    assert [p for p in (folder / "tests").iterdir() if p.name != ".keep"] == []


def test_appdir_02_03_each_room_is_shown_by_example():
    """APPDIR-02, APPDIR-03: tables, logic, presentation, translations, static files, all in their folder."""
    assert "define_table" in (WELCOME / "models" / "db.py").read_text("utf-8")
    assert "def index()" in (WELCOME / "controllers" / "default.py").read_text("utf-8")
    index = (WELCOME / "views" / "default" / "index.html").read_text("utf-8")
    assert "{{extend 'layout.html'}}" in index
    assert all((WELCOME / "languages" / f"{name}.py").is_file() for name in LANGUAGES)
    assert all((WELCOME / "languages" / f"plural-{name}.py").is_file() for name in (*LANGUAGES, "en"))


def test_appdir_04_10_runtime_folders_come_back(site, client):
    """APPDIR-04, APPDIR-10: what is missing is made on demand, and filled by its own feature only."""
    folder = site / "applications" / "fresh"
    for name in ("sessions", "databases", "errors", "cache", "uploads"):
        shutil.rmtree(folder / name)
    assert add(client, title="t").status_code == 303
    assert list((folder / "databases").glob("*.table"))
    assert (folder / "databases" / "storage.sqlite").is_file()
    assert any(path.is_file() for path in (folder / "sessions").rglob("*"))
    assert not (folder / "uploads").exists()
    assert not list((folder / "errors").glob("*")) if (folder / "errors").exists() else True


def test_appdir_05_only_static_has_addresses(client):
    """APPDIR-05."""
    for path in ("private/appconfig.ini", "models/db.py", "uploads/x", "modules/.keep", "views/layout.html"):
        assert client.get(f"/fresh/{path}").status_code in (400, 404)
    for name in ("favicon.ico", "robots.txt", "css/site.css", "js/components.js", "images/hadron.svg"):
        assert client.get(f"/fresh/static/{name}").status_code == 200


def test_appdir_09_unpacking_by_hand_makes_an_application(tmp_path):
    """APPDIR-09: no tool needed."""
    pack_application(WELCOME, tmp_path / "welcome.w2p")
    with tarfile.open(tmp_path / "welcome.w2p", "r:gz") as archive:
        archive.extractall(tmp_path / "applications" / "byhand")
    page = TestClient(Application(tmp_path)).get("/byhand")
    assert page.status_code == 200
    assert "Byhand" in page.element("title").flatten()
    current._begin()


def test_pack_02_fresh_secrets(site):
    """PACK-02."""
    create_application(site, "second")
    texts = [
        (site / "applications" / n / "private" / "appconfig.ini").read_text() for n in ("fresh", "second")
    ]
    secrets = [re.search(r"^secret = (\S{40,})$", text, re.MULTILINE)[1] for text in texts]
    assert secrets[0] != secrets[1]


def test_pack_04_generic_views_for_local_visitors_only(client):
    """PACK-04, ACT-08."""
    assert client.get("/fresh/default/index.json").json == {"message": "It works.", "notes": 0}
    assert client.get("/fresh/default/index.json", environ_base=FAR).status_code == 404
    assert "JSON" not in client.get("/fresh", environ_base=FAR).text


def test_site_09_no_code_of_others_and_no_outside_address():
    """SITE-09: every file is this project's own; no page asks another host for anything."""
    assert TEXT_FILES
    for path in TEXT_FILES:
        text = path.read_text("utf-8")
        found = set(re.findall(r"""(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s"']*""", text, re.IGNORECASE))
        assert found <= {"http://www.w3.org/2000/svg"}, path


def test_no_inline_event_handlers():
    for path in TEXT_FILES:
        if path.suffix in (".html", ".load", ".svg"):
            assert not re.search(r"<[^>]*\son[a-z]+\s*=|javascript:", path.read_text("utf-8")), path


# -- languages --------------------------------------------------------------------------------------


def texts_of_the_application():
    """Every text given to T in Python files and views, and the form of times that fields of that type ask for."""
    found = {"%Y-%m-%d %H:%M:%S"}
    for path in [*WELCOME.rglob("*.py"), *WELCOME.rglob("*.html"), *WELCOME.rglob("*.load")]:
        if "languages" in path.parts or "__pycache__" in path.parts:
            continue
        for literal in re.findall(
            r"""\bT\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", path.read_text("utf-8")
        ):
            found.add(ast.literal_eval(literal))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    """APPDIR-02: nothing is missing, nothing is left over, placeholders are the same."""
    texts = texts_of_the_application()
    translations = read_dict(str(WELCOME / "languages" / f"{language}.py"))
    meta = {key for key in translations if key.startswith("!")}
    assert set(translations) - meta >= texts
    assert set(translations) - meta - texts <= set(MESSAGES.values()), "what the pages of users say"
    for key in set(translations) - meta:
        assert translations[key]
        names = r"%\(\w+\)s|%s|%%\{"
        assert sorted(re.findall(names, key)) == sorted(re.findall(names, translations[key]))
        for word in re.findall(r"%%\{(\w+)\}", translations[key]):
            assert word in read_plural_dict(str(WELCOME / "languages" / f"plural-{language}.py"))


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "1 note", "2 notes"),
        ("de", "1 Notiz", "2 Notizen"),
        ("es", "1 nota", "2 notas"),
        ("fr", "1 note", "2 notes"),
        ("it", "1 nota", "2 note"),
        ("pt", "1 nota", "2 notas"),
    ],
)
def test_pages_speak_the_visitors_language(client, language, one, two):
    """Language of the page, its mark for screen readers, and the plural of a count."""
    headers = {"Accept-Language": language}
    for shown in (one, two):
        add(client, title="t")
        page = client.get("/fresh", headers=headers)
        assert page.element("html")["_lang"] == language
        assert shown in [figure.flatten() for figure in page.elements(".figure")]


def test_requests_do_not_write_language_files(site, client):
    """All texts are known, so that no page view changes a file."""
    folder = site / "applications" / "fresh" / "languages"
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for language in (*LANGUAGES, "en"):
        for path in ("", "/default/notes", "/default/clock.load"):
            client.get(f"/fresh{path}", headers={"Accept-Language": language})
        page = client.get("/fresh/default/notes")
        client.post(
            "/fresh/default/notes", data={"token": token(page)}, headers={"Accept-Language": language}
        )
    assert before == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# -- pages ------------------------------------------------------------------------------------------


def test_pack_05_resp_36_layout_contract(site, client):
    """PACK-05, RESP-36, RESP-05, RESP-10, RESP-12, RESP-24: title, menu, meta tags and files come from `response`."""
    model = site / "applications" / "fresh" / "models" / "z.py"
    model.write_text(
        "response.title = 'Hi <1>'\nresponse.subtitle = 'sub'\nresponse.flash = 'note <this>'\n"
        "response.meta.author = 'Ann'\nresponse.meta.keywords = 'a, b'\n"
        "response.menu = [('One', True, '/one', [('Two', False, '/two', [])])]\n"
        "response.files.append(URL('static', 'css/more.css'))\n"
    )
    page = client.get("/fresh")
    assert page.element("title").flatten() == "Hi <1>"
    assert "<1>" not in page.text.replace("Hi &lt;1&gt;", "")
    assert page.element(".flash").flatten() == "note <this>"
    assert page.element("meta[name=author]")["_content"] == "Ann"
    assert page.element("meta[name=keywords]")["_content"] == "a, b"
    assert page.element("meta[name=viewport]")
    assert [a["_href"] for a in page.elements("nav a")] == ["/one", "/two"]
    assert "sub" in page.element(".eyebrow").flatten()
    links = [link["_href"] for link in page.elements("link[rel=stylesheet]")]
    assert links == ["/fresh/static/css/site.css", "/fresh/static/css/more.css"]
    assert page.element("script")["_src"] == "/fresh/static/js/components.js"


def test_resp_36_another_layout_works_with_the_same_pages(site, client):
    """RESP-36: pages depend on nothing of the layout but the contract."""
    layout = site / "applications" / "fresh" / "views" / "layout.html"
    layout.write_text(
        "<html><head><title>{{=response.title}}</title>{{include 'web2py_ajax.html'}}</head>"
        "<body>{{=response.flash or ''}}{{=MENU(response.menu)}}{{include}}</body></html>"
    )
    for path in ("", "/default/notes", "/default/download.html"):
        assert client.get(f"/fresh{path}").status_code in (200, 404)
    assert add(client, title="t").status_code == 303


def test_pack_05_error_pages(client):
    """PACK-05, FUN-03: pages for errors, complete by themselves."""
    for code in (403, 404, 500, 503):
        page = client.get(f"/fresh/static/{code}.html")
        assert page.status_code == 200
        assert page.element("html")["_lang"] == "en"
        assert page.element("h1").flatten()
        assert not page.elements("script")
        assert not page.elements("link")


def test_notes_are_added_shown_and_escaped(client):
    """SEC-01, SEC-02, RESP-07: the way of a form from an empty page to a note on it."""
    assert client.get("/fresh/default/notes").element(".empty")
    answer = add(client, title="<b>&'); DROP", body="</textarea><script>\nline")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/fresh/default/notes")
    page = client.get("/fresh/default/notes")
    assert page.element(".notes h2").flatten() == "<b>&'); DROP"
    assert "<script>\n" not in page.text
    assert page.element(".flash").flatten() == "The note was added."
    assert client.get("/fresh/default/notes").element(".flash").flatten() == "", "shown once"


def test_notes_with_errors_keep_what_was_typed(client):
    """Errors stand at their field, tied to it for screen readers, in the visitor's language."""
    page = client.get("/fresh/default/notes")
    data = {"token": token(page), "title": "", "body": "<typed>" * 300}
    page = client.post("/fresh/default/notes", data=data, headers={"Accept-Language": "de"})
    assert page.status_code == 422
    field = page.element("input[name=title]")
    assert field["_aria-invalid"] == "true"
    assert page.element(f"#{field['_aria-describedby']}").flatten() == "Geben Sie der Notiz einen Titel."
    assert page.element("#error_body").flatten() == "Höchstens 2000 Zeichen."
    assert "&lt;typed&gt;&lt;typed&gt;" in page.text
    long = add(client, title="x" * 81)
    assert long.element("#error_title").flatten() == "Use at most 80 characters."
    assert client.get("/fresh/default/index.json").json["notes"] == 0


@pytest.mark.parametrize("wrong", ["", "guess", None])
def test_notes_refuse_forms_of_other_sites(client, wrong):
    """A form without the visitor's token changes nothing; what was typed stays, with a fresh token."""
    data = {"title": "forged", "body": "kept"} | ({} if wrong is None else {"token": wrong})
    page = client.post("/fresh/default/notes", data=data)
    assert page.status_code == 422
    assert page.element("[role=alert]").flatten().startswith("This form was out of date")
    assert page.element("input[name=title]")["_value"] == "forged"
    assert client.post("/fresh/default/notes", data=data | {"token": token(page)}).status_code == 303


def test_notes_are_deleted_by_their_button_only(client):
    add(client, title="one")
    page = client.get("/fresh/default/notes")
    form = page.element(".notes form")
    assert form["_data-w2p_confirm"] == "Delete this note?"
    assert page.element(".notes button")["_aria-label"] == "Delete the note one"
    address = form["_action"]
    assert client.get(address).status_code == 405
    client.post(address, data={"token": "guess"})
    assert client.get("/fresh/default/index.json").json["notes"] == 1
    assert client.post("/fresh/default/delete_note/x", data={"token": token(page)}).status_code == 404
    assert client.post(address, data={"token": token(page)}).status_code == 303
    assert client.get("/fresh/default/notes").element(".flash").flatten() == "The note was deleted."
    assert client.get("/fresh/default/index.json").json["notes"] == 0


def test_session_cookie_is_closed_to_scripts_and_other_sites(client):
    cookie = client.get("/fresh/default/notes").headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_first_page_needs_no_session(client):
    """FLOW-04: a visitor who only looks gets no cookie."""
    assert "Set-Cookie" not in client.get("/fresh").headers


def test_private_functions_have_no_address(client):
    """DISP-04."""
    for name in ("__form_token", "__form_is_ours"):
        assert client.get(f"/fresh/default/{name}").status_code in (400, 404)


@pytest.mark.parametrize("path", ["", "/default/notes"])
def test_pages_are_made_for_keyboard_and_screen_reader(client, path):
    """Language, skip link, one heading of the page, landmarks, labels, texts for pictures."""
    page = client.get(f"/fresh{path}")
    assert page.element("html")["_lang"] == "en"
    assert page.element("a.skip")["_href"] == "#content"
    assert page.element("main")["_id"] == "content"
    assert len(page.elements("h1")) == 1
    assert page.element("nav")["_aria-label"]
    assert all("_alt" in image.attributes for image in page.elements("img"))
    for field in page.elements("input") + page.elements("textarea"):
        if field["_type"] != "hidden":
            assert page.element(f"label[for={field['_id']}]")
    ids = re.findall(r'\sid="([^"]*)"', page.text)
    assert len(ids) == len(set(ids))


def test_favicon_is_an_icon_of_several_sizes():
    data = Path(WELCOME / "static" / "favicon.ico").read_bytes()
    assert data[:6] == b"\x00\x00\x01\x00\x03\x00"
    assert [data[6 + 16 * i] for i in range(3)] == [16, 32, 48]
