"""`Service`: functions offered to other programs (FUN-13, COOP-4)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from xmlrpc.client import Fault

from runtime.errors import record_error
from runtime.foundation import serializers
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage
from runtime.tools import json_rpc
from runtime.web.xmlrpc import answer_call

Function = Callable[..., Any]

_NO_AMF = "AMF belongs to the Flash player, which no longer exists: offer the function by @service.jsonrpc"
_GONE = {
    "amfrpc": _NO_AMF,
    "amfrpc3": _NO_AMF,
    "soap": "no maintained package serves SOAP: offer the function by @service.xmlrpc or @service.jsonrpc2",
}


class Service:
    """Collects functions by protocol; the action ``call`` answers by ``return service()``.

    A function decorated by ``@service.json`` is then at ``.../call/json/NAME``,
    with arguments from the address or the query; likewise `run`, `csv`, `xml`,
    `rss`. `jsonrpc`, `jsonrpc2` and `xmlrpc` are at ``.../call/PROTOCOL``.
    `amfrpc`, `amfrpc3` and `soap` decorate without harm and answer 501.

    Args:
        environment: accepted for compatibility.
        check_args: True refuses arguments that a function does not know with 400.
    """

    JsonRpcException: ClassVar[type[json_rpc.JsonRpcException]] = json_rpc.JsonRpcException
    Error: ClassVar[type[json_rpc.JsonRpcException]] = json_rpc.JsonRpcException
    jsonrpc_errors: ClassVar[Mapping[int, tuple[str, str]]] = json_rpc.ERRORS

    def __init__(self, environment: Any = None, check_args: bool = False) -> None:
        self.check_args = check_args
        self.run_procedures: dict[str, Function] = {}
        self.csv_procedures: dict[str, Function] = {}
        self.xml_procedures: dict[str, Function] = {}
        self.rss_procedures: dict[str, Function] = {}
        self.json_procedures: dict[str, Function] = {}
        self.jsonrpc_procedures: dict[str, Function] = {}
        self.jsonrpc2_procedures: dict[str, Function] = {}
        self.xmlrpc_procedures: dict[str, Function] = {}

    # -- decorators ------------------------------------------------------------------------------

    def run(self, f: Function) -> Function:
        """Offer `f` as plain text."""
        self.run_procedures[f.__name__] = f
        return f

    def csv(self, f: Function) -> Function:
        """Offer `f`, which returns rows, as CSV."""
        self.csv_procedures[f.__name__] = f
        return f

    def xml(self, f: Function) -> Function:
        """Offer `f` as XML."""
        self.xml_procedures[f.__name__] = f
        return f

    def rss(self, f: Function) -> Function:
        """Offer `f`, which returns a feed (`title`, `link`, `entries` ...), as RSS."""
        self.rss_procedures[f.__name__] = f
        return f

    def json(self, f: Function) -> Function:
        """Offer `f` as JSON."""
        self.json_procedures[f.__name__] = f
        return f

    def jsonrpc(self, f: Function) -> Function:
        """Offer `f` by JSON-RPC 1 and, to callers that say so, 2."""
        self.jsonrpc_procedures[f.__name__] = f
        return f

    def jsonrpc2(self, f: Function) -> Function:
        """Offer `f` by JSON-RPC 2, with named parameters, notifications and batches."""
        self.jsonrpc2_procedures[f.__name__] = f
        return f

    def xmlrpc(self, f: Function) -> Function:
        """Offer `f` by XML-RPC."""
        self.xmlrpc_procedures[f.__name__] = f
        return f

    def amfrpc(self, f: Function) -> Function:
        """Do nothing: callers are told that AMF is gone."""
        return f

    def amfrpc3(self, domain: str = "default") -> Callable[[Function], Function]:
        """Do nothing: callers are told that AMF is gone."""
        return lambda f: f

    def soap(self, *name: Any, **described: Any) -> Callable[[Function], Function]:
        """Do nothing: callers are told what to use instead of SOAP."""
        return lambda f: f

    # -- answering -------------------------------------------------------------------------------

    def __call__(self) -> Any:
        """Answer the current request; ``request.args(0)`` names the protocol.

        Raises:
            HTTP: 404 for an unknown protocol or function, 400 for arguments it
                does not take, 501 for a protocol that no longer exists.
        """
        request = current.request
        protocol = request.args(0)
        if protocol in _GONE:
            raise HTTP(501, _GONE[protocol])
        serve = getattr(self, f"serve_{protocol}", None) if protocol in _PROTOCOLS else None
        if serve is None:
            raise HTTP(404, "Object does not exist")
        return serve(request.args[1:]) if protocol in _BY_ADDRESS else serve()

    def serve_run(self, args: list[Any] | None = None) -> str:
        """Answer with the text of a function's result."""
        return str(self._call(self.run_procedures, args))

    def serve_csv(self, args: list[Any] | None = None) -> str:
        """Answer with rows as CSV."""
        _type_is("text/x-csv")
        rows = self._call(self.csv_procedures, args)
        if isinstance(rows, str):
            return rows
        return serializers.csv(list(rows) if inspect.isgenerator(rows) else rows)

    def serve_xml(self, args: list[Any] | None = None) -> str:
        """Answer with XML."""
        _type_is("text/xml")
        return serializers.xml(self._call(self.xml_procedures, args), quote=False)

    def serve_rss(self, args: list[Any] | None = None) -> str:
        """Answer with a feed."""
        _type_is("application/rss+xml")
        return serializers.rss(self._call(self.rss_procedures, args))

    def serve_json(self, args: list[Any] | None = None) -> str:
        """Answer with JSON."""
        _type_is("application/json; charset=utf-8")
        return serializers.json(self._call(self.json_procedures, args))

    def serve_jsonrpc(self) -> str:
        """Answer a JSON-RPC call, of version 2 when the caller says so."""
        data = _body_json()
        if isinstance(data, list) or (isinstance(data, dict) and data.get("jsonrpc") == "2.0"):
            return self._answer_version_2(data, self.jsonrpc_procedures | self.jsonrpc2_procedures)
        _type_is("application/json; charset=utf-8")
        return serializers.json(json_rpc.answer_version_1(data, self.jsonrpc_procedures, _report))

    def serve_jsonrpc2(self, data: Any = None, batch_element: bool = False) -> str:
        """Answer a JSON-RPC 2 call or batch.

        Args:
            data: the call when it was parsed already; the request's body by default.
            batch_element: accepted for compatibility.
        """
        return self._answer_version_2(_body_json() if data is None else data, self.jsonrpc2_procedures)

    def _answer_version_2(self, data: Any, procedures: Mapping[str, Function]) -> str:
        _type_is("application/json; charset=utf-8")
        answer = json_rpc.answer_version_2(data, procedures, _report)
        if answer is None:
            current.response.status = 204
            return ""
        return serializers.json(answer)

    def serve_xmlrpc(self) -> str:
        """Answer an XML-RPC call."""
        procedures = [_guarded(f) for f in self.xmlrpc_procedures.values()]
        return answer_call(current.response, current.request, procedures)

    def error(self) -> Any:
        """Refuse: there is no such function.

        Raises:
            HTTP: 404.
        """
        raise HTTP(404, "Object does not exist")

    def _call(self, procedures: Mapping[str, Function], args: list[Any] | None) -> Any:
        request = current.request
        parts = list(request.args[1:] if args is None else args)
        function = procedures.get(parts[0]) if parts else None
        if function is None:
            raise HTTP(404, "Object does not exist")
        return call_from_request(function, parts[1:], request.vars, strict=self.check_args)


