"""`auth.wiki`: pages that visitors write."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from runtime.tools.auth import throttle

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, run_in_app


@pytest.fixture
def wiki(site, monkeypatch):
    """A wiki with an editor and a plain user; returns their visitors."""
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")
    throttle.by_address.clear()
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


def test_menu_search_cloud_preview(wiki, site):
    """RESP-12: the menu page; tags; the preview."""
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
    page = editor.client.post("/myapp/default/pages/_preview", data={"body": "**b**<script>"})
    assert "<strong>b</strong>" in page.text
    assert "<script>" not in page.text
