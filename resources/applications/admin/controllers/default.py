"""Logging in; applications: make, install, pack, turn off, remove; tickets, cache, routes (ADMIN-02..06)."""

import administration
from runtime.admin import applications, tickets
from runtime.errors import TicketError, delete_tickets, list_tickets, read_summary, read_ticket, ticket_html
from runtime.errors.grouping import group_summaries
from runtime.foundation.problems import UserError
from runtime.tools import administrator

MOST_TICKETS = 2000  # read for the list of an application


def index():
    """The log-in (ADMIN-08, CLI-07)."""
    if is_administrator:
        redirect(administration.way_back(request.vars.send))
    mark, error = administrator.password_mark(request), ""
    if mark and request.method == "POST":
        seconds = administration.seconds_to_wait()
        if seconds:
            error = T("Too many wrong passwords. Wait %s %%{second}.", seconds)
            response.status, response.headers["Retry-After"] = 429, str(seconds)
        elif administration.is_password(str(request.post_vars.password or "")):
            administration.forget_failures()
            administrator.log_in(session, mark)
            redirect(administration.way_back(request.vars.send))
        else:
            error = T("Invalid password")
            response.status = 403
    return dict(is_open=bool(mark), error=error)


def enter():
    """A link that the window made: it lets in once, a browser on this machine."""
    mark = administrator.password_mark(request)
    if not (mark and request.is_local and administrator.use_link(str(request.vars.token or ""))):
        session.flash = T("This link was used already, or is too old.")
        redirect(URL("index", vars=dict(send=request.vars.send or "")))
    administrator.log_in(session, mark)
    redirect(administration.way_back(request.vars.send))


def logout():
    """Ends the log-in."""
    session.renew(clear_session=True)
    session.flash = T("Logged out")
    redirect(URL("index"))


def site():
    """All applications, and what can be done with them."""
    found = applications.list_applications(SITE)
    counts = {info.name: len(list_tickets(info.folder)) for info in found}
    return dict(found=found, counts=counts)


def act():
    """Carries out what a button of the page of applications says."""
    administration.needs_post()
    action, name = str(request.post_vars.action or ""), str(request.post_vars.name or "").strip()
    try:
        session.flash = __carry_out(action, name)
    except UserError as problem:
        session.flash = str(problem)
    redirect(URL("site"))


def __carry_out(action, name):
    if action == "create":
        applications.create_application(SITE, name)
        return T("%(name)s was made from the scaffolding application.", dict(name=name))
    if action == "install":
        return __install(name)
    folder = administration.application_folder(SITE, name)
    if action in ("enable", "disable"):
        if name == "admin":
            return T("The administration can not turn itself off.")
        applications.set_enabled(SITE, folder.name, action == "enable")
        return T("%(name)s is on.", dict(name=name)) if action == "enable" else T("%(name)s is off.", dict(name=name))
    if action == "uninstall":
        if name == "admin":
            return T("The administration can not remove itself.")
        where = applications.remove_application(SITE, folder.name)
        return T("%(name)s was moved to %(where)s.", dict(name=name, where=where))
    raise HTTP(400)


def __install(name):
    """Installs an uploaded pack; what can not be used is told and leaves nothing behind."""
    upload = request.post_vars.pack
    if not getattr(upload, "filename", None):
        return T("Choose a pack, a file that ends in .w2p.")
    import os
    import shutil
    import tempfile
    from pathlib import Path

    deposit = SITE / "deposit"
    deposit.mkdir(exist_ok=True)
    handle, path = tempfile.mkstemp(suffix=".w2p", dir=deposit)
    try:
        with os.fdopen(handle, "wb") as target:
            shutil.copyfileobj(upload.file, target)
        name = name or Path(upload.filename.replace("\\", "/")).stem.partition(".")[0]
        applications.install_pack(SITE, name, Path(path))
    finally:
        os.unlink(path)
    return T("%(name)s was installed.", dict(name=name))


def pack():
    """Sends an application as one file: without sessions, errors and cache; data by choice (PACK-03)."""
    import tempfile
    from pathlib import Path

    administration.needs_post()
    folder = administration.application_folder(SITE, request.post_vars.name)
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / f"{folder.name}.w2p"
        try:
            applications.pack(SITE, folder.name, target, with_data=bool(request.post_vars.data))
        except UserError as problem:
            session.flash = str(problem)
            redirect(URL("site"))
        data = target.read_bytes()
    response.headers["Content-Type"] = "application/w2p"
    response.headers["Content-Disposition"] = f'attachment; filename="{folder.name}.w2p"'
    return data


def errors():
    """Kinds of errors of an application, newest first: default/errors/APP."""
    folder = administration.application_folder(SITE, request.args(0))
    try:
        entries = list_tickets(folder)
        read = [(entry, read_summary(folder, entry)) for entry in entries[:MOST_TICKETS]]
    except TicketError as problem:
        return dict(app=folder.name, groups=[], more=0, problem=str(problem))
    groups = group_summaries(folder, folder.name, read)
    return dict(app=folder.name, groups=groups, more=max(0, len(entries) - MOST_TICKETS), problem="")


def ticket():
    """One ticket: default/ticket/APP/NUMBER (ADMIN-03)."""
    folder = administration.application_folder(SITE, request.args(0))
    try:
        found = read_ticket(folder, str(request.args(1) or ""))
    except TicketError as problem:
        raise HTTP(404, response.render("default/problem.html", dict(problem=str(problem))))
    return ticket_html(found)


def delete_errors():
    """Moves all tickets of a kind to the bin of the application."""
    administration.needs_post()
    folder = administration.application_folder(SITE, request.post_vars.name)
    read = [(entry, read_summary(folder, entry)) for entry in list_tickets(folder)[:MOST_TICKETS]]
    wanted = request.post_vars.group
    ids = [number for group in group_summaries(folder, folder.name, read) if group.key == wanted for number in group.ids]
    gone = delete_tickets(folder, ids)
    session.flash = T("%s %%{ticket} deleted", len(gone))
    redirect(URL("errors", args=folder.name))


def find():
    """Leads to a ticket by the number that a visitor sends."""
    found = tickets.find_ticket(SITE, str(request.vars.number or ""))
    if found is None:
        session.flash = T("There is no such ticket.")
        redirect(URL("site"))
    redirect(URL("ticket", args=found))


def routes():
    """Reads the routes again; says where an address leads (ADMIN-05, REWR-03)."""
    from runtime.admin.routes import try_route

    problem = done = ""
    trial = None
    if request.method == "POST":
        administration.needs_post()
        fault = request.global_settings.reload_routes()
        problem, done = (str(fault), "") if fault else ("", T("The routes were read again."))
    elif request.vars.address:
        trial = try_route(SITE, str(request.vars.address))
    return dict(problem=problem, done=done, trial=trial)
