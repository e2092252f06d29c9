"""`auth.wiki`: pages that visitors write."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, run_in_app


@pytest.fixture
def wiki(site, monkeypatch):
    """A wiki with an editor and a plain user; returns their visitors."""
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")
    build(
        site,
        controller="\ndef pages(): return auth.wiki(manage_permissions=True, env={'hello': lambda name: B('hi ', name)})\n"
        "def menu():\n    auth.wiki(resolve=False, function='pages')\n    response.menu = []\n    auth.wikimenu()\n"
        "    return MENU(response.menu)\n",
    )
    site.view("{{=content}}", "default/pages.html")
    site.view("{{=content}}", "default/pages.load")
    editor, plain = Visitor(site), Visitor(site)
    editor.register(email="ed@example.com")
    editor.register(email="joe@example.com")
    run_in_app(site, "auth.add_membership(auth.add_group('wiki_editor'), 1)")
    editor.login(email="ed@example.com")
    plain.login(email="joe@example.com")
    return editor, plain


def write(visitor, slug, body, **fields):
    fields = dict(title=slug.title(), body=body, can_read=["everybody"], can_edit=["wiki_editor"]) | fields
    visitor.fill("pages/_create", slug=slug)
    assert visitor.page.status_code == 303, visitor.page.text
    visitor.fill(f"pages/_edit/{slug}/0", **fields)
    assert visitor.page.status_code == 303, visitor.page.text


def test_pages(wiki, site):
    """FUN-12: an editor writes, everybody reads: markup, links, functions, and no script."""
    editor, _ = wiki
    write(
        editor,
        "first-page",
        "## Head\n**bold** [[other @////other-page]] @{hello:Ada} <script>alert(1)</script>",
    )
    nobody = Visitor(site)
    page = nobody.get("pages/first-page")
    assert "<strong>bold</strong>" in page.text
    assert 'href="/myapp/default/pages/other-page"' in page.text
    assert "<b>hi Ada</b>" in page.text
    assert "<script>" not in page.text
    assert "Edit Page" not in page.text
    assert "Edit Page" in editor.get("pages/first-page").text
    assert nobody.get("pages/absent").status_code == 404
    assert editor.get("pages/absent").headers["Location"] == "/myapp/default/pages/_create/absent"
    editor.fill("pages/_edit/first-page", body="changed", can_read=["everybody"])
    assert "changed" in nobody.get("pages/first-page").text


def test_rights(wiki, site):
    """AUTH: who is no editor neither makes nor changes pages; a page for a group is read by that group."""
    editor, plain = wiki
    write(editor, "secret-page", "for few", can_read=["wiki_editor"], tags="red")
    nobody = Visitor(site)
    assert nobody.get("pages/secret-page").status_code == 303
    assert plain.get("pages/secret-page").status_code == 403
    assert "for few" in editor.get("pages/secret-page").text
    for path in ("_create", "_edit/secret-page", "_editmedia/secret-page", "_pages", "_edit/new-page"):
        assert plain.get(f"pages/{path}").status_code == 403, path
        assert nobody.get(f"pages/{path}").status_code == 303, path
    plain.client.post("/myapp/default/pages/_edit/secret-page", data={"body": "x", "title": "x"})
    assert "for few" in editor.get("pages/secret-page").text
    assert "Secret-Page" not in plain.get("pages/_search?q=red").text
    assert "Secret-Page" in editor.get("pages/_search?q=red").text
    assert "Secret-Page" in editor.get("pages/_recent").text
    assert "Secret-Page" not in nobody.get("pages/_recent").text
    assert nobody.get("pages/_nothing").status_code == 404


def test_media(wiki, site):
    """SEC: files belong to a page and its readers."""
    editor, plain = wiki
    write(editor, "with-file", "x", can_read=["wiki_editor"])
    editor.fill("pages/_editmedia/with-file", title="a text", filename=(io.BytesIO(b"content"), "a.txt"))
    assert editor.page.status_code == 303, editor.page.text
    assert editor.get("pages/_media/1.txt").data == b"content"
    assert plain.get("pages/_media/1.txt").status_code == 403
    for path in ("_media/2.txt", "_media/x", "_media/..", "_media"):
        assert editor.get(f"pages/{path}").status_code in (400, 404)
    editor.get("pages/_editmedia/with-file")
    form = next(f for f in editor.page.elements("form") if f.element("input[name=media_id]"))
    data = {str(i["_name"]): str(i["_value"]) for i in form.elements("input[type=hidden]")}
    editor.client.post("/myapp/default/pages/_editmedia/with-file", data=data)
    assert editor.get("pages/_media/1.txt").status_code == 404


def test_media_bring_no_scripts(wiki, site):
    """SEC: a file that could run in the readers' browsers is saved by them, not shown."""
    editor, _ = wiki
    write(editor, "with-file", "x")
    shown = {}
    for number, ending in enumerate(("png", "txt", "html", "svg", "xhtml", "xml", "js", "PNG"), 1):
        content = (io.BytesIO(b"<svg><script>1</script></svg>"), f"a.{ending}")
        editor.fill("pages/_editmedia/with-file", title=ending, filename=content)
        page = editor.get(f"pages/_media/{number}.{ending}")
        assert page.status_code == 200
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        shown[ending] = "attachment" not in page.headers.get("Content-Disposition", "")
    assert [ending for ending, inline in shown.items() if inline] == ["png", "txt", "PNG"]


