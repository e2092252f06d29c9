"""``gluon.rewrite``: driving the routers without a server, as routing tests do."""

from runtime.routing.testing import (
    filter_err,
    filter_url,
    load,
    map_url_out,
    regex_filter_out,
    regex_url_in,
    try_redirect_on_error,
    url_in,
    url_out,
)

__all__ = [
    "filter_err",
    "filter_url",
    "load",
    "map_url_out",
    "regex_filter_out",
    "regex_url_in",
    "try_redirect_on_error",
    "url_in",
    "url_out",
]
