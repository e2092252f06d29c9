"""Tickets: what is kept of an uncaught exception, for the administrator only (ERR-08..12)."""

from runtime.errors.ticket import Ticket, TicketError, issue_ticket, list_tickets, read_ticket

__all__ = ["Ticket", "TicketError", "issue_ticket", "list_tickets", "read_ticket"]