_BY_ADDRESS = frozenset(("run", "csv", "xml", "rss", "json"))
_PROTOCOLS = _BY_ADDRESS | {"jsonrpc", "jsonrpc2", "xmlrpc"}


def call_from_request(
    function: Function, args: list[Any], vars: Mapping[str, Any], strict: bool = False
) -> Any:
    """Call `function` with what the address says, positions first, then names; the rest is left out.

    Args:
        args: parts of the address; extra ones are dropped unless the function takes any number.
        vars: query and form; only names that the function has are passed.
        strict: refuse what the function does not take.

    Raises:
        HTTP: 404 when an argument is missing, 400 for a superfluous one with `strict`.
    """
    signature = inspect.signature(function)
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    named = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    takes_any = inspect.Parameter.VAR_KEYWORD in kinds
    positional = [n for n in named if signature.parameters[n].kind is not inspect.Parameter.KEYWORD_ONLY]
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        if strict and len(args) > len(positional):
            raise HTTP(400, "too many arguments")
        args = args[: len(positional)]
    taken = set(positional[: len(args)])
    values = {
        str(name): value
        for name, value in vars.items()
        if str(name) not in taken and (takes_any or str(name) in named)
    }
    if strict and not takes_any and (extra := set(map(str, vars)) - set(named)):
        raise HTTP(400, f"unknown arguments: {', '.join(sorted(extra))}")
    try:
        signature.bind(*args, **values)
    except TypeError as error:
        raise HTTP(404, "Object does not exist") from error
    return function(*args, **values)


def _type_is(content_type: str) -> None:
    current.response.headers["Content-Type"] = content_type


def _body_json() -> Any:
    """Parse the request's body; a text that is no JSON becomes the exception that says so."""
    try:
        return serializers.loads_json(current.request.body.read() or b"")
    except (ValueError, RecursionError) as error:
        return json_rpc.JsonRpcException(-32700, str(error))


def _report(error: Exception) -> dict[str, Any]:
    """Undo what a failing function wrote and keep a ticket; the caller learns its number only.

    A caller on this very machine is told the error too.
    """
    from runtime.dal import DAL, statements

    request: Any = current.request
    ticket, _ = record_error(
        request.folder,
        request.application,
        error,
        request=request,
        session=getattr(current, "session", None),
        response=getattr(current, "response", None),
        statements=statements,
    )
    DAL.close_all_instances("rollback")
    data = Storage(ticket=ticket)
    if request.is_local:
        data.error = f"{type(error).__name__}: {error}"
    return dict(data)


def _guarded(function: Function) -> Function:
    """Let errors of `function` become faults with a ticket; faults and answers pass."""

    def call(*args: Any) -> Any:
        try:
            return function(*args)
        except Fault:
            raise
        except Exception as error:
            details = _report(error)
            raise Fault(1, details.get("error") or f"internal error, ticket {details['ticket']}") from error

    call.__name__ = function.__name__
    call.__doc__ = function.__doc__
    return call
