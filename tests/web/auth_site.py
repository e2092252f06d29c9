"""A site with users, as the scaffolding of applications makes it."""

from __future__ import annotations

import re

from runtime.web.afterwards import afterwards

MODEL = """
from gluon.tools import Auth, Service, PluginManager
db = DAL('sqlite://storage.sqlite')
auth = Auth(db)
auth.settings.login_after_registration = False  # tests of the login page want one who is not in yet
service, plugins = Service(), PluginManager()
{settings}
auth.define_tables(username={username}, signature=False)
mail = auth.settings.mailer
mail.settings.server = 'logging:mails.txt'
mail.settings.sender = 'site@example.com'
mail.settings.tls = False
{after}
"""

CONTROLLER = """
def index():
    return 'index %s' % (auth.user.email if auth.user else 'nobody')

def user():
    return dict(form=auth())

@auth.requires_login()
def private():
    return 'private of %s' % auth.user.id

def download():
    return response.download(request, db)
"""

VIEW = "<p id='flash'>{{=response.flash or ''}}</p>{{=form}}"


def build(site, settings="", after="", username="False", controller="", security=True):
    """Write an application with users; `settings` run before, `after` behind the definition of the tables."""
    site.model(MODEL.format(settings=settings, after=after, username=username))
    site.controller(CONTROLLER + controller)
    site.view(VIEW, "default/user.html")


class Visitor:
    """A visitor who fills in forms."""

    def __init__(self, site, client=None, address="127.0.0.1"):
        self.site = site
        self.client = client or site.client()
        self.base = {"REMOTE_ADDR": address}
        self.page = None

    def get(self, path, **options):
        self.page = self.client.get(f"/myapp/default/{path}", environ_base=self.base, **options)
        return self.page

    def fill(self, path, **fields):
        """Open a page, put `fields` into its form, send it."""
        self.get(path)
        assert self.page.status_code in (200, 422), (
            self.page.status_code,
            self.page.headers.get("Location"),
            self.page.text,
        )
        return self.send(path, **fields)

    def send(self, path, **fields):
        data = {}
        for node in self.page.elements("input[type=hidden]"):
            data[str(node["_name"])] = str(node["_value"])
        for node in self.page.elements("form input"):
            if node["_type"] in ("text", "string") and node["_value"]:
                data.setdefault(str(node["_name"]), str(node["_value"]))
        data.update(fields)
        self.page = self.client.post(f"/myapp/default/{path}", data=data, environ_base=self.base)
        return self.page

    @property
    def location(self):
        return self.page.headers.get("Location")

    @property
    def flash(self):
        """What the next page says."""
        if self.page.status_code == 303:
            self.get("user/not_authorized")
        return self.page.element("#flash").flatten() if self.page.element("#flash") else ""

    def register(self, email="ada@example.com", password="secret-1", **more):
        fields = dict(
            first_name="Ada", last_name="Lovelace", email=email, password=password, password_two=password
        )
        return self.fill("user/register", **(fields | more))

    def login(self, email="ada@example.com", password="secret-1", path="user/login", **more):
        return self.fill(path, email=email, password=password, **more)

    def is_in(self, email="ada@example.com"):
        return self.get("index").text == f"index {email}"


def mails(site):
    """The messages sent so far, and those on their way."""
    assert afterwards.settle(60)
    path = site.app / "mails.txt"
    if not path.exists():
        return []
    text = path.read_text().replace("=\n", "").replace("=3D", "=")
    return [part for part in text.split("mail to ") if part]


def links(site):
    """The addresses in the last message."""
    return re.findall(r"http://localhost(/\S+)", mails(site)[-1])


def run_in_app(site, code):
    """Run lines in the application's environment, with its models; what they put into `out` is returned."""
    site.controller(
        "def index():\n    out = []\n"
        + "".join(f"    {line}\n" for line in code.splitlines())
        + "    return repr(out)\n",
        "lines",
    )
    page = site.client().get("/myapp/lines/index")
    assert page.status_code == 200, page.text
    return eval(page.text.replace("&#x27;", "'"))
