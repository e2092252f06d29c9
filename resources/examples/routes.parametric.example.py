"""Parametric routes: shorter addresses by naming what is usual.

Copy this file as `routes.py` into the site folder (the one that holds `applications`), adapt it,
and press "reload routes" or restart. The doctests at the end describe what it does; run them with
`python -m doctest routes.py`.
"""

routers = {
    # BASE holds what is true for the whole site. Only here may stand: default_application,
    # applications, domains and path_prefix.
    "BASE": {
        # The application of addresses that name none; its name disappears from addresses.
        "default_application": "init",
        # Which application answers for which host. The port and a controller are optional.
        "domains": {
            "shop.example.com": "shop",
            "news.example.com:8080": "blog/news",
        },
        # Files that browsers expect at the top; they come from the application's static folder.
        "root_static": ["favicon.ico", "robots.txt", "humans.txt"],
    },
    # Each application may have an entry of its own. It may also bring a file `routes.py` with
    # `routers = {"shop": {...}}`, which has the last word.
    "shop": {
        # With its functions listed, the default function's name can go even when args follow.
        "functions": ["index", "cart", "pay"],
    },
    "blog": {
        # /it/default/post shows the Italian page: request.uri_language is "it".
        "languages": ["en", "it"],
        "default_language": "en",
        # show_post is written show-post.
        "map_hyphen": True,
    },
}

# Pages for errors, first match wins; * stands for any application or any code.
routes_onerror = [
    ("shop/404", "/shop/static/missing.html"),
    ("*/*", "/init/default/error"),
]


def _examples() -> None:
    """What these routes do.

    >>> from gluon.rewrite import filter_err, filter_url, load
    >>> table = load(routes="routes.py")

    The default application, its default controller and function go without saying:

    >>> filter_url("http://example.com/")
    '/init/default/index'
    >>> filter_url("http://example.com/contact")
    '/init/default/contact'
    >>> filter_url("http://example.com/init/default/contact", out=True)
    '/contact'
    >>> filter_url("http://example.com/init/appadmin/index", out=True)
    '/appadmin'

    A name that could be mistaken for an application keeps its place:

    >>> filter_url("http://example.com/init/default/shop", out=True)
    '/default/shop'

    Hosts choose the application, and the controller:

    >>> filter_url("http://shop.example.com/cart/7")
    "/shop/default/cart ['7']"
    >>> filter_url("http://shop.example.com/red-shoes")
    "/shop/default/index ['red-shoes']"
    >>> filter_url("http://news.example.com:8080/today")
    '/blog/news/today (en)'

    Languages and hyphens:

    >>> filter_url("http://example.com/blog/it/show-post/12")
    "/blog/default/show_post ['12'] (it)"
    >>> filter_url("http://example.com/blog/default/show_post", out=True, lang="it")
    '/blog/it/show-post'
    >>> filter_url("http://example.com/blog/default/show_post", out=True, lang="en")
    '/blog/show-post'

    Error pages:

    >>> filter_err(404, "shop")
    '/shop/static/missing.html'
    >>> filter_err(500, "blog", "blog/t1")
    '/init/default/error?code=500&ticket=blog/t1'
    """


if __name__ == "__main__":
    import doctest

    doctest.testmod()
