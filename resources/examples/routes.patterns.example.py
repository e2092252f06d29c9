"""Pattern routes: pairs of a pattern and what it stands for.

Copy this file as `routes.py` into the site folder (the one that holds `applications`), adapt it,
and press "reload routes" or restart. Patterns are regular expressions for the whole path; `$name`
matches one word and `$anything` the rest of the line. The first pair that matches wins.
"""

# In front of a path may stand, before a blank, what else must fit:
#     client address : protocol :// host : method, in lower case
routes_in = [
    # An old address of a form, sent by clients of the local network only.
    (
        r"10\.0\.\d+\.\d+:https?://old\.example\.com:post /(?P<page>.*)\.php",
        r"/init/default/legacy?page=\g<page>",
    ),
    # Pages that moved for good. The host must be written out: it never comes from the visitor.
    (r"/old/$anything", "301->http://www.example.com/$anything"),
    # One host, one application.
    (r".*:https?://shop\.example\.com:$method /$anything", "/shop/default/$anything"),
    # Files expected at the top.
    ("/favicon.ico", "/init/static/favicon.ico"),
    ("/robots.txt", "/init/static/robots.txt"),
    # These keep their full addresses.
    ("/admin$anything", "/admin$anything"),
    ("/$app/appadmin/$anything", "/$app/appadmin/$anything"),
    ("/$app/static/$anything", "/$app/static/$anything"),
    # Everything else belongs to init, whose name stays away.
    ("/$anything", "/init/$anything"),
]

# The way out: what URL() prints. Static files and appadmin are listed first, to stay as they are.
routes_out = [
    ("/init/static/$anything", "/init/static/$anything"),
    ("/init/appadmin/$anything", "/init/appadmin/$anything"),
    ("/init/$anything", "/$anything"),
]

# Names used when an address leaves them out.
default_application = "init"
default_controller = "default"
default_function = "index"

# Applications whose args are not checked; they read request.raw_args and must check it themselves.
routes_apps_raw: list[str] = []

# Pages for errors, first match wins; * stands for any application or any code.
routes_onerror = [
    ("shop/403", "/shop/default/login"),
    ("*/404", "/init/static/missing.html"),
]

# Shown for an invalid address, and when a ticket was issued.
error_message = "<html><body><h1>%s</h1></body></html>"
error_message_ticket = (
    "<html><body><h1>Internal error</h1>Ticket issued: "
    '<a href="/admin/default/ticket/%(ticket)s" target="_blank">%(ticket)s</a></body></html>'
)


def _examples() -> None:
    """What these routes do.

    >>> import os
    >>> from gluon.rewrite import filter_err, filter_url, load
    >>> table = load(routes="routes.py")

    >>> filter_url("http://example.com/")
    '/init/default/index'
    >>> filter_url("http://example.com/default/f/x")
    "/init/default/f ['x']"
    >>> filter_url("http://example.com/init/default/f/x", out=True)
    '/default/f/x'
    >>> filter_url("http://example.com/init/default/f?a=1", out=True)
    '/default/f?a=1'

    >>> os.path.basename(filter_url("http://example.com/favicon.ico"))
    'favicon.ico'
    >>> filter_url("http://example.com/admin/default/site")
    '/admin/default/site'
    >>> filter_url("http://example.com/shop/appadmin/index")
    '/shop/appadmin/index'

    >>> filter_url("http://shop.example.com/cart")
    '/shop/default/cart'
    >>> filter_url("http://old.example.com/a/b.php", method="post", remote="10.0.1.2")
    '/init/default/legacy ?page=a/b'

    >>> filter_err(403, "shop")
    '/shop/default/login?code=403&ticket=tkt'
    >>> filter_err(404, "blog")
    '/init/static/missing.html'
    >>> filter_err(500, "blog")
    500
    """


if __name__ == "__main__":
    import doctest

    doctest.testmod()
