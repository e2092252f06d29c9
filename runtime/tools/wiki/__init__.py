"""`Wiki`: pages that visitors write, below one action (`auth.wiki`)."""

from __future__ import annotations

from typing import Any

from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.html import DIV, H1, SPAN, XML, A
from runtime.routing import URL
from runtime.tools.wiki.menu import menu_of
from runtime.tools.wiki.pages import WikiPages
from runtime.tools.wiki.rendering import html_of

__all__ = ["Wiki"]


class Wiki(WikiPages):
    """Pages with a slug, a title, a body in MARKMIN, tags, files, and groups that may read and edit them.

    Made by `auth.wiki`; see there for the arguments.
    """

    def __call__(self) -> Any:
        """Answer the request: the arguments of the address choose a page or what to do with it.

        Raises:
            HTTP: 404 for an unknown page that may not be made, 403 without the rights; redirects.
        """
        args = current.request.args
        name = str(args(0) or "")
        if not name:
            return self.read(self.settings.first_slug)
        if not name.startswith("_"):
            return self.read(name)
        if not self._enabled(name):
            raise HTTP(404)
        if name == "_edit":
            return self.edit(self._slug(args), int(args(2) or 0) if str(args(2) or "").isdecimal() else 0)
        if name == "_create":
            return self.create()
        if name == "_editmedia":
            return self.editmedia(self._slug(args))
        if name == "_media":
            return self.media(str(args(1) or "").partition(".")[0])
        simple = {
            "_pages": self.pages,
            "_search": self.search,
            "_recent": self.recent,
            "_cloud": self.cloud,
            "_preview": self.preview,
        }
        if name in simple:
            return simple[name]()
        raise HTTP(404)

    def _enabled(self, name: str) -> bool:
        if name in ("_search", "_cloud"):
            return not self.settings.restrict_search or self.can_manage()
        return True

    def _slug(self, args: Any) -> str:
        return str(args(1) or self.settings.first_slug)

    def read(self, slug: str, force_render: bool = False) -> Any:
        """Show a page; who may make pages is led to the form for one that is not there.

        Raises:
            HTTP: 404, 403.
        """
        page = self.page_of(slug)
        if page is None:
            if self.can_create(slug):
                redirect(URL(args=("_create", slug)))
            raise HTTP(404)
        if not self.can_read(page):
            return self.not_authorized(page)
        if current.request.extension == "load":
            return self.html(page, force_render)
        if current.request.extension not in (None, "html"):
            return {"title": page.title, "slug": page.slug, "page": page.body, "content": self.html(page)}
        content = XML(self.html(page, force_render or self.settings.force_render))
        return {
            "title": page.title,
            "slug": page.slug,
            "page": page,
            "content": DIV(H1(page.title), content, self.tools(page), _class="w2p_wiki"),
            "tags": page.tags,
            "created_on": page.created_on,
            "modified_on": page.modified_on,
        }

    def html(self, page: Any, force: bool = False) -> str:
        """Return a page as HTML; rendered again when it is not kept."""
        if page.html and not force:
            return str(page.html)
        return html_of(page.body, page.render or self.settings.render, self.environment())

    def tools(self, page: Any) -> Any:
        """Return the links to what the visitor may do with a page."""
        links = []
        T = current.T
        if page is not None and self.can_edit(page):
            links.append(A(T("Edit Page"), _href=URL(args=("_edit", page.slug))))
            links.append(A(T("Edit Page Media"), _href=URL(args=("_editmedia", page.slug))))
        if self.can_create():
            links.append(A(T("Create new page"), _href=URL(args="_create")))
        if self.can_manage():
            links.append(A(T("Manage pages"), _href=URL(args="_pages")))
        if self.can_search():
            links.append(A(T("Search Pages"), _href=URL(args="_search")))
        return DIV(*[SPAN(link, " ") for link in links], _class="w2p_wiki_tools") if links else ""

    def menu(self, controller: str | None = None, function: str | None = None) -> list[Any]:
        """Return the page ``wiki-menu`` as items for `response.menu`, and the visitor's tools.

        The tools are there for members of ``menu_groups`` only, where it was given.
        """
        page = self.page_of("wiki-menu")
        items = menu_of(page.body, controller, function) if page is not None and self.can_read(page) else []
        T = current.T
        own: list[Any] = []
        if self.can_create():
            own.append((T("Create New Page"), False, URL(controller, function, args="_create")))
        if self.can_manage():
            own.append((T("Manage Pages"), False, URL(controller, function, args="_pages")))
            own.append((T("Edit Menu"), False, URL(controller, function, args=("_edit", "wiki-menu"))))
        if self.can_search():
            own.append((T("Search Pages"), False, URL(controller, function, args="_search")))
        if own and self.can_see_menu():
            items.append((T("[Wiki]"), False, None, own))
        return items
