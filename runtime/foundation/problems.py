"""Errors whose text is meant for a person: what is wrong, where, what to do."""

from __future__ import annotations


class UserError(Exception):
    """Something the person can mend; the text is shown as it is, without a traceback."""
