"""The same application with Django; its session is in the database, as by default."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from peers import workload
from peers.catalog import write_catalog

LAYOUT = """{% load i18n %}<!DOCTYPE html>
<html><head><title>{{ title }}</title></head>
<body><header><a href="{% url 'hello' %}">{% translate 'Products' %}</a></header>
<main>{% block main %}{% endblock %}</main><footer>{{ request.path }}</footer></body></html>
"""

PAGE = """{% extends 'layout.html' %}{% load i18n %}{% block main %}
<h1>{% translate 'Products' %}</h1><p>{{ greeting }}</p>
<table><tr><th></th><th>{% translate 'Name' %}</th><th>{% translate 'Price' %}</th></tr>
{% for number, name, price in rows %}<tr><td>{{ number }}</td><td>{{ name }}</td><td>{{ price }}</td></tr>
{% endfor %}</table><p>{% translate 'Last update today' %}</p>{% endblock %}
"""

ITEMS = """{% extends 'layout.html' %}{% block main %}<table>
{% for item in rows %}<tr><td>{{ item.id }}</td><td>{{ item.name }}</td><td>{{ item.title }}</td>\
<td>{{ item.amount }}</td><td>{{ item.group.name }}</td></tr>
{% endfor %}</table>{% endblock %}
"""

ADD = """{% extends 'layout.html' %}{% block main %}
<form method="post">{% csrf_token %}{{ form }}<button>OK</button></form>{% endblock %}
"""

urlpatterns: list[Any] = []


def _configure(folder: Path) -> None:
    write_catalog(folder / "locale", "django")
    templates = {"layout.html": LAYOUT, "page.html": PAGE, "items.html": ITEMS, "add.html": ADD}
    settings.configure(
        SECRET_KEY="benchmark",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "storage.sqlite"),
                               "CONN_MAX_AGE": None}},
        INSTALLED_APPS=["django.contrib.sessions"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                    "django.middleware.locale.LocaleMiddleware",
                    "django.middleware.common.CommonMiddleware",
                    "django.middleware.csrf.CsrfViewMiddleware"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                    "OPTIONS": {"loaders": [("django.template.loaders.cached.Loader",
                                             [("django.template.loaders.locmem.Loader", templates)])],
                                "context_processors": ["django.template.context_processors.request"]}}],
        LANGUAGES=[("en", "English"), ("de", "Deutsch")],
        LOCALE_PATHS=[str(folder / "locale")],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
    )  # fmt: skip
    django.setup()


def _columns(names: tuple[tuple[str, ...], tuple[str, ...]]) -> dict[str, Any]:
    from django.db import models

    columns: dict[str, Any] = {name: models.CharField(max_length=100, null=True) for name in names[0]}
    columns.update((name, models.IntegerField(default=0, null=True)) for name in names[1])
    return columns


def _model(table: str, **columns: Any) -> Any:
    from django.db import models

    meta = type("Meta", (), {"app_label": "bench", "db_table": table})
    return type(table.title(), (models.Model,), {"__module__": __name__, "Meta": meta, **columns})


def make(folder: Path) -> Any:
    """Return the application; its database and files go to `folder`."""
    workload.write_static(folder / "static")
    _configure(folder)
    from django.core.management import call_command
    from django.core.validators import MaxValueValidator, MinValueValidator
    from django.core.wsgi import get_wsgi_application
    from django.db import connection, models

    keep = models.DO_NOTHING
    group = _model("groups", **_columns(workload.COLUMNS["groups"]))

    def with_group(name: str) -> Any:
        reference = models.ForeignKey(group, keep, db_column="group_id", null=True)
        return _model(name, **_columns(workload.COLUMNS[name]), group=reference)

    item, person = with_group("item"), with_group("person")
    note = _model(
        "note",
        title=models.CharField(max_length=100),
        amount=models.IntegerField(validators=[MinValueValidator(0), MaxValueValidator(999)]),
        body=models.TextField(),
    )
    many: list[Any] = []
    for number in range(workload.TABLES):
        parent = {"parent": models.ForeignKey(many[-1], keep, null=True)} if many else {}
        many.append(_model(f"t{number}", **_columns(workload.MANY_COLUMNS), **parent))
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        for model in (group, item, person, note, *many):
            editor.create_model(model)
    workload.fill(folder / "storage.sqlite")
    _add_addresses(folder, item, note, many[1])
    return get_wsgi_application()


def _add_addresses(folder: Path, item: Any, note: Any, table: Any) -> None:
    from django.forms import modelform_factory
    from django.http import HttpResponse, HttpResponseRedirect
    from django.shortcuts import render
    from django.urls import path
    from django.utils.translation import gettext
    from django.views.static import serve

    Form = modelform_factory(note, fields=["title", "amount", "body"])

    def hello(request: Any) -> Any:
        return HttpResponse("Hello")

    def login(request: Any) -> Any:
        request.session["user"] = "ann"
        return HttpResponse("welcome")

    def page(request: Any) -> Any:
        greeting = gettext("Hello %s") % request.session.get("user")
        return render(
            request, "page.html", {"rows": workload.PAGE_ROWS, "greeting": greeting, "title": "bench"}
        )

    def counter(request: Any) -> Any:
        request.session["counter"] = request.session.get("counter", 0) + 1
        return HttpResponse(str(request.session["counter"]))

    def items(request: Any) -> Any:
        rows = item.objects.select_related("group").order_by("name")[: workload.SHOWN]
        return render(request, "items.html", {"rows": rows, "title": "bench"})

    def add(request: Any) -> Any:
        form = Form(request.POST or None)
        if request.method == "POST" and form.is_valid():
            form.save()
            return HttpResponseRedirect("/bench/default/hello", status=303)
        return render(request, "add.html", {"form": form, "title": "bench"})

    def wait(request: Any) -> Any:
        time.sleep(workload.WAIT)
        return HttpResponse(request.session.get("user", "nobody"))

    def large(request: Any) -> Any:
        list(table.objects.all()[:1])
        return HttpResponse("Hello")

    urlpatterns[:] = [
        path("plain/default/hello", hello),
        path("bench/default/hello", hello, name="hello"),
        *(path(f"bench/default/{view.__name__}", view) for view in (login, page, counter, items, add, wait)),
        path("bench/static/<path:path>", serve, {"document_root": str(folder / "static")}),
        path("many/default/hello", large),
    ]
