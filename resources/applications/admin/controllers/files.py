"""Files of an application: models, views, controllers, languages, static files (ADMIN-01, APPDIR-08, OCC-12)."""

import administration
from runtime.admin import bin as bins
from runtime.admin import new_files, sources
from runtime.foundation.problems import UserError


def index():
    """The files of an application by kind; a form makes a new one: files/index/APP."""
    folder = administration.application_folder(SITE, request.args(0))
    if request.method == "POST":
        administration.needs_post()
        kind, name = str(request.post_vars.kind or ""), str(request.post_vars.name or "").strip()
        if kind not in administration.KINDS:
            raise HTTP(400)
        try:
            made = new_files.create_file(folder, kind, name)
        except UserError as problem:
            session.flash = str(problem)
            redirect(URL("index", args=folder.name))
        redirect(URL("edit", args=folder.name, vars=dict(file=made.relative_to(folder).as_posix())))
    return dict(app=folder.name, found=administration.files_of(folder))


def edit():
    """The text of a file: files/edit/APP?file=models/db.py."""
    folder = administration.application_folder(SITE, request.args(0))
    path, name = administration.editable_file(folder, str(request.get_vars.file or "").split("/"))
    try:
        source = sources.read_source(path)
    except UserError as problem:
        return dict(app=folder.name, name=name, source=None, text="", shown="", faults=[], theirs=None, problem=str(problem))
    page = dict(app=folder.name, name=name, source=source, text=source.text, theirs=None, problem=source.read_only)
    if name in administration.READ_ONLY:
        page["problem"] = T("This file is shown only.")
    elif request.method == "POST" and not source.read_only:
        administration.needs_post()
        page.update(__save(source, str(request.post_vars.text or "").replace("\r\n", "\n")))
    page.setdefault("shown", sources.fingerprint(source))
    page["faults"] = sources.check_text(path, page["text"])
    return page


def __save(source, text):
    """Writes what was sent unless the file holds something else than the page showed; then both are shown (OCC-12)."""
    try:
        if request.post_vars.shown != sources.fingerprint(source):
            raise sources.ChangedOnDisk
        written = sources.write_source(source, text)
    except sources.ChangedOnDisk:
        response.flash = T("Somebody else has changed this file meanwhile. Nothing was saved: compare, then save again.")
        return dict(text=text, theirs=source.text)
    except UserError as problem:
        return dict(text=text, problem=str(problem))
    response.flash = T("Saved")
    return dict(text=text, shown=sources.fingerprint(written))


def delete():
    """Moves a file into the bin of the site."""
    administration.needs_post()
    folder = administration.application_folder(SITE, request.post_vars.app)
    path, name = administration.editable_file(folder, str(request.post_vars.name or "").split("/"))
    if name in administration.READ_ONLY:
        raise HTTP(400)
    if path.is_file():
        bins.throw_away(SITE, path, "file")
        session.flash = T("%(name)s was moved into the bin.", dict(name=name))
    redirect(URL("index", args=folder.name))
