"""``gluon.contrib.simplejsonrpc``: a JSON-RPC client (LIB-6)."""

from runtime.tools.contrib.clients import JSONRPCError, ServerProxy

ServiceProxy = ServerProxy
"""The name in the module's first versions."""

__all__ = ["JSONRPCError", "ServerProxy", "ServiceProxy"]
