"""What happens to an exception that nobody caught: a ticket, a line in the log, a number (FLOW-10)."""

from __future__ import annotations

import datetime
import logging
import os
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from runtime.errors.bounded import run_bounded
from runtime.errors.capture import Calls, Locate, capture
from runtime.errors.sampling import Sampler, count_repeat
from runtime.errors.settings import TicketSettings, read_settings
from runtime.errors.store import empty_bin, errors_folder, retain, store_ticket
from runtime.errors.ticket import Ticket, TicketError, new_id

logger = logging.getLogger("web2py")

SWEEP_SECONDS = 3600.0
_SAMPLER = Sampler()
_SWEPT: dict[str, float] = {}

Statements = Callable[[], list[tuple[str, float]]]


def record_error(
    folder: str,
    application: str,
    error: BaseException,
    *,
    request: Any = None,
    session: Any = None,
    response: Any = None,
    statements: Statements = list,
    locate: Locate | None = None,
    task: Mapping[str, int] | None = None,
) -> tuple[str, Ticket | None]:
    """Write a ticket for `error` and return its number as shown, and the ticket. Never raises.

    Of many alike in a short time only the number is kept: the ticket returned is None then, and the
    number is that of the last one written.

    Args:
        folder: of the application.
        application: its name.
        error: the exception with its traceback.
        request, session, response: of the running request, if any.
        statements: returns the SQL sent so far, with seconds.
        locate: turns a line of generated code into the one a person wrote.
        task: ``id`` and ``run_id`` of the scheduler's task that was running.
    """
    try:
        calls = Calls(error, locate)
        standing = _SAMPLER.standing(folder, calls.group)
        if standing is not None:
            count_repeat(errors_folder(folder), calls.group)
            logger.error("%s/%s: %s, again", application, standing, calls.exception)
            return f"{application}/{standing}", None
        ticket = capture(
            application,
            error,
            request=request,
            session=session,
            response=response,
            statements=statements(),
            locate=locate,
            calls=calls,
            task=task,
        )
        settings = read_settings(folder)
        if store_ticket(folder, ticket, keep_secrets=settings.keep_secrets):
            _sweep(folder, settings)
        _SAMPLER.written(folder, ticket.group, ticket.id)  # if only to the log: its number is there
        logger.error("%s/%s: %s", application, ticket.id, ticket.traceback)
        return f"{application}/{ticket.id}", ticket
    except Exception as fault:  # a fault in here must not cost the visitor the page with the number
        number = new_id(None, datetime.datetime.now())
        logger.error("%s/%s: %s", application, number, _told(error))
        logger.error("no ticket could be made of it: %s", _told(fault))
        return f"{application}/{number}", None


def _told(error: BaseException) -> str:
    """Return the traceback of an error; without its words, or errors behind it, where theirs hang."""
    words: list[str] = []
    whole: list[str] = []
    pieces = (
        lambda: words.append(f": {error}"),
        lambda: whole.append("".join(traceback.format_exception(error)).rstrip()),
    )
    run_bounded(pieces)
    calls = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    return whole[0] if whole else f"{type(error).__name__}{words[0] if words else ''}\n{calls}"


def _sweep(folder: str, settings: TicketSettings) -> None:
    """Keep to the application's retention, at most once an hour."""
    now = time.monotonic()
    if now - _SWEPT.get(folder, now - SWEEP_SECONDS) < SWEEP_SECONDS:
        return
    _SWEPT[folder] = now
    try:
        if settings.keep_days is not None or settings.keep_count is not None:
            retain(folder, days=settings.keep_days, count=settings.keep_count)
        empty_bin(folder)
    except (OSError, TicketError) as error:
        logger.warning("old tickets in %s could not be removed: %s", os.path.basename(folder), error)


def log_failure(what: str, error: BaseException, log: logging.Logger | None = None) -> None:
    """Log the traceback of a cron or shell run that failed, secrets hidden (ERR-12).

    Args:
        what: ran, as a person would call it: ``cron task shop/cron/clean.py``.
        error: the exception with its traceback.
        log: where to; default ``web2py``.
    """
    ticket = capture("", error)
    (log or logger).error("%s failed: %s", what, ticket.traceback)
