"""``gluon.restricted``: running code so that an error becomes a ticket (SITE-08)."""

from __future__ import annotations

import os
import traceback
from types import CodeType
from typing import Any

from runtime.errors import read_ticket, record_error
from runtime.foundation.http import HTTP


class RestrictedError(Exception):
    """An error in code that `restricted` ran.

    Args:
        layer: file or name of the code.
        code: its source.
        output: what happened, in a line; that of the exception being handled by default.
        environment: names it ran with.

    Attributes:
        traceback: the whole text of the exception.
    """

    def __init__(
        self, layer: str = "", code: str = "", output: str = "", environment: dict[str, Any] | None = None
    ) -> None:
        super().__init__(output)
        self.layer, self.code, self.output = layer, code, output
        self.environment = environment or {}
        self.traceback = traceback.format_exc() if layer else "(no error)"

    def log(self, request: Any) -> str:
        """Write a ticket and return its number, which begins with the application's name."""
        error = self.__cause__ or self
        return record_error(request.folder, request.application, error, request=request)[0]

    @staticmethod
    def load(request: Any, app: str, ticket_id: str) -> RestrictedError:
        """Return what a ticket of the application `app` of the same site tells.

        Raises:
            TicketError: there is no such ticket, or it is broken.
        """
        return TicketStorage().load(request, app, ticket_id)

    def __str__(self) -> str:
        return self.output


class TicketStorage:
    """Reads tickets; `db` and `tablename` are kept for old callers, and not needed."""

    def __init__(self, db: Any = None, tablename: str = "web2py_ticket") -> None:
        self.db, self.tablename = db, tablename

    def load(self, request: Any, app: str, ticket_id: str) -> RestrictedError:
        """Return what a ticket tells.

        Raises:
            TicketError: there is no such ticket, or it is broken.
        """
        folder = os.path.join(os.path.dirname(os.path.dirname(request.folder)), app)
        ticket = read_ticket(folder, ticket_id.rpartition("/")[2])
        found = RestrictedError("", "", f"{ticket.exception}: {ticket.message}")
        found.layer, found.traceback = ticket.layer, ticket.traceback
        return found


def compile2(code: str, layer: str) -> CodeType:
    """Return `code` compiled under the file name `layer`.

    Raises:
        SyntaxError: it is no valid Python.
    """
    return compile(code.rstrip().replace("\r\n", "\n") + "\n", layer, "exec", dont_inherit=True)


def restricted(
    ccode: str | CodeType,
    environment: dict[str, Any] | None = None,
    layer: str = "Unknown",
    scode: str | None = None,
) -> None:
    """Run code in `environment`.

    Args:
        ccode: source or code object.
        environment: its names; what it defines is found there afterwards.
        layer: file or name of the code.
        scode: the source behind a code object.

    Raises:
        HTTP: the code raised it: an answer, no error.
        RestrictedError: the code raised anything else, which is its cause.
    """
    names = {} if environment is None else environment
    names["__file__"], names["__name__"] = layer, "__restricted__"
    try:
        exec(ccode if isinstance(ccode, CodeType) else compile2(ccode, layer), names)  # noqa: S102
    except HTTP:
        raise
    except RestrictedError:
        raise
    except Exception as error:
        source = scode if scode is not None else ccode if isinstance(ccode, str) else ""
        output = f"{type(error).__name__}: {error}"
        raise RestrictedError(layer, source, output, names) from error


__all__ = ["RestrictedError", "TicketStorage", "compile2", "restricted"]
