"""Going on with mails that processes of the site have left behind, however they ended."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from runtime.tools.outbox import outbox_of
from runtime.web.afterwards import afterwards

logger = logging.getLogger("web2py.outbox")

EVERY = 10.0
"""Seconds between two looks."""


def go_on_with_letters(site: Path) -> None:
    """Take over the mails of processes that have ended."""
    outbox = outbox_of(site)
    for name, content in outbox.adopt():
        from runtime.tools.auth.letters import take_over  # loads much, and mostly there is nothing

        try:
            take_over(outbox, name, content)
        except OSError as error:  # the others are ours by now: nobody else goes on with them
            logger.error("the message %s waits for the next process: %s", name, error)


class LetterCarrier:
    """A thread that goes on with such mails at once and then every `EVERY` seconds, until `stop`.

    Args:
        site: the site folder.
    """

    def __init__(self, site: Path) -> None:
        self._site = site
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hadron-letters", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and leave what this process has not sent to whoever comes next."""
        self._stopping.set()
        self._thread.join(timeout=5.0)
        afterwards.close(0.0)  # what was taken over meanwhile waits here no more
        if afterwards.settle(0.0):  # else a mail is on its way just now: it would go out twice
            outbox_of(self._site).release()

    def _run(self) -> None:
        while True:
            try:
                go_on_with_letters(self._site)
            except Exception:
                logger.exception("the outbox can not be read")
            if self._stopping.wait(EVERY):
                return
