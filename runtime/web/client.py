"""In-process test client: requests without a network (LAYER-02..04).

client = TestClient(Application(site))
page = client.get("/welcome")
assert page.status_code == 200 and page.element("input[name=title]")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.test import Client
from werkzeug.wrappers import Response as WsgiResponse

from runtime.html import TAG

if TYPE_CHECKING:
    from runtime.web.application import Application


class Page(WsgiResponse):
    """An answer, with its HTML as a tree.

    Attributes:
        status_code: number of the status.
        headers: of the answer.
        data: the body's bytes; `text` is the same decoded.
    """

    @property
    def tree(self) -> Any:
        """The page parsed into helpers (LAYER-04)."""
        return TAG(self.get_data(as_text=True))

    def elements(self, selector: str, **options: Any) -> list[Any]:
        """Return the elements of the page that match `selector`."""
        return list(self.tree.elements(selector, **options))

    def element(self, selector: str, **options: Any) -> Any:
        """Return the first matching element, None when there is none."""
        found = self.elements(selector, **options)
        return found[0] if found else None

    def hidden(self, selector: str = "form") -> dict[str, str]:
        """Return the hidden fields of the forms that match, ready to be sent back with others."""
        fields = (node for form in self.elements(selector) for node in form.elements("input[type=hidden]"))
        return {node["_name"]: node["_value"] for node in fields}


class TestClient(Client):
    """A visitor of `application`: keeps cookies, follows redirects when asked (LAYER-03).

    ``get``, ``post`` and the other methods take Werkzeug's arguments: `data`
    (fields and files), `json`, `headers`, `query_string`, `follow_redirects`.
    """

    __test__ = False  # the name begins as pytest's own classes do

    def __init__(self, application: Application, **options: Any) -> None:
        super().__init__(application, Page, **options)

    def open(self, *arguments: Any, **options: Any) -> Any:
        """Send one request and return its `Page`."""
        if arguments and isinstance(arguments[0], str):
            options["environ_base"] = {"REMOTE_ADDR": "127.0.0.1"} | (options.get("environ_base") or {})
        return super().open(*arguments, **options)
