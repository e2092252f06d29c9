"""Administration of the databases of this application (APPADM-01..05): for the administrator only."""

import csv as csv_files
import io

from gluon.fileutils import check_credentials
from runtime.admin import cache as caches
from runtime.forms import identity

PAGE = 50

if not (request.is_https or request.is_local):
    raise HTTP(403, T("The administration of databases needs a secure channel."))
if request.application == "admin" or not check_credentials(request):
    redirect(URL("admin", "default", "index", vars=dict(send=request.env.path_info)), client_side=request.ajax)

response.view = "appadmin.html"
response.title = T("%(name)s databases", dict(name=request.application))
response.menu = [
    (T("Databases"), request.function == "index", URL("index"), []),
    (T("State"), request.function == "state", URL("state"), []),
    (T("Cache"), request.function == "ccache", URL("ccache"), []),
    (T("Administration"), False, URL("admin", "default", "site"), []),
]
databases = {name: value for name, value in sorted(globals().items()) if isinstance(value, DAL)}


def __database():
    db = databases.get(request.args(0))
    if db is None:
        session.flash = T("There is no such database.")
        redirect(URL("index"))
    return db


def __table():
    db = __database()
    if request.args(1) not in db.tables:
        session.flash = T("There is no such table.")
        redirect(URL("index"))
    return db, db[request.args(1)]


def index():
    """All databases and their tables."""
    return dict(databases=databases)


def insert():
    """The form of a new record: appadmin/insert/DATABASE/TABLE (APPADM-02)."""
    db, table = __table()
    form = SQLFORM(table, ignore_rw=True, showid=False)
    if form.process(message_onsuccess=T("The record was added.")).accepted:
        form = SQLFORM(table, ignore_rw=True, showid=False)
        form.process(dbio=False)
    return dict(form=form, table=table)


def update():
    """The form of a record: appadmin/update/DATABASE/TABLE/ID, or what stands for its key."""
    db, table = __table()
    key = identity.key_of(table)
    try:
        record = table(identity.query_of(key, identity.values_of(key, request.args(2))))
    except (ValueError, OverflowError):
        record = None
    if record is None:
        session.flash = T("There is no such record.")
        redirect(URL("select", args=request.args[:2]))
    form = SQLFORM(
        table, record, deletable=True, ignore_rw=True, delete_label=T("Delete this record"),
        upload=URL("download", args=request.args[:1]),
    )
    if form.process(message_onsuccess=T("The record was changed."), detect_record_change=True).accepted:
        session.flash = T("The record was deleted.") if form.vars.delete_this_record else response.flash
        redirect(URL("select", args=request.args[:2]))
    return dict(form=form, table=table, referring=__referring(table, record))


def __referring(table, record):
    """The fields that refer to a record, with the query for their records."""
    found = []
    for field in table._referenced_by:
        value = record[field.type.partition(".")[2] or table._id.name]
        found.append((field, f"{request.args(0)}.{field}=={int(value) if isinstance(value, int) else str(value)!r}"))
    return found


def download():
    """Delivers an uploaded file of a record."""
    return response.download(request, __database())


