"""Deleting a record as it was shown: not when somebody else has changed it meanwhile (OCC-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from runtime.forms.conflicts import digest
from runtime.forms.form import FORM
from runtime.forms.locking import LOCKING, begin_writing
from runtime.forms.speech import CHANGED_DELETE, say
from runtime.html import CAT, DIV

SHOWN = "_shown"
"""Name of the variable or hidden field with the digest of what was shown."""


def seen_fields(fields: Iterable[Any]) -> list[Any]:
    """Return those of `fields` whose values count: no passwords, and no content of files."""
    return [field for field in fields if str(field.type) not in ("password", "blob")]


def seen_digest(fields: Iterable[Any], record: Any) -> str:
    """Return what tells whether the values of `fields` in a record of their table are the same."""
    return digest("*", "\x1e".join(f"{field.name}={record.get(field.name)!r}" for field in fields))


def delete_as_seen(
    condition: Any, fields: list[Any], seen: Any, before: Callable[[], Any] | None = None
) -> bool:
    """Delete the record that a condition finds; False, and nothing is done, when it is another than was seen.

    Args:
        condition: query of one record.
        fields: that were shown.
        seen: their digest; None and an empty text ask for no comparison.
        before: called before the deletion.
    """
    table = fields[0].table if fields else None
    if seen and table is not None:
        db = table._db
        begin_writing(db._adapter)
        options = {"for_update": True} if db._adapter.dbengine in LOCKING else {}
        now = db(condition).select(*fields, **options).first()
        if now is not None and seen_digest(fields, now) != seen:
            return False
    if before is not None:
        before()
    condition.db(condition).delete()
    return True


def ask(fields: list[Any], record: Any, buttons: Any = None) -> Any:
    """Return the form of the button that deletes; it carries what is shown beside it."""
    return FORM.confirm(say("Delete"), buttons, {SHOWN: seen_digest(fields, record)})


def refusal() -> Any:
    """Return what tells the visitor that the record is another one by now."""
    return DIV(say(CHANGED_DELETE), _class="w2p_conflict alert alert-warning", _role="alert")


def page(question: Any, refused: bool) -> Any:
    """Return the question, under the refusal if there was one."""
    return CAT(refusal(), question) if refused else question
