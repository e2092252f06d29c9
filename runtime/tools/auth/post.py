"""The mails of `Auth`: at once, or behind the answer."""

from __future__ import annotations

import logging
from typing import Any

from runtime.foundation.problems import UserError
from runtime.tools.auth.base import AuthBase, new_uuid
from runtime.tools.auth.letters import Letter
from runtime.tools.mail import Mail, message_id
from runtime.tools.outbox import OutboxFull
from runtime.web.afterwards import TryAgain, after_answer, has_answer

logger = logging.getLogger("web2py.auth")


class AuthPost(AuthBase):
    """Mails; see `Auth`."""

    _gathered: list[dict[str, Any]] | None = None
    """Mails that are made while a question is answered."""

    def _can_mail(self) -> bool:
        """Tell whether the application names a server of mails."""
        mailer = self.settings.mailer
        return bool(mailer and mailer.settings.server)

    def _send_mail(self, to: Any, subject: Any, message: Any) -> bool:
        """Send a mail; tell whether the server took it. While a question is answered the outbox takes it."""
        if not self._can_mail():
            return False
        if self._gathered is not None:
            self._gathered.append(_mail(to, subject, message))
            return True
        return bool(self.settings.mailer.send(to=to, subject=subject, message=message))

    def _mail_later(self, to: Any, subject: Any, message: Any, only_while: tuple[str, str]) -> bool:
        """Send a mail behind the answer; tell whether it is on its way.

        Args:
            to, subject, message: as `Mail.send` takes them.
            only_while: name and value of a field: once no user has it, the mail is not sent any more.
        """
        if not has_answer():
            return self._send_mail(to, subject, message)
        mail = _mail(to, subject, message) | {"only_while": only_while}
        return self._can_mail() and self._post(None, [mail])

    def _ask_later(self, page: str, asked: str, log: Any) -> None:
        """Find out behind the answer whom to write to, so that its time tells nobody.

        Args:
            page: whose question it is; see `_answer`.
            asked: what the visitor typed.
            log: text for the journal once somebody was found.
        """
        self._post({"page": page, "asked": asked, "log": str(log or ""), "counted": False}, [])

    def _post(self, ask: dict[str, Any] | None, mails: list[dict[str, Any]]) -> bool:
        letter = Letter.new(self, ask, mails)
        try:
            if has_answer():
                letter.keep()
        except OutboxFull as error:
            logger.error("a mail was not sent: %s", error)
            return False
        after_answer(letter)
        return True

    def _answer(self, ask: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the mails that answer a question of `_ask_later`; write what they promise and the journal.

        Raises:
            TryAgain, UserError: a mail that an application sends by itself was not sent.
        """
        self._gathered = []
        try:
            user = getattr(self, f"_answer_{ask['page']}")(ask)
            if user is not None:
                self.log_event(ask["log"], user)
            return self._gathered
        finally:
            self._gathered = None

    def _deliver(self, mail: dict[str, Any]) -> None:
        """Send a mail of the outbox; one that nobody waits for any more is left out.

        Raises:
            TryAgain: it may go out later.
            UserError: it was refused for good.
        """
        if not self._is_wanted(mail.get("only_while")):
            return
        mailer = self.settings.mailer
        more = {}
        if self._can_mail() and type(mailer).send is Mail.send:  # the same mail at each try, for who gets two
            more["headers"] = {"Message-ID": message_id(mailer.settings.sender, mail["id"])}
        if not self._can_mail() or not mailer.send(
            to=mail["to"], subject=mail["subject"], message=mail["message"], **more
        ):
            self._mail_failed()

    def _is_wanted(self, only_while: list[str] | None) -> bool:
        if not only_while:
            return True
        name, value = only_while
        wanted = not self.db(self.table_user()[name] == value).isempty()
        self.db.commit()  # no transaction waits for the server of mails
        return wanted

    def _mail_failed(self) -> None:
        """Say why a mail was not sent, and whether it may go out later. Neither says what stood in it."""
        reason = getattr(self.settings.mailer, "error", None)
        text = f"a mail was not sent: {reason or 'there is no mail server'}"
        if isinstance(reason, OSError):
            raise TryAgain(text) from reason
        raise UserError(text) from reason


def _mail(to: Any, subject: Any, message: Any) -> dict[str, Any]:
    return {"id": new_uuid(), "to": to, "subject": str(subject), "message": str(message)}
