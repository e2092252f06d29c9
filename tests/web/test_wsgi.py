"""WSGI, COOP, LAYER: the site as one WSGI application."""

from __future__ import annotations

import wsgiref.validate

from werkzeug.test import EnvironBuilder

from runtime.web.application import Application
from runtime.web.client import TestClient


def test_wsgi_01_validator(site):
    """WSGI-1: the standard library's checker accepts the application."""
    site.write("static/a.css", "p {}")
    application = wsgiref.validate.validator(Application(site.root))
    for path in ("/myapp", "/myapp/static/a.css", "/nosuch/x"):
        environ = EnvironBuilder(path=path).get_environ()
        environ["SERVER_PROTOCOL"] = "HTTP/1.1"
        seen: list[str] = []
        result = application(
            environ, lambda status, headers, exc_info=None: seen.append(status) or (lambda b: None)
        )
        assert isinstance(b"".join(result), bytes)
        result.close()
        assert seen


def test_wsgi_03_external_middleware(site):
    """WSGI-3."""
    inner = Application(site.root)

    def upper(environ, start_response):
        return [piece.upper() for piece in inner(environ, start_response)]

    assert TestClient(upper).get("/myapp").text == "HELLO"


def test_wsgi_04_internal_middleware(site):
    """WSGI-4, REQ-23: only the decorated action is wrapped."""
    site.controller(
        """
        class Upper:
            def __init__(self, app): self.app = app
            def __call__(self, environ, start_response):
                return [piece.upper() for piece in self.app(environ, start_response)]
        class Twice:
            def __init__(self, app): self.app = app
            def __call__(self, environ, start_response):
                return list(self.app(environ, start_response)) * 2
        @request.wsgi.middleware(Upper, Twice)
        def index(): return 'hello'
        def other(): return 'hello'
        """
    )
    client = site.client()
    assert client.get("/myapp").text == "HELLOHELLO"
    assert client.get("/myapp/default/other").text == "hello"


def test_wsgi_05_08_inner_application(site):
    """WSGI-5, WSGI-8: status, headers and body of the inner application; it can read the posted body."""
    site.controller(
        """
        def app(environ, start_response):
            body = environ['wsgi.input'].read()
            start_response('201 CREATED', [('X-Inner', 'yes')])
            return [b'got ', body]
        def index():
            request.post_vars
            for item in app(request.wsgi.environ, request.wsgi.start_response):
                response.write(item, escape=False)
            return response.body.getvalue()
        """
    )
    page = site.client().post("/myapp", data={"a": "1"})
    assert (page.status_code, page.text, page.headers["X-Inner"]) == (201, "got a=1", "yes")


def test_wsgi_07_a_tuple_is_no_answer(run):
    """WSGI-7."""
    assert run("return ('200 OK', [], ['x'])") == "200 OK[]['x']"


def test_coop_05_files_of_other_applications(site):
    """COOP-5."""
    site.write("private/x.txt", "theirs", "other")
    site.controller(
        "import os\ndef index():\n    return open(os.path.join(request.folder, '..', 'other', 'private', 'x.txt')).read()\n"
    )
    assert site.client().get("/myapp").text == "theirs"


def test_layer_02_03_04_client(site):
    """LAYER-02, LAYER-03, LAYER-04: status, text, cookies, elements."""
    site.controller(
        'def index():\n    session.n = (session.n or 0) + 1\n    return \'<form><input name="title" value="%d"></form>\' % session.n\n'
    )
    client = site.client()
    for number in ("1", "2", "3"):
        page = client.get("/myapp")
        assert page.status_code == 200
        assert page.element("input[name=title]")["_value"] == number
    assert page.element("select") is None


def test_disabled_application(site):
    """PACK-03: visitors of one that is turned off see a maintenance page."""
    site.write("DISABLED", "")
    assert site.client().get("/myapp").status_code == 503


def test_ticket_names_the_view_and_its_line(site):
    """FLOW-10, ERR-08, ERR-10: never half a page with status 200."""
    site.controller("def index():\n    return dict(x=0)\n")
    site.view("first\n<p>\n{{=1 / x}}\n")
    page = site.client().get("/myapp")
    assert page.status_code == 500
    assert "first" not in page.text
    ticket = site.tickets()[0].read_text()
    assert "views/default/index.html" in ticket
    assert '"line": 3' in ticket


def test_syntax_errors_name_their_file(site):
    """FLOW-10: models, controllers, views."""
    for name, text in (
        ("models/db.py", "x = ("),
        ("controllers/default.py", "def index(:\n"),
        ("views/default/index.html", "{{if x}}"),
    ):
        for old in site.tickets():
            old.unlink()
        site.model("")
        site.controller("def index():\n    return dict(x=1)\n")
        site.write(name, text)
        assert site.client().get("/myapp").status_code == 500, name
        assert name in site.tickets()[0].read_text()


def test_secrets_stay_out_of_tickets(site):
    """FLOW-12: values of names that sound secret are masked at capture."""
    site.controller("def index():\n    password = 'hunter2'\n    api_key = 'k-123'\n    return str(1 / 0)\n")
    page = site.client().get(
        "/myapp", headers={"Cookie": "session_id_myapp=abc", "Authorization": "Basic zzz"}
    )
    assert page.status_code == 500
    text = site.tickets()[0].read_text()
    for secret in ('hunter2"', 'k-123"', "Basic zzz"):
        assert secret not in text
