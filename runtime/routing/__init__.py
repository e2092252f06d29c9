"""Addresses: both routers, `URL`, error routes."""

from runtime.routing.model import BadRequest, ErrorTarget, NotFound, Redirect, RouteError, Target
from runtime.routing.router import Router
from runtime.routing.table import RouteTable
from runtime.routing.url import URL, active_table, set_default, verifyURL

__all__ = [
    "URL",
    "BadRequest",
    "ErrorTarget",
    "NotFound",
    "Redirect",
    "RouteError",
    "RouteTable",
    "Router",
    "Target",
    "active_table",
    "set_default",
    "verifyURL",
]
