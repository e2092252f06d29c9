"""Tickets: what is kept of an uncaught exception, for the administrator only (ERR-08..12)."""

from runtime.errors.capture import capture
from runtime.errors.grouping import TicketGroup, group_tickets
from runtime.errors.page import ticket_html, ticket_text
from runtime.errors.record import log_failure, record_error
from runtime.errors.safe_values import hide
from runtime.errors.settings import TicketSettings, read_settings, write_settings
from runtime.errors.store import (
    TicketEntry,
    delete_tickets,
    list_tickets,
    raw_ticket,
    read_secrets,
    read_summary,
    read_ticket,
    restore_tickets,
    retain,
    store_ticket,
)
from runtime.errors.ticket import Frame, Ticket, TicketError, common_places

__all__ = [
    "Frame",
    "Ticket",
    "TicketEntry",
    "TicketError",
    "common_places",
    "TicketGroup",
    "TicketSettings",
    "capture",
    "delete_tickets",
    "group_tickets",
    "hide",
    "list_tickets",
    "log_failure",
    "raw_ticket",
    "read_secrets",
    "read_settings",
    "read_summary",
    "read_ticket",
    "record_error",
    "restore_tickets",
    "retain",
    "store_ticket",
    "ticket_html",
    "ticket_text",
    "write_settings",
]
