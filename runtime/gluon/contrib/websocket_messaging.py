"""``gluon.contrib.websocket_messaging``: messages to browsers through a messaging server of its own."""

from runtime.tools.contrib.clients import websocket_send

__all__ = ["websocket_send"]
