"""Tables, rights and forms of a wiki."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from runtime.dal import Field
from runtime.dal.validators import IS_IN_SET, IS_NOT_EMPTY, IS_NOT_IN_DB, IS_SLUG
from runtime.forms import FORM, SQLFORM
from runtime.forms.cleaning import clean
from runtime.forms.keys import is_key
from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.foundation.storage import Settings
from runtime.html import BUTTON, CAT, DIV, H2, INPUT, LI, SCRIPT, SPAN, TABLE, TD, TH, THEAD, TR, UL, XML, A
from runtime.routing import URL
from runtime.tools.buttons import delete_button
from runtime.tools.wiki.rendering import html_of

EVERYBODY = "everybody"
EDITORS = "wiki_editor"
AUTHORS = "wiki_author"
FOUND_AT_MOST = 100
SHOWN_ENDINGS = frozenset(
    "png jpg jpeg gif webp avif bmp ico mp3 ogg wav mp4 webm pdf txt".split()  # noqa: SIM905  # a long list
)
"""Files that a browser may show by themselves; others, as HTML and SVG, could bring scripts."""


class WikiPages:
    """See `Wiki`."""

    everybody = EVERYBODY

    def __init__(
        self,
        auth: Any,
        env: dict[str, Any] | None = None,
        render: Any = "markmin",
        manage_permissions: bool = False,
        force_prefix: str = "",
        restrict_search: bool = False,
        extra: dict[str, Any] | None = None,
        menu_groups: Any = None,
        templates: Any = None,
        migrate: Any = True,
        controller: str | None = None,
        function: str | None = None,
        groups: list[str] | None = None,
        first_slug: str = "index",
        force_render: bool = False,
    ) -> None:
        self.auth, self.env = auth, dict(env or {}) | dict(extra or {})
        settings = self.settings = auth.settings.wiki or Settings()
        settings.update(
            render=render,
            manage_permissions=manage_permissions,
            force_prefix=force_prefix % auth.user if force_prefix and auth.user else force_prefix,
            restrict_search=restrict_search,
            menu_groups=menu_groups,
            templates=templates,
            controller=controller,
            function=function,
            groups=groups if groups is not None else list(auth.user_groups.values()),
            first_slug=first_slug,
            force_render=force_render,
        )
        self.define_tables(migrate)

    # -- tables --------------------------------------------------------------------------------------

    def define_tables(self, migrate: Any) -> None:
        """Define the tables of pages, tags and files that are not there yet."""
        auth, db, T = self.auth, self.auth.db, current.T
        if "wiki_page" not in db.tables:
            db.define_table(
                "wiki_page",
                Field(
                    "slug",
                    requires=[IS_SLUG(), IS_NOT_IN_DB(db, "wiki_page.slug")],
                    writable=False,
                    label=T("Slug"),
                ),
                Field("title", length=255, unique=True, requires=IS_NOT_EMPTY(), label=T("Title")),
                Field("body", "text", notnull=True, requires=IS_NOT_EMPTY(), label=T("Body")),
                Field("tags", "list:string", label=T("Tags")),
                Field("can_read", "list:string", default=[EVERYBODY], writable=False, readable=False),
                Field("can_edit", "list:string", default=[EDITORS], writable=False, readable=False),
                Field("changelog", label=T("Changelog")),
                Field("html", "text", writable=False, readable=False),
                Field("render", default=None, writable=False, readable=False),
                auth.signature,
                format="%(title)s",
                migrate=migrate,
            )
        if "wiki_tag" not in db.tables:
            db.define_table(
                "wiki_tag",
                Field("name"),
                Field("wiki_page", "reference wiki_page"),
                auth.signature,
                format="%(title)s",
                migrate=migrate,
            )
        if "wiki_media" not in db.tables:
            db.define_table(
                "wiki_media",
                Field("wiki_page", "reference wiki_page", writable=False, readable=False),
                Field("title", requires=IS_NOT_EMPTY(), label=T("Title")),
                Field("filename", "upload", requires=IS_NOT_EMPTY(), label=T("File")),
                auth.signature,
                format="%(title)s",
                migrate=migrate,
            )

    def page_of(self, slug: str) -> Any:
        """Return the record of a page, None when there is none."""
        table = self.auth.db.wiki_page
        return self.auth.db(table.slug == slug).select(table.ALL, limitby=(0, 1)).first()

    # -- rights --------------------------------------------------------------------------------------

    def _groups(self) -> set[str]:
        return set(map(str, self.settings.groups or ()))

    def _own_groups(self) -> set[str]:
        """Return the names of the visitor's groups, whatever the wiki counts as them."""
        return self._groups() | set(map(str, self.auth.user_groups.values()))

    def can_manage(self) -> bool:
        """Tell whether the visitor may change every page."""
        return bool(self.auth.user) and EDITORS in self._groups()

    def can_create(self, slug: str | None = None) -> bool:
        """Tell whether the visitor may make pages."""
        if not self.auth.user:
            return False
        prefix = self.settings.force_prefix
        allowed = self.can_manage() or AUTHORS in self._groups()
        return allowed and (not slug or not prefix or self.can_manage() or slug.startswith(prefix))

    def can_search(self) -> bool:
        """Tell whether the visitor may search."""
        return not self.settings.restrict_search or self.can_manage()

    def can_see_menu(self) -> bool:
        """Tell whether the menu of the wiki's tools is for the visitor: for all, or for ``menu_groups``."""
        wanted = self.settings.menu_groups
        if wanted is None:
            return True
        names = {wanted} if isinstance(wanted, str) else set(map(str, wanted))
        return bool(self.auth.user) and bool(names & self._own_groups())

    def can_read(self, page: Any) -> bool:
        """Tell whether the visitor may read a page."""
        if not self.settings.manage_permissions or EVERYBODY in (page.can_read or ()):
            return True
        if not self.auth.user:
            return False
        return self.can_manage() or self._is_own(page) or bool(self._groups() & set(page.can_read or ()))

    def can_edit(self, page: Any) -> bool:
        """Tell whether the visitor may change a page."""
        if not self.auth.user:
            return False
        if self.can_manage() or (self._is_own(page) and self.can_create()):
            return True
        return bool(self.settings.manage_permissions and self._groups() & set(page.can_edit or ()))

    def _is_own(self, page: Any) -> bool:
        return bool(self.auth.user_id) and page.created_by == self.auth.user_id

    def not_authorized(self, page: Any = None) -> Any:
        """Send a visitor to the login page, refuse a user.

        Raises:
            HTTP: 303 or 403.
        """
        if not self.auth.user:
            redirect(f"{self.auth.settings.login_url}?_next={self.auth.here()}")
        raise HTTP(403)

    def environment(self) -> dict[str, Callable[..., Any]]:
        """Return the functions for ``@{name:arguments}`` in texts."""
        own: dict[str, Any] = {"search": self._found, "cloud": lambda *_: self.cloud()["content"]}
        return own | self.env

    # -- making and changing pages -------------------------------------------------------------------

    def create(self) -> Any:
        """Return the form that asks for the slug of a new page, and goes on to its text.

        Raises:
            HTTP: 303, 403.
        """
        if not self.can_create():
            return self.not_authorized()
        db, T = self.auth.db, current.T
        wanted = (
            current.request.args(1) or current.request.vars.getfirst("slug") or self.settings.force_prefix
        )
        fields = [
            Field(
                "slug",
                default=wanted,
                label=T("Slug"),
                requires=[IS_SLUG(), IS_NOT_IN_DB(db, "wiki_page.slug")],
            )
        ]
        if self.settings.templates is not None:
            rows = db(self.settings.templates).select(db.wiki_page.id, db.wiki_page.title)
            choices = {row.id: row.title for row in rows}
            fields.append(Field("from_template", requires=IS_IN_SET(choices, zero=T("none"))))
        form = SQLFORM.factory(*fields)

        def check(form: Any) -> None:
            if form.vars.slug and not self.can_create(form.vars.slug):
                form.errors.slug = T("Begin with %s") % self.settings.force_prefix

        if form.accepts(current.request, current.session, formname="wiki_create", onvalidation=check):
            redirect(URL(args=("_edit", form.vars.slug, form.vars.from_template or 0)))
        return {"content": DIV(H2(T("Create Page from Slug")), form)}

    def edit(self, slug: str, from_template: int = 0) -> Any:
        """Return the form of a page's text.

        Raises:
            HTTP: 303, 403, 404.
        """
        auth, db, T = self.auth, self.auth.db, current.T
        table, page = db.wiki_page, self.page_of(slug)
        if page is None:
            if not self.can_create(slug) or IS_SLUG()(slug)[1]:
                return self.not_authorized()
            table.title.default = slug.replace("-", " ").title()
            template = table(from_template) if from_template else None
            table.body.default = template.body if template is not None else f"## {table.title.default}\n\n"
        elif not self.can_edit(page):
            return self.not_authorized(page)
        if self.settings.manage_permissions and (page is None or self.can_manage() or self._is_own(page)):
            names = sorted({*map(str, self._groups()), EVERYBODY, EDITORS})
            for field in (table.can_read, table.can_edit):
                field.writable = field.readable = True
                field.requires = IS_IN_SET(names, multiple=True)
        table.slug.readable = False
        form = SQLFORM(
            table,
            page,
            deletable=page is not None and self.can_manage(),
            showid=False,
            hidden={"slug": slug},
        )

        def complete(form: Any) -> None:
            form.vars.slug = slug
            form.vars.render = self.settings.render if isinstance(self.settings.render, str) else None
            form.vars.html = html_of(form.vars.body, self.settings.render, self.environment())

        below = self._add_preview(form)
        if form.process(onvalidation=complete, message_onsuccess=None).accepted:
            number = form.vars.id or form.record_id
            db(db.wiki_tag.wiki_page == number).delete()
            if form.deleted:
                redirect(URL())
            for tag in form.vars.tags or ():
                if str(tag).strip():
                    db.wiki_tag.insert(name=str(tag).strip().lower(), wiki_page=number)
            current.session.flash = T("page saved") if auth.user else None
            redirect(URL(args=slug))
        return {"content": DIV(H2(T("Edit Page")), form, below, _class="w2p_wiki_form")}

    # -- files ---------------------------------------------------------------------------------------

    def editmedia(self, slug: str) -> Any:
        """Return the files of a page, and the form for another one.

        Raises:
            HTTP: 303, 403, 404.
        """
        db, T, page = self.auth.db, current.T, self.page_of(slug)
        if page is None:
            raise HTTP(404)
        if not self.can_edit(page):
            return self.not_authorized(page)
        table = db.wiki_media
        table.wiki_page.default = page.id
        removing = FORM(INPUT(_name="media_id"))
        if removing.accepts(current.request, current.session, formname="wiki_media_delete"):
            number = str(removing.request_vars.get("media_id") or "")
            chosen = int(number) if number.isdecimal() and len(number) < 19 else 0
            mine = (table.wiki_page == page.id) & (table.id == chosen)
            db(mine).delete()
            redirect(URL(args=("_editmedia", slug)))
        form = SQLFORM(table).process(message_onsuccess=None)
        if form.accepted:
            redirect(URL(args=("_editmedia", slug)))
        rows = [
            TR(
                TD(A(row.title, _href=self.media_url(row))),
                TD(f"@////{'_media'}/{row.id}.{_ending(row.filename)}"),
                TD(delete_button(removing, media_id=row.id)),
            )
            for row in db(table.wiki_page == page.id).select(table.ALL)
        ]
        head = THEAD(TR(TH(T("Title"), _scope="col"), TH(T("Link"), _scope="col"), TH()))
        files = TABLE(head, *rows, _class="table") if rows else ""
        back = A(page.title, _href=URL(args=page.slug))
        return {"content": DIV(H2(T("Edit Page Media")), back, files, form)}

    def media_url(self, row: Any) -> str:
        """Return the address of a file."""
        return str(URL(args=("_media", f"{row.id}.{_ending(row.filename)}")))

    def media(self, number: str) -> Any:
        """Deliver a file of a page that the visitor may read.

        Raises:
            HTTP: the file; 404, 403.
        """
        table = self.auth.db.wiki_media
        row = table(int(number)) if number.isdecimal() and len(number) < 19 else None
        if row is None:
            raise HTTP(404)
        page = self.auth.db.wiki_page(row.wiki_page)
        if page is not None and not self.can_read(page):
            return self.not_authorized(page)
        request = current.request
        request.args = type(request.args)([row.filename])
        current.response.headers["X-Content-Type-Options"] = "nosniff"
        shown = _ending(row.filename) in SHOWN_ENDINGS
        return current.response.download(request, self.auth.db, attachment=not shown)

    # -- lists ---------------------------------------------------------------------------------------

    def _readable(self, rows: Any) -> list[Any]:
        return [row for row in rows if self.can_read(row)]

    def pages(self) -> Any:
        """Return the list of all pages, for those who manage them.

        Raises:
            HTTP: 303, 403.
        """
        if not self.can_manage():
            return self.not_authorized()
        db, T = self.auth.db, current.T
        table = db.wiki_page
        rows = [
            TR(
                TD(A(row.title, _href=URL(args=row.slug))),
                TD(row.slug),
                TD(A(T("Edit"), _href=URL(args=("_edit", row.slug)))),
                TD(A(T("Media"), _href=URL(args=("_editmedia", row.slug)))),
            )
            for row in db(table).select(table.title, table.slug, orderby=table.title)
        ]
        new = A(T("Create new page"), _href=URL(args="_create"))
        head = THEAD(TR(TH(T("Title"), _scope="col"), TH(T("Slug"), _scope="col"), TH(), TH()))
        return {"content": DIV(H2(T("Manage Pages")), new, TABLE(head, *rows, _class="table"))}

    def _list(self, rows: list[Any]) -> Any:
        return UL(*[LI(A(row.title, _href=URL(args=row.slug))) for row in rows], _class="w2p_wiki_pages")

    def recent(self) -> Any:
        """Return the pages that were changed last."""
        table = self.auth.db.wiki_page
        rows = self.auth.db(table).select(table.ALL, orderby=~table.modified_on, limitby=(0, 50))
        return {"content": DIV(H2(current.T("Recent changes")), self._list(self._readable(rows)))}

    def search(self) -> Any:
        """Return the form that searches titles and tags, and what it found.

        Raises:
            HTTP: 303, 403.
        """
        if not self.can_search():
            return self.not_authorized()
        asked = current.request.vars.getfirst("q") or current.request.args(1) or ""
        words = str(clean(asked)).strip()[:200]
        form = FORM(
            INPUT(_name="q", _value=words, _type="search", **{"_aria-label": current.T("Search")}),
            INPUT(_type="submit", _value=current.T("Search")),
            _method="get",
            _action=URL(args="_search"),
        )
        return {"content": DIV(form, self._found(words) if words else "", _class="w2p_wiki_form")}

    def _found(self, words: str, *ignored: Any) -> Any:
        db = self.auth.db
        page, tag = db.wiki_page, db.wiki_tag
        names = [word.strip().lower() for word in words.split(",") if word.strip()]
        tagged = db(tag.name.belongs(names))._select(tag.wiki_page)
        query = page.id.belongs(tagged)
        for name in names:
            query |= page.title.contains(name) | (page.slug == name)
        rows = db(query).select(page.ALL, orderby=page.title, limitby=(0, FOUND_AT_MOST))
        return self._list(self._readable(rows))

    def cloud(self) -> Any:
        """Return the tags, more frequent ones larger."""
        db = self.auth.db
        tag = db.wiki_tag
        count = tag.id.count()
        rows = db(tag.id > 0).select(tag.name, count, groupby=tag.name, orderby=~count, limitby=(0, 20))
        most = max([row[count] for row in rows], default=1)
        links = [
            SPAN(
                A(row.wiki_tag.name, _href=URL(args="_search", vars={"q": row.wiki_tag.name})),
                " ",
                _style=f"font-size:{100 + 100 * row[count] // most}%",
            )
            for row in rows
        ]
        return {"content": DIV(*links, _class="w2p_cloud")}

    def preview(self) -> Any:
        """Return a text as the page would show it, for who may write it.

        Asked for in the background it is the bare HTML, else a page. The text comes from a form of ours:
        nobody else can make a visitor's browser show something under this address.

        Raises:
            HTTP: 303, 403, 405.
        """
        request, session = current.request, current.session
        request.requires_post()
        sent = request.post_vars
        slug = str(sent.getfirst("slug") or "")
        page = self.page_of(slug) if slug else None
        if not (self.can_edit(page) if page is not None else self.can_create(slug)):
            return self.not_authorized()
        if not request.ajax and not is_key(session, sent._formname, sent._formkey):
            raise HTTP(403)
        html = html_of(sent.getfirst("body"), self.settings.render, self.environment())
        if request.ajax:
            return html
        return {"content": DIV(H2(current.T("Preview")), XML(html), _class="w2p_wiki_preview")}

    def _add_preview(self, form: Any) -> Any:
        """Put a button into a form that shows its text as a page: below, without JavaScript in a tab."""
        where = "w2p_wiki_preview"
        button = BUTTON(
            current.T("Preview"),
            _type="submit",
            _formaction=URL(args="_preview"),
            _formtarget="_blank",
            _formnovalidate=True,
            _class="btn btn-secondary",
            **{"_data-w2p_preview": where},
        )
        submit = form.element("input[type=submit]")
        (submit.parent if submit is not None and submit.parent is not None else form).append(button)
        return CAT(DIV(_id=where, _class="w2p_wiki_preview", **{"_aria-live": "polite"}), SCRIPT(_PREVIEW))


_PREVIEW = """
if (!window.w2pPreview) {
  window.w2pPreview = true;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("button[data-w2p_preview]");
    if (!button) return;
    event.preventDefault();
    const place = document.getElementById(button.dataset.w2p_preview);
    const sent = new FormData(button.form);
    button.disabled = true;
    try {
      const answer = await fetch(button.formAction, { method: "POST", body: sent, credentials: "same-origin",
        headers: { "X-Requested-With": "XMLHttpRequest" } });
      const text = await answer.text();
      if (answer.ok) place.innerHTML = text; else place.textContent = text || answer.statusText;
    } catch (problem) {
      place.textContent = String(problem);
    }
    button.disabled = false;
    place.scrollIntoView({ block: "nearest" });
  });
}
"""
"""Shows the text in the page that has the form, so that the form and the record it was made from stay."""


def _ending(filename: Any) -> str:
    return os.path.splitext(str(filename or ""))[1].lstrip(".").lower() or "bin"
