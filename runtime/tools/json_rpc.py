"""JSON-RPC, versions 1 (1.1) and 2: reading calls, calling functions, making answers."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Any

logger = logging.getLogger("web2py.service")

Procedures = Mapping[str, Callable[..., Any]]
Report = Callable[[Exception], dict[str, Any]]

ERRORS: Mapping[int, tuple[str, str]] = {
    -32700: ("Parse error", "The body is no JSON."),
    -32600: ("Invalid Request", "The JSON is no call."),
    -32601: ("Method not found", "There is no such function."),
    -32602: ("Invalid params", "The function does not take these arguments."),
    -32603: ("Internal error", "The function failed."),
    -32099: ("Server error", "The server failed."),
}
"""Reserved codes, with what they are called and mean."""


class JsonRpcException(Exception):
    """Raise it in a function to answer with an error of your own.

    Args:
        code: a number; ``-32768`` to ``-32000`` are reserved by the protocol.
        info: message for the caller.
        data: further details, anything that JSON can hold.
    """

    def __init__(self, code: int, info: Any = None, data: Any = None) -> None:
        name, meaning = ERRORS.get(code, ("Server error", ""))
        self.code = code
        self.message = name if info is None or code in ERRORS else str(info)
        self.info = meaning if info is None else str(info)
        self.data = data
        super().__init__(code, self.message, self.info)

    def as_error(self) -> dict[str, Any]:
        """Return the member ``error`` of an answer."""
        out: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            out["data"] = self.data
        elif self.info and self.info != self.message:
            out["data"] = self.info
        return out


def _invoke(procedures: Procedures, name: Any, params: Any, report: Report) -> Any:
    """Call one function.

    Raises:
        JsonRpcException: there is no such function, its arguments are wrong, or it failed.
    """
    function = procedures.get(name) if isinstance(name, str) else None
    if function is None:
        raise JsonRpcException(-32601, f"there is no function {name}")
    args, named = ([], params) if isinstance(params, dict) else (params, {})
    if not isinstance(args, list):
        raise JsonRpcException(-32602, "params must be a list or an object")
    try:
        inspect.signature(function).bind(*args, **named)
    except TypeError as error:
        raise JsonRpcException(-32602, str(error)) from error
    try:
        return function(*args, **named)
    except JsonRpcException:
        raise
    except Exception as error:
        raise JsonRpcException(-32603, data=report(error)) from error


def answer_version_1(call: Any, procedures: Procedures, report: Report) -> dict[str, Any]:
    """Answer one call of version 1.

    Args:
        call: the parsed body, or the exception that parsing it gave.
        procedures: functions by name.
        report: keeps an error of a function and returns what the caller may know of it.
    """
    identifier = call.get("id") if isinstance(call, dict) else None
    try:
        if isinstance(call, JsonRpcException):
            raise call
        if not isinstance(call, dict) or "method" not in call:
            raise JsonRpcException(-32600)
        result = _invoke(procedures, call["method"], call.get("params") or [], report)
    except JsonRpcException as error:
        return {
            "version": "1.1",
            "id": identifier,
            "result": None,
            "error": {"name": "JSONRPCError"} | error.as_error(),
        }
    return {"version": "1.1", "id": identifier, "result": result, "error": None}


def answer_version_2(call: Any, procedures: Procedures, report: Report) -> Any:
    """Answer a call or batch of version 2; None when nothing is to be answered."""
    if isinstance(call, list):
        if not call:
            return _failure(None, JsonRpcException(-32600, "a batch must not be empty"))
        answers = [_answer_one(one, procedures, report) for one in call]
        return [answer for answer in answers if answer is not None] or None
    return _answer_one(call, procedures, report)


def _failure(identifier: Any, error: JsonRpcException) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "error": error.as_error()}


def _answer_one(call: Any, procedures: Procedures, report: Report) -> dict[str, Any] | None:
    if isinstance(call, JsonRpcException):
        return _failure(None, call)
    valid = (
        isinstance(call, dict)
        and call.get("jsonrpc") == "2.0"
        and isinstance(call.get("method"), str)
        and isinstance(call.get("id"), (str, int, float, type(None)))
        and isinstance(call.get("params", []), (list, dict))
    )
    if not valid:
        return _failure(call.get("id") if isinstance(call, dict) else None, JsonRpcException(-32600))
    try:
        result = _invoke(procedures, call["method"], call.get("params", []), report)
    except JsonRpcException as error:
        if "id" not in call:
            logger.warning("a notification failed: %s", error)
            return None
        return _failure(call["id"], error)
    return {"jsonrpc": "2.0", "id": call["id"], "result": result} if "id" in call else None