def test_menu_search_cloud(wiki, site):
    """RESP-12: the menu page; tags."""
    editor, _ = wiki
    write(
        editor,
        "wiki-menu",
        "- Top > @////first\n-- Below > @////second\n- Evil > javascript:alert(1)\n- Out > http://x/",
    )
    write(editor, "tagged", "x", tags="blue")
    menu = Visitor(site).get("menu").text
    assert 'href="/myapp/default/pages/first"' in menu
    assert 'href="/myapp/default/pages/second"' in menu
    assert "javascript:alert" not in menu
    assert "Manage Pages" not in menu
    assert "Manage Pages" in editor.get("menu").text
    assert "blue" in editor.get("pages/_cloud").text
    assert "Tagged" in editor.get("pages/_search?q=blue").text
    assert "Tagged" in editor.get("pages/_pages").text
    assert editor.get("pages/_search?q=';DROP TABLE wiki_page;--").status_code == 200
    assert "Tagged" in editor.get("pages/_search?q=blue").text


def test_preview(wiki, site):
    """FUN-12: the button of the form shows the text as the page would, and saves nothing."""
    editor, plain = wiki
    write(editor, "first", "as it was")
    page = editor.get("pages/_edit/first")
    button = page.element("button[data-w2p_preview]")
    assert button["_formaction"] == "/myapp/default/pages/_preview"
    sent = page.hidden() | {"title": "First", "body": "**b**<script>alert(1)</script>"}
    address = button["_formaction"]
    shown = editor.client.post(address, data=sent)
    assert "<strong>b</strong>" in shown.text
    assert "<script>alert" not in shown.text
    assert "Preview" in shown.element("h2").flatten()
    ajax = {"X-Requested-With": "XMLHttpRequest"}
    bare = editor.client.post(address, data=sent, headers=ajax).text
    assert "<strong>b</strong>" in bare
    assert "Preview" not in bare
    assert "as it was" in editor.get("pages/first").text
    sent |= {"body": "saved", "can_read": ["everybody"], "can_edit": ["wiki_editor"]}
    assert editor.client.post("/myapp/default/pages/_edit/first", data=sent).status_code == 303
    assert "saved" in editor.get("pages/first").text, "the key of the form was not used up"
    assert plain.client.post(address, data=sent, headers=ajax).status_code == 403
    foreign = {"body": "<b>of another site</b>", "slug": "first"}
    assert editor.client.post(address, data=foreign).status_code == 403
    assert Visitor(site).client.post(address, data=foreign, headers=ajax).status_code == 303


def test_menu_groups(wiki, site):
    """RESP-12: the menu of tools is for the groups that were named; pages of the menu are for all readers."""
    editor, plain = wiki
    write(editor, "wiki-menu", "- Top > @////first")
    site.controller(
        (site.app / "controllers/default.py").read_text()
        + "\ndef few():\n    auth.wiki(resolve=False, function='pages', menu_groups=['guides'])\n"
        "    response.menu = []\n    auth.wikimenu()\n    return MENU(response.menu)\n"
    )
    assert "[Wiki]" in plain.get("menu").text
    for visitor in (editor, plain, Visitor(site)):
        assert "[Wiki]" not in visitor.get("few").text
        assert "/pages/first" in visitor.page.text
    run_in_app(site, "auth.add_membership(auth.add_group('guides'), 2)")
    guide = Visitor(site)
    guide.login(email="joe@example.com")
    assert "[Wiki]" in guide.get("few").text
    assert "[Wiki]" not in editor.get("few").text
