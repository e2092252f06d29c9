"""``gluon.messageboxhandler``: log handlers that a ``logging.conf`` may name (LOG-4)."""

from runtime.server.notify import MessageBoxHandler
from runtime.server.notify import NotificationHandler as NotifySendHandler

__all__ = ["MessageBoxHandler", "NotifySendHandler"]