def select():
    """Records of a query: appadmin/select/DATABASE/TABLE?query=...; update, delete, export, import (APPADM-03)."""
    db = __database()
    text = request.vars.query or (__whole(db, request.args(1)) if request.args(1) in db.tables else "")
    form = FORM(
        LABEL(T("Query"), TEXTAREA(_name="query", _rows=2, value=text, requires=IS_NOT_EMPTY())),
        LABEL(T("Change the records to"), INPUT(_name="update_fields", _placeholder="name='value', other=1")),
        LABEL(INPUT(_name="update_check", _type="checkbox"), T("Change all of them")),
        LABEL(INPUT(_name="delete_check", _type="checkbox"), T("Delete all of them")),
        INPUT(_type="submit", _value=T("Run")),
    )
    sent = form.process(keepvalues=True, message_onsuccess=None, message_onfailure=None, formname="query").accepted
    answer = dict(form=form, rows=None, total=0, page=0, text=text, problem="", table=None, upload=None, links=None)
    if not (form.vars.query if sent else text):
        return answer
    answer["text"] = form.vars.query if sent else text
    try:
        query = __query(answer["text"])
        chosen = db(query)
        tables = db._adapter.tables(query)
        answer["table"] = next(iter(tables)) if len(tables) == 1 else None
        if sent and form.vars.update_check and form.vars.update_fields:
            changed = chosen.update(**__values(form.vars.update_fields))
            response.flash = T("%s %%{record} changed", changed)
        elif sent and form.vars.delete_check:
            response.flash = T("%s %%{record} deleted", chosen.delete())
        answer["total"] = chosen.count()
        answer["page"] = min(max(0, __number(request.vars.start)), max(0, answer["total"] - 1) // PAGE)
        first = answer["page"] * PAGE
        order = __order(db, tables)
        answer["rows"] = chosen.select(limitby=(first, first + PAGE), orderby=order)
    except Exception as error:  # whatever is wrong with it, the administrator wrote it and is told
        db.rollback()
        answer["problem"] = f"{type(error).__name__}: {error}"
    if answer["table"]:
        answer["links"] = __links(db[answer["table"]])
        answer["upload"] = __import(db, db[answer["table"]])
    return answer


def __whole(db, name):
    """The query for all records of a table."""
    first = identity.key_of(db[name])[0]
    return f"{request.args(0)}.{name}.id>0" if first.type == "id" else f"{request.args(0)}.{first}!=None"


def __links(table):
    """The column that leads to the records of a keyed table; a number leads to its record itself."""
    key = identity.key_of(table)
    if key[0].type == "id":
        return []
    name = str(table)

    def content(row, column):
        return A(T("Edit"), _href=URL("update", args=[request.args(0), name, identity.text_of(key, row)]))

    return [dict(label="", content=content)]


def __number(text):
    return int(text) if str(text or "").isdigit() else 0


def __query(text):
    """The query that the administrator wrote, in the language of the models."""
    found = eval(text, {"__builtins__": {}}, {**databases, "datetime": request.now.__class__, "now": request.now})
    if not hasattr(found, "_tablename") and not hasattr(found, "case"):
        raise ValueError(T("this is no query"))
    return found


def __values(text):
    return eval(f"dict({text})", {"__builtins__": {"dict": dict}}, {**databases, "now": request.now})


def __order(db, tables):
    name = str(request.vars.orderby or "")
    down, name = name.startswith("~"), name.lstrip("~")
    table, _, field = name.partition(".")
    if table in tables and field in db[table].fields:
        return ~db[table][field] if down else db[table][field]
    return None


def __import(db, table):
    """The form that takes records from a CSV file, all of them or none."""
    form = FORM(
        LABEL(T("Records from a CSV file"), INPUT(_type="file", _name="csvfile", requires=IS_NOT_EMPTY())),
        INPUT(_type="submit", _value=T("Import")),
        _class="import",
    )
    if form.process(formname="import", message_onsuccess=None, message_onfailure=None).accepted:
        line = 1
        try:
            for line, part in __parts(form.vars.csvfile.file.read().decode("utf-8-sig")):
                table.import_from_csv_file(part)
            response.flash = T("The records were added.")
        except Exception as error:  # whatever is wrong with the file, the administrator chose it and is told
            db.rollback()
            problem = f"{error.__class__.__name__}: {error}"[:300]
            response.flash = T("Nothing was imported. Line %(line)s: %(problem)s", dict(line=line, problem=problem))
    return form


def __parts(text):
    """Each record of a CSV file under the names of its columns, and the number of the line that it ends in."""
    lines = csv_files.reader(io.StringIO(text, newline=""))
    names = next(lines, [])
    for line in filter(None, lines):
        part = io.StringIO(newline="")
        csv_files.writer(part).writerows([names, line])
        part.seek(0)
        yield lines.line_num, part


def csv():
    """The records of a query as a CSV file (APPADM-03)."""
    db = __database()
    try:
        rows = db(__query(request.vars.query or "")).select()
    except Exception as error:
        session.flash = T("The query can not be read: %(problem)s", dict(problem=str(error)[:300]))
        redirect(URL("select", args=request.args[:1]))
    response.headers["Content-Type"] = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{request.args(0)}.csv"'
    out = io.StringIO()
    rows.export_to_csv_file(out)
    return out.getvalue()


def state():
    """What a request, its answer and the session hold (APPADM-04)."""
    return dict(parts=[("request", request), ("response", response), ("session", session)])


def ccache():
    """Keys and figures of the caches, and clearing them (APPADM-04, ADMIN-06)."""
    from pathlib import Path

    site = Path(request.folder).parent.parent
    form = FORM(
        *(BUTTON(words, _type="submit", _name=name, _value="yes") for name, words in (
            ("ram", T("Clear memory")), ("disk", T("Clear disk")), ("both", T("Clear both")),
        )),
        _class="actions",
    )
    if form.process(formname="ccache", message_onsuccess=None).accepted:
        for store in ("ram", "disk"):
            if request.post_vars[store] or request.post_vars.both:
                caches.clear(site, request.application, store=store)
        session.flash = T("The cache was cleared.")
        redirect(URL("ccache"))
    figures = caches.statistics(site).get(request.application, {})
    keys = {store: caches.list_keys(site, request.application, store=store, limit=200) for store in ("ram", "disk")}
    return dict(form=form, figures=figures, keys=keys)
