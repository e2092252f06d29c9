"""Captchas in forms: reCAPTCHA 2, hCaptcha, Turnstile; the network call stands behind `network.open_url`."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from runtime.foundation.current import current
from runtime.foundation.escape import xmlescape
from runtime.html import DIV, XML
from runtime.tools import network


class Recaptcha2(DIV):
    """A box of reCAPTCHA version 2 as an item of a form.

    Args:
        request: the current request.
        public_key: site key.
        private_key: secret key.
        error_message: shown when the answer is refused.
        label: label of the row.
        options: further parameters of the box, as ``{"hl": "de", "theme": "dark", "size": "compact"}``.
        comment: text beside the row.
    """

    tag = "div"
    API_URI: ClassVar[str] = "https://www.google.com/recaptcha/api.js"
    VERIFY_SERVER: ClassVar[str] = "https://www.google.com/recaptcha/api/siteverify"
    css_class: ClassVar[str] = "g-recaptcha"
    field: ClassVar[str] = "g-recaptcha-response"

    def __init__(
        self,
        request: Any = None,
        public_key: str = "",
        private_key: str = "",
        error_message: Any = "invalid",
        label: Any = "Verify:",
        options: dict[str, Any] | None = None,
        comment: Any = "",
    ) -> None:
        super().__init__()
        self.request_vars = request.vars if request is not None else current.request.vars
        self.public_key = public_key
        self.private_key = private_key
        self.error_message = error_message
        self.label = label
        self.options = dict(options or {})
        self.comment = comment
        self.errors: dict[str, Any] = {}

    def _validate(self) -> bool:
        """Ask the service whether the visitor's answer is right; an unreachable service refuses."""
        answer = (self.request_vars or {}).get(self.field)
        if answer and self._is_right(str(answer)):
            (self.request_vars or {}).pop(self.field, None)
            return True
        self.errors["captcha"] = self.error_message
        return False

    def _is_right(self, answer: str) -> bool:
        fields = {"secret": self.private_key, "response": answer, "remoteip": current.request.client}
        try:
            return json.loads(network.open_url(self.VERIFY_SERVER, fields)).get("success") is True
        except (network.NetworkError, ValueError, AttributeError):
            return False

    def xml(self) -> str:
        """Return the box, its script, and the message of a refused answer."""
        options = dict(self.options)
        language = options.pop("hl", None)
        address = f"{self.API_URI}?hl={xmlescape(language)}" if language else self.API_URI
        attributes = {f"_data-{name}": value for name, value in options.items()}
        box = DIV(_class=self.css_class, **{"_data-sitekey": self.public_key}, **attributes)
        script = XML(f'<script src="{address}" async defer></script>')
        parts = [script, box]
        if "captcha" in self.errors:
            parts.append(DIV(self.errors["captcha"], _class="error error_wrapper", _id="captcha__error"))
        return DIV(*parts, _class="captcha").xml()


class Recaptcha(Recaptcha2):
    """The first reCAPTCHA, whose service was closed: shown and checked as version 2, with its keys.

    Args:
        use_ssl, error: accepted for compatibility; the others as those of `Recaptcha2`.
    """

    def __init__(
        self,
        request: Any = None,
        public_key: str = "",
        private_key: str = "",
        use_ssl: bool = True,
        error: Any = None,
        error_message: Any = "invalid",
        label: Any = "Verify:",
        options: Any = "",
        comment: Any = "",
        ajax: bool = False,
    ) -> None:
        own = options if isinstance(options, dict) else None
        super().__init__(request, public_key, private_key, error_message, label, own, comment)


class HCaptcha(Recaptcha2):
    """A box of hCaptcha; arguments as those of `Recaptcha2`."""

    API_URI = "https://js.hcaptcha.com/1/api.js"
    VERIFY_SERVER = "https://api.hcaptcha.com/siteverify"
    css_class = "h-captcha"
    field = "h-captcha-response"


class Turnstile(Recaptcha2):
    """A box of Cloudflare Turnstile; arguments as those of `Recaptcha2`."""

    API_URI = "https://challenges.cloudflare.com/turnstile/v0/api.js"
    VERIFY_SERVER = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
    css_class = "cf-turnstile"
    field = "cf-turnstile-response"
