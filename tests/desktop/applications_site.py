"""A site folder with applications as people have them, for pictures and tests."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tickets_site import ticket, write

DEFAULT = '''\
# start page, cart and sign-in of the shop
from datetime import timedelta

PAGE = 20


@auth.requires_login()
def account():
    return dict(orders=db(db.purchase_order.owner == auth.user_id).select())


def index():
    """What is in stock, newest first."""
    rows = db(db.thing.stock > 0).select(orderby=~db.thing.created, limitby=(0, PAGE))
    return dict(rows=rows, share=100 / len(rows))


def cart():
    items = session.cart or []
    if request.vars.add:
        items.append(int(request.vars.add))
        session.cart = items
    total = sum(db.thing(i).price for i in items)
    return dict(items=items, total=total)


def user():
    return dict(form=auth())
'''
DB = """\
db = DAL("sqlite://storage.sqlite")
db.define_table("person", Field("name"), Field("email"))
db.define_table("thing", Field("name"), Field("stock", "integer"), Field("price", "double"),
                Field("seller", "reference person"), Field("created", "datetime"))
db.define_table("purchase_order", Field("owner", db.person), Field("things", "list:reference thing"))
"""
INDEX = """\
{{extend 'layout.html'}}
<h1>{{=T("In stock")}}</h1>
{{for row in rows:}}<li>{{=row.name}}</li>{{pass}}
{{include 'default/gone.html'}}
"""


def fill(site: Path, now: float | None = None) -> None:
    """Six applications: on, off, compiled, broken, with a plugin, nearly empty."""
    now = time.time() if now is None else now
    shop = site / "applications" / "shop"
    write(shop / "controllers/default.py", DEFAULT)
    write(shop / "controllers/appadmin.py", "def index():\n    return dict()\n")
    write(shop / "controllers/reports.py", "def sales():\n    return dict()\n")
    write(shop / "models/db.py", DB)
    write(shop / "models/menu.py", "response.menu = []\n")
    write(shop / "models/plugin_wiki.py", "db.define_table('plugin_wiki', Field('text'))\n")
    write(shop / "controllers/plugin_wiki.py", "def index():\n    return dict()\n")
    write(shop / "views/default/index.html", INDEX)
    write(shop / "views/default/user.html", "{{extend 'layout.html'}}\n{{=form}}\n")
    write(shop / "views/layout.html", "<html><body>{{include}}</body></html>\n")
    write(
        shop / "languages/it.py",
        "# -*- coding: utf-8 -*-\n{\n'In stock': 'In stock',\n'Cart': 'Carrello',\n}\n",
    )
    write(shop / "static/css/shop.css", "/* shop */\nbody { color: #333; }\n")
    write(shop / "static/js/shop.js", "// shop\nlet cart = [];  /* TODO: keep it */\n")
    write(shop / "modules/prices.py", "def price():\n    # TODO: taxes\n    return 1\n")
    write(shop / "tests/test_prices.py", "def test_price():\n    assert True\n")
    write(shop / "private/appconfig.ini", "[app]\nname = shop\n")
    write(shop / "cron/crontab", "")
    write(shop / "ABOUT", "A small shop.\n\nIt sells things.\n")
    write(shop / "README.md", "# Shop\n\nStart it.\n")
    for at in range(3):
        ticket(
            site,
            "shop",
            "ZeroDivisionError",
            "division by zero",
            "controllers/default.py",
            15,
            now - 120 - at,
            number=at,
        )
    for name in ("lab", "welcome"):
        write(site / f"applications/{name}/controllers/default.py", "def index():\n    return 'hello'\n")
        write(site / f"applications/{name}/models/db.py", "answer = 42\n")
    write(site / "applications/lab/DISABLED", "disabled: True\n")
    write(site / "applications/oldbook/compiled/controllers.default.index.pyc", "")
    write(site / "applications/broken/controllers/default.py", "def index():\n    return 1\n")
    write(site / "applications/broken/models/db.py", "x = (1,\n")


def in_git(folder: Path) -> None:
    """Makes a repository of a folder, with one commit."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, timeout=30)

    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.email", "dev@example.com")
    git("config", "user.name", "Dev")
    git("add", "--all")
    git("commit", "--quiet", "--message=first")
