"""Tickets: what is kept of an uncaught exception, for the administrator only (ERR-08..12)."""

from runtime.errors.capture import capture
from runtime.errors.safe_values import hide
from runtime.errors.store import (
    TicketEntry,
    TicketGroup,
    delete_tickets,
    group_tickets,
    list_tickets,
    raw_ticket,
    read_or_unreadable,
    read_ticket,
    repeats,
    restore_tickets,
    retain,
    store_ticket,
)
from runtime.errors.ticket import Frame, Ticket, TicketError

__all__ = [
    "Frame",
    "Ticket",
    "TicketEntry",
    "TicketError",
    "TicketGroup",
    "capture",
    "delete_tickets",
    "group_tickets",
    "hide",
    "list_tickets",
    "raw_ticket",
    "read_or_unreadable",
    "read_ticket",
    "repeats",
    "restore_tickets",
    "retain",
    "store_ticket",
]
