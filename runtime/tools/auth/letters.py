"""`Letter`: a mail of `Auth` that waits behind the answer, and in the outbox for longer than the process."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError
from runtime.tools.outbox import Outbox, outbox_of
from runtime.web.after_restart import models_after, origin_of
from runtime.web.afterwards import RETRIES, TryAgain, Work, go_on
from runtime.web.request import application_folder

logger = logging.getLogger("web2py.outbox")


class Letter(Work):
    """What one page has to mail, or its question: whom to write to is found out behind the answer.

    Args:
        outbox: of the site.
        content: what the outbox keeps, see `new`.
        auth: the `Auth` object of the request; None lets the models make one.
        name: of the file in the outbox; "" where there is none.
    """

    what = "a mail"

    def __init__(self, outbox: Outbox, content: dict[str, Any], auth: Any = None, name: str = "") -> None:
        self._outbox, self._content, self._auth, self._name = outbox, content, auth, name
        self.tries = int(content["tries"])
        self.kept = bool(name)

    @classmethod
    def new(cls, auth: Any, ask: dict[str, Any] | None, mails: list[dict[str, Any]]) -> Letter:
        """Make one for the running request.

        Args:
            auth: its `Auth` object.
            ask: the question, see `AuthPost._ask_later`; None when the mails are known.
            mails: see `AuthPost._mail_later`.
        """
        request = current.request
        content = {
            "application": str(request.application),
            "users": str(auth.settings.table_user_name),
            "origin": origin_of(request),
            "ask": ask,
            "mails": mails,
            "tries": 0,
            "due": time.time(),
        }
        return cls(outbox_of(Path(request.folder).parent.parent), content, auth)

    def keep(self) -> None:
        """Put it into the outbox; where the disk can not be written it waits in memory alone.

        Raises:
            OutboxFull: there is no place.
        """
        try:
            self._name = self._outbox.put(self._content)
            self.kept = True
        except OSError as error:
            logger.warning("a mail waits in memory only, the outbox can not be used: %s", error)

    def do(self) -> None:
        """Answer the question, then send what is to be sent; a mail is forgotten once it was taken."""
        content = self._content
        auth = self._auth or self._auth_of_models()
        if content["ask"] is not None:
            mails = auth._answer(content["ask"])
            auth.db.commit()  # the key of the link counts before its mail is kept: a question can come again
            content["ask"], content["mails"] = None, mails
            self._note()
        while content["mails"]:
            auth._deliver(content["mails"][0])
            del content["mails"][0]
            self._note()

    def postponed(self, seconds: float) -> None:
        """Note when it is tried again."""
        self._content["tries"], self._content["due"] = self.tries, time.time() + seconds
        self._note()

    def failed(self) -> None:
        """Lay it aside: whoever has mended the cause can have it sent all the same."""
        if self._name:
            self._content["tries"] = 0
            kept = self._outbox.set_aside(self._name, self._content)
            logger.error("the mail lies in %s: moved to %s it is sent", kept, kept.parent.parent)

    def abandoned(self) -> None:
        """Forget it."""
        self._content["ask"], self._content["mails"] = None, []
        self._note()

    def _note(self) -> None:
        """Let the disk know how far it is."""
        if not self._name:
            return
        try:
            if self._content["ask"] is None and not self._content["mails"]:
                self._outbox.remove(self._name)
            else:
                self._outbox.change(self._name, self._content)
        except OSError as error:  # what was sent must not be sent again because of it
            logger.error("the outbox can not be written: %s", error)

    def _auth_of_models(self) -> Any:
        """Run the models and return their `Auth` object of the same table of users.

        Raises:
            UserError: there is none, or the application is gone.
            TryAgain: the models fail now.
        """
        application, users = self._content["application"], self._content["users"]
        try:
            environment = models_after(self._outbox.site, application, self._content["origin"])
        except UserError:
            raise
        except (Exception, SystemExit, HTTP) as error:
            raise TryAgain(f"the models of {application} failed: {type(error).__name__}: {error}") from error
        from runtime.tools.auth import Auth

        for one in [*environment.values(), *vars(current).values()]:
            if isinstance(one, Auth) and one.settings.table_user_name == users:
                return one
        raise UserError(f"the models of {application} make no Auth with the table {users}")


def take_over(outbox: Outbox, name: str, content: dict[str, Any]) -> None:
    """Go on with a mail that another process has left behind.

    Args:
        outbox: of the site.
        name, content: as `Outbox.adopt` returns them.
    """
    try:
        application, letter = str(content["application"]), Letter(outbox, content, None, name)
        delay = min(max(0.0, float(content["due"]) - time.time()), max(RETRIES))
        if not application.isidentifier():
            raise ValueError(application)
    except (KeyError, TypeError, ValueError):
        logger.error("the message %s is none of ours; it was laid aside", name)
        outbox.set_aside(name)
        return
    go_on(letter, application, application_folder(str(outbox.site), application), delay)
