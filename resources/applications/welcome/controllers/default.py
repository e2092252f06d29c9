# One function per page: /welcome/default/NAME calls NAME().


def index():
    """The first page."""
    return dict(message=T("It works"), tables=db.tables)


def notes():
    """Lists the notes; a posted form adds one.

    >>> response.status
    200
    """
    errors = {}
    if session.token is None:
        session.token = request.uuid
    if request.method == "POST":
        if request.post_vars.token != session.token:
            raise HTTP(403, T("This form is out of date. Go back and try again."))
        result = db.note.validate_and_insert(title=request.post_vars.title, body=request.post_vars.body)
        errors = result["errors"]
        if not errors:
            session.flash = T("The note was added.")
            redirect(URL("notes"))
    rows = db(db.note).select(orderby=~db.note.id, limitby=(0, 50))
    return dict(rows=rows, errors=errors, token=session.token)


def clock():
    """A component: loaded by itself into the first page."""
    return dict(now=request.now)


def download():
    """Delivers uploaded files."""
    return response.download(request, db)
