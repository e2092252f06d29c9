# One function per page: the address /APPLICATION/default/NAME runs NAME().
# What it returns goes to the view views/default/NAME.html. Names with two underscores have no address.
from gluon.utils import web2py_uuid


def index():
    """The first page."""
    return dict(message=T("It works."), notes=db(db.note).count())


def notes():
    """Lists the notes; the form of the page, posted, adds one."""
    errors = {}
    if request.method == "POST":
        if __form_is_ours():
            result = db.note.validate_and_insert(title=request.post_vars.title, body=request.post_vars.body)
            errors = result["errors"]
            if not errors:
                session.flash = T("The note was added.")
                redirect(URL("notes"))
        else:
            errors = dict(form=T("This form was out of date. Please send it once more."))
        response.status = 422
    rows = db(db.note).select(orderby=~db.note.id, limitby=(0, 50))
    return dict(rows=rows, errors=errors, token=__form_token())


def delete_note():
    """Deletes the note whose number ends the address; only for the button on the page of the notes."""
    if request.method != "POST":
        raise HTTP(405, T("Use the button on the page."), Allow="POST")
    if __form_is_ours():
        db(db.note.id == request.args(0, cast=int)).delete()
        session.flash = T("The note was deleted.")
    else:
        session.flash = T("This form was out of date. Please send it once more.")
    redirect(URL("notes"))


def user():
    """The pages of users: default/user/login, register, profile, change_password, logout ..."""
    return dict(form=auth())


def call():
    """Offers the functions behind @service to other programs: default/call/jsonrpc, xmlrpc, json ..."""
    session.forget(response)
    return service()


def clock():
    """A component: a part of the first page that the browser asks for by itself."""
    return dict(now=request.now)


def download():
    """Delivers uploaded files."""
    return response.download(request, db)


def __form_token():
    """The visitor's secret. Forms carry it, so that no other site can send them in the visitor's name."""
    if session.token is None:
        session.token = web2py_uuid()
    return session.token


def __form_is_ours():
    return session.token is not None and request.post_vars.token == session.token
