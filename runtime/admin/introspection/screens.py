"""The screens of an existing database: a grid and a form for each table, as source to change (DBI-04)."""

from __future__ import annotations

from pathlib import Path

from runtime.admin.introspection.description import Description
from runtime.admin.introspection.models import in_order, table_names, write_models
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

_HEAD = '''\
# Screens of the tables of {db}, one function per table: yours to change.
# What a grid shows and allows is said by its arguments: fields, links, deletable, csv, paginate ...
from gluon.fileutils import check_credentials

# Who comes in: the administrator of this server. To let a group of users in instead, take these lines
# away and write  @auth.requires_membership("the group")  before each function.
if not check_credentials(request):
    log_in = URL("admin", "default", "index", vars=dict(send=request.env.path_info))
    redirect(log_in, client_side=request.ajax)

response.view = "{db}/table.html"


def index():
    """The tables."""
    response.view = "{db}/index.html"
    return dict(tables={pages!r})
'''

_GRID = '''

def {page}():
    """Rows of {table}, those that refer to them, and their forms."""
    return dict(title={table!r}, grid=SQLFORM.smartgrid({db}[{name!r}], user_signature=False))
'''

_KEYED = '''

def {page}():
    """Rows of {table}, which only {key} together tell apart, and their form."""
    return dict(title={table!r}, grid=__rows_and_form({db}[{name!r}]))
'''

_ROWS_AND_FORM = '''

def __rows_and_form(table, page_size=50):
    """A page of rows and the form of the one that the address names by all parts of its key."""
    key = dict((name, request.get_vars[name]) for name in table._primarykey)
    record = None
    if None not in key.values():
        named = reduce(lambda a, b: a & b, [table[name] == value for name, value in key.items()])
        try:
            record = {db}(named).select(limitby=(0, 1)).first()
        except ValueError:  # text where the key is a number
            record = None
        if record is None:
            session.flash = T("There is no such record.")
            redirect(URL())
    form = SQLFORM(table, record, deletable=True)
    if form.process(detect_record_change=True).accepted:
        session.flash = T("The record was saved.")
        redirect(URL())
    if record is not None:
        return form
    try:
        page = max(0, int(request.get_vars.page or 0))
    except ValueError:
        page = 0
    start = page * page_size
    order = [table[name] for name in table._primarykey]
    rows = {db}(table).select(orderby=order, limitby=(start, start + page_size))
    pages = [A(T("Back"), _href=URL(vars=dict(page=page - 1)))] if page else []
    if len(rows) == page_size:
        pages.append(A(T("More"), _href=URL(vars=dict(page=page + 1))))
    edit = dict(
        label="",
        content=lambda row, column: A(T("Edit"), _href=URL(vars=dict((name, row[name]) for name in key))),
    )
    listed = SQLTABLE(rows, headers="labels", truncate=60, extracolumns=[edit])
    return DIV(DIV(listed, _class="web2py_htmltable"), P(*pages), H2(T("Add Record")), form)
'''

_INDEX = """\
{{extend 'layout.html'}}
<h1>{{=T('Tables')}}</h1>
<ul>
  {{for page, name in tables:}}<li><a href="{{=URL(page)}}">{{=name}}</a></li>
  {{pass}}
</ul>
"""

_TABLE = """\
{{extend 'layout.html'}}
<p><a href="{{=URL('index')}}">{{=T('Tables')}}</a></p>
<h1>{{=title}}</h1>
{{=grid}}
"""

_MENU = """\
# The screens of the tables of {db} in the menu of every page.
response.menu.append((T("Tables"), request.controller == "{db}", URL("{db}", "index"), []))
"""


def write_controller(found: Description, db: str) -> str:
    """Return the controller: one action per table with a grid and forms, and one that lists them (DBI-04).

    Args:
        found: the description of the database.
        db: name of the database object in the models.
    """
    names = table_names(found)
    pages = {table.name: _page_name(names[table.name], db) for table in in_order(found.tables)}
    parts = [_HEAD.format(db=db, pages=[(pages[name], name) for name in sorted(pages)])]
    keyed = False
    for table in in_order(found.tables):
        words = {"db": db, "page": pages[table.name], "table": table.name, "name": names[table.name]}
        numbered = len(table.primary_key) == 1 or (not table.primary_key and found.engine == "sqlite")
        if numbered:
            parts.append(_GRID.format(**words))
            continue
        key = table.primary_key or tuple(column.name for column in table.columns)
        parts.append(_KEYED.format(key=" and ".join(key), **words))
        keyed = True
    if keyed:
        parts[0] = f"from functools import reduce\n\n{parts[0]}"
        parts.append(_ROWS_AND_FORM.format(db=db))
    return "".join(parts)


def _page_name(table: str, db: str) -> str:
    """Return the name of a table's action: never one that the controller needs for something else."""
    from runtime.web.environment import base_names

    taken = {"index", "auth", "check_credentials", "reduce", "request", "response", "session", db}
    return f"{table}_rows" if table in taken or table in base_names() else table


def add_screens(application: Path, found: Description, uri: str, db: str, origin: str) -> list[Path]:
    """Write models, screens, views and a menu entry for a database into an application (DBI-01, DBI-04).

    Args:
        application: its folder.
        found: the description.
        uri: address of the database.
        db: name of the database object, of the controller and of its views.
        origin: where the description comes from, without a password.

    Returns:
        The files, in the order they were written.

    Raises:
        UserError: one of the files is there already; nothing was written then.
    """
    files = {
        application / "models" / f"{db}.py": write_models(found, uri, db, origin),
        application / "models" / f"menu_{db}.py": _MENU.format(db=db),
        application / "controllers" / f"{db}.py": write_controller(found, db),
        application / "views" / db / "index.html": _INDEX,
        application / "views" / db / "table.html": _TABLE,
    }
    for path in files:
        if path.exists():
            raise UserError(f"{path} is there already; another name with --db leaves it alone")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text)
    return list(files)
