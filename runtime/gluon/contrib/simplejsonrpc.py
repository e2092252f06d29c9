"""``gluon.contrib.simplejsonrpc``: a JSON-RPC client (LIB-6)."""

from runtime.tools.contrib.clients import JSONRPCError, ServerProxy

__all__ = ["JSONRPCError", "ServerProxy"]
