"""Addresses of a grid: which page of it is asked for, whether the visitor may, links to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from runtime.forms.deleting import SHOWN
from runtime.foundation.current import current
from runtime.routing import URL
from runtime.routing.signing import SIGNATURE, user_key
from runtime.routing.url import verifyURL

NEW, VIEW, EDIT, DELETE, DOWNLOAD = "new", "view", "edit", "delete", "download"
WRITING = frozenset((NEW, EDIT, DELETE))
OWN = ("keywords", "order", "page", "_export_type", SHOWN, SIGNATURE)
"""Variables of a grid's addresses."""


class Wanted(NamedTuple):
    """What an address asks for.

    Attributes:
        action: ``new``, ``view``, ``edit``, ``delete``, ``download``, or empty for the list.
        table: name of the table.
        record: id as text; of a download the stored name of the file.
    """

    action: str = ""
    table: str = ""
    record: str = ""


class Address:
    """The addresses of one grid.

    Args:
        args: arguments of the action itself, before those of the grid.
        signed: addresses that write are signed for the visitor.
    """

    def __init__(self, args: Sequence[Any], signed: bool) -> None:
        self.args = [str(arg) for arg in args]
        self.signed = signed

    def wanted(self) -> Wanted:
        """Return what the running request asks of the grid."""
        more = [str(arg) for arg in list(current.request.args)[len(self.args) :]]
        if len(more) >= 2 and more[-2] == NEW:
            return Wanted(NEW, more[-1])
        if len(more) >= 3 and more[-3] in (VIEW, EDIT, DELETE):
            return Wanted(more[-3], more[-2], more[-1])
        if len(more) >= 2 and more[-2] == DOWNLOAD:
            return Wanted(DOWNLOAD, more[-1].partition(".")[0], more[-1])
        return Wanted()

    def allowed(self, wanted: Wanted) -> bool:
        """Tell whether the visitor may follow the address of the running request.

        Where addresses are signed, writing needs a visitor who is logged in and the signature of that
        visitor; the page of one record needs the signature of a visitor who is logged in.
        """
        if not self.signed or not wanted.action:
            return True
        if user_key() is None:
            return wanted.action not in WRITING
        return verifyURL(current.request, user_signature=True, hash_vars=False)

    def to(self, *more: Any, variables: Mapping[str, Any] | None = None, extension: Any = None) -> str:
        """Return the address of the grid with `more` arguments and the variables of the present one.

        Args:
            variables: replace those of the same name; None takes one away.
        """
        kept = {
            name: value for name, value in current.request.get_vars.items() if name not in (SHOWN, SIGNATURE)
        }
        kept.update(variables or {})
        kept = {name: value for name, value in kept.items() if value is not None}
        options: dict[str, Any] = {} if extension is None else {"extension": extension}
        return URL(
            args=[*self.args, *more],
            vars=kept,
            user_signature=self.signed or None,
            hash_vars=False,
            **options,
        )

    def plain(self) -> str:
        """Return the address of the list without what the grid put into it."""
        kept = {name: value for name, value in current.request.get_vars.items() if name not in OWN}
        return URL(args=self.args, vars=kept)

    def kept_variables(self, *drop: str) -> dict[str, Any]:
        """Return the variables of the present address that a form of the grid carries on."""
        gone = {SHOWN, SIGNATURE, "page", "_export_type", *drop}
        return {
            name: value
            for name, value in current.request.get_vars.items()
            if name not in gone and not isinstance(value, (list, tuple))
        }
