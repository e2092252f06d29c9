"""Clients of other programs: JSON-RPC (LIB-6), SOAP (LIB-5), Stripe (LIB-16), and closed services."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from base64 import b64encode
from typing import Any, NoReturn

from runtime.tools import network
from runtime.tools.absent import discontinued, need

_IDS = itertools.count(1)


class JSONRPCError(RuntimeError):
    """A JSON-RPC server answered with an error: `code`, `message`, `data`."""

    def __init__(self, code: Any, message: str = "", data: Any = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code, self.message, self.data = code, message, data


class ServerProxy:
    """Calls functions of a JSON-RPC server: ``ServerProxy(url).add(1, 2)``.

    Args:
        uri: address of the server.
        version: ``"2.0"``, or ``"1.1"`` for old servers.
    """

    def __init__(
        self,
        uri: str,
        transport: Any = None,
        encoding: Any = None,
        verbose: bool = False,
        version: str | None = None,
    ) -> None:
        self._uri, self._version = uri, version

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **named: self.call(name, *args, **named)

    def call(self, method: str, *args: Any, **named: Any) -> Any:
        """Call a function by its name; positions or names, not both.

        Raises:
            JSONRPCError: the server answered with an error.
            NetworkError: it did not answer.
        """
        payload: dict[str, Any] = {"id": next(_IDS), "method": method, "params": named or list(args)}
        payload.update({"version": "1.1"} if self._version == "1.1" else {"jsonrpc": "2.0"})
        data = network.open_url(self._uri, json.dumps(payload).encode(), {"Content-Type": "application/json"})
        try:
            answer = json.loads(data)
            error = answer.get("error")
        except (ValueError, AttributeError) as failure:
            raise network.NetworkError(f"{self._uri} sent no JSON-RPC answer") from failure
        if error:
            details = error if isinstance(error, dict) else {"message": str(error)}
            raise JSONRPCError(details.get("code"), str(details.get("message", "")), details.get("data"))
        return answer.get("result")


class SoapFault(RuntimeError):
    """A SOAP server answered with a fault: `faultcode`, `faultstring`."""

    def __init__(self, faultcode: Any, faultstring: Any, detail: Any = None) -> None:
        super().__init__(f"{faultcode}: {faultstring}")
        self.faultcode, self.faultstring, self.detail = faultcode, faultstring, detail


class SoapClient:
    """Calls functions of a SOAP server that has a WSDL, by the package `zeep`.

    Args:
        wsdl: address or path of the WSDL.
        location: address of the server when it is not that of the WSDL.

    Raises:
        MissingPackage: `zeep` is not installed.
        ValueError: no `wsdl`.
    """

    def __init__(self, location: str | None = None, wsdl: str | None = None, **ignored: Any) -> None:
        zeep = need("zeep", "zeep", "to call SOAP servers")
        if not wsdl:
            raise ValueError("SoapClient needs the address of a WSDL: SoapClient(wsdl=...)")
        self._fault = need("zeep.exceptions", "zeep", "to call SOAP servers").Fault
        client = zeep.Client(wsdl)
        self._service = client.service
        if location:
            binding = next(iter(client.wsdl.bindings))
            self._service = client.create_service(binding, location)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*args: Any, **named: Any) -> Any:
            try:
                return getattr(self._service, name)(*args, **named)
            except self._fault as error:
                raise SoapFault(error.code, error.message, error.detail) from error

        return call


class Stripe:
    """Charges by Stripe's REST interface.

    Args:
        key: the secret key.
    """

    URL = "https://api.stripe.com/v1/charges"

    def __init__(self, key: str) -> None:
        self.key = key

    def _ask(self, path: str, fields: dict[str, Any] | None) -> Any:
        token = b64encode(f"{self.key}:".encode()).decode()
        return json.loads(network.open_url(self.URL + path, fields, {"Authorization": f"Basic {token}"}))

    def charge(
        self, amount: int, currency: str = "usd", token: str = "", description: str = "", **more: Any
    ) -> Any:
        """Charge a card.

        Args:
            amount: in the smallest unit of the currency, as cents.
            currency: three letters.
            token: what Stripe's script in the page gave for the card.
            description: text of the charge.
            more: further fields.

        Returns:
            The answer as a dictionary.

        Raises:
            NetworkError: refused, or no answer.
        """
        fields = {"amount": amount, "currency": currency, "source": token, "description": description}
        return self._ask("", fields | more)

    def check(self, charge_id: str) -> Any:
        """Return what Stripe knows of a charge."""
        return self._ask(f"/{charge_id}", None)

    def refund(self, charge_id: str) -> Any:
        """Give the money of a charge back."""
        return self._ask(f"/{charge_id}/refund", {})


class StripeForm:
    """The old card form; its script at Stripe was retired.

    Raises:
        Discontinued: always.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        discontinued(
            "StripeForm",
            "the script that it put into pages (stripe.js version 1) was retired by Stripe",
            "make a Checkout session with the package stripe and redirect the visitor to its address",
        )


def process(*args: Any, **named: Any) -> NoReturn:
    """Refuse: the interface of Authorize.Net that this called was replaced.

    Raises:
        Discontinued: always.
    """
    discontinued(
        "AuthorizeNet.process",
        "Authorize.Net retired the AIM interface that took card numbers from web forms",
        "use Accept Hosted with the package authorizenet",
    )


class AIM:
    """The old interface of Authorize.Net.

    Raises:
        Discontinued: always.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        process()


def websocket_send(url: str, message: str, hmac_key: str | None = None, group: str = "default") -> bytes:
    """Hand a message to a messaging server of its own, for the browsers of a group; return its answer.

    Args:
        url: address of the messaging server.
        message: the text.
        hmac_key: secret that this site and that server share; the message is signed with it (HMAC-MD5).
        group: who gets it.

    Raises:
        NetworkError: the server does not answer.
    """
    signature = hmac.new(hmac_key.encode(), message.encode(), hashlib.md5).hexdigest() if hmac_key else ""
    return network.open_url(url, {"message": message, "signature": signature, "group": group})
