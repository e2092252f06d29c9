"""`FORM`: a tag that reads and validates what was sent for the fields inside it (NAMES-05, FUN-02)."""

from __future__ import annotations

from typing import Any, ClassVar

from runtime.forms.cleaning import clean
from runtime.forms.keys import new_key, use_key
from runtime.forms.outcome import HANDLING, call_onvalidation, finish
from runtime.foundation import serializers
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.html import CAT, DIV, INPUT, TAG, XML, A

DEFAULT: Any = type("Default", (), {"__repr__": lambda _: "DEFAULT"})()
"""Stands for an argument that was not given."""


_OF_REQUEST = ("vars", "post_vars", "get_vars")


class FORM(DIV):
    """The tag ``<form>`` and what belongs to its sending.

    Args:
        _action: address; the page's own by default.
        _method: ``post`` by default.
        _enctype: ``multipart/form-data`` by default, so that files can be sent.
        hidden: dictionary of hidden fields; what they send is in ``request.vars``.

    Attributes:
        accepted: True or False after `accepts`, `process` or `validate`, None before.
        vars: values that were validated. What is put here before the form is
            processed fills its fields, or goes to the database for fields not shown.
        errors: messages by name of the field.
        latest: values as they were sent or shown last.
        refused: what was sent had no unused key of this visitor.
        record_changed: for forms of records: someone else has changed it meanwhile, nothing was saved.
    """

    tag = "form"
    _computed: ClassVar[bool] = True

    def __init__(self, *components: Any, **attributes: Any) -> None:
        self.vars: Storage = Storage()
        self.errors: Storage = Storage()
        self.latest: Storage = Storage()
        self.accepted: bool | None = None
        self.refused = False
        self.record_changed: bool | None = None
        self.request_vars: Storage = Storage()
        self.session: Any = None
        self.formname: Any = None
        self._formkey: str | None = None
        super().__init__(*components, **attributes)

    @property
    def formkey(self) -> str | None:
        """The single-use key that the form is written with; None without a session.

        After acceptance it is made when somebody asks: most accepted forms lead to another page.
        """
        if self._formkey is None and self.session is not None:
            self._formkey = new_key(self.session, self.formname)
        return self._formkey

    @formkey.setter
    def formkey(self, key: str | None) -> None:
        self._formkey = key

    @property
    def identity(self) -> Any:
        """What tells validators which record the values belong to; None for a new one."""
        return None

    def _postprocessing(self) -> None:
        attributes = self.attributes
        attributes.setdefault("_action", "#")
        attributes.setdefault("_method", "post")
        attributes.setdefault("_enctype", "multipart/form-data")

    # -- reading what was sent ------------------------------------------------------------------

    def accepts(
        self,
        request_vars: Any,
        session: Any = None,
        formname: Any = "default",
        keepvalues: bool | None = False,
        onvalidation: Any = None,
        hideerror: bool = False,
        **kwargs: Any,
    ) -> bool:
        """Read what was sent, validate it, tell whether it is right; values and errors are in the form.

        Args:
            request_vars: ``request``, ``request.vars`` or another dictionary.
            session: where the single-use keys are; None: the form has no key.
            formname: tells several forms of a page apart; None: whatever was sent is meant for this one.
            keepvalues: keep showing accepted values instead of the initial ones.
            onvalidation: function of the form, list of them, or dictionary with
                ``onsuccess``, ``onfailure``, ``onchange``. It may change `vars` and add `errors`.
            hideerror: keep the messages out of the page.
        """
        sent = self._sent_vars(request_vars)
        self.session, self.formname, self.request_vars = session, formname, sent
        self.errors.clear()
        came = bool(sent) and (formname is None or sent.get("_formname") == formname)
        self.refused = False
        if came and session is not None and not use_key(session, formname, sent.get("_formkey")):
            self.refused = True
        parts = self._parts()
        inputs = [part for part in parts if isinstance(part, INPUT)]
        self._hand_down(inputs, hideerror)
        if came and not self.refused:
            status = self._read(parts)
            status = self._settle(status, onvalidation, **kwargs)
        else:
            status = False
            self._prefill(inputs, came)
        self._formkey = None if session is None or status else new_key(session, formname)
        if status and not keepvalues:
            for node in inputs:
                node._restore()
        latest = self.latest
        for node in inputs:
            node._postprocessing()
            given = node.attributes
            if name := given.get("_name"):
                latest[str(name)] = given.get("value")
        self.accepted = status
        return status

    def _settle(self, status: bool, onvalidation: Any, **kwargs: Any) -> bool:
        """Decide about values that were read; forms of records write here."""
        call_onvalidation(self, onvalidation)
        return status and not self.errors

    def _sent_vars(self, given: Any) -> Storage:
        if not callable(getattr(type(given), "requires_post", None)):  # no request, but its variables
            request = getattr(current, "request", None)
            if not given or request is None or not any(given is request.get(name) for name in _OF_REQUEST):
                return Storage(given or {})
            return Storage({name: clean(value) for name, value in given.items()})
        get = str(self["_method"] or "post").lower() == "get"
        sent = given.get_vars if get else given.post_vars
        return Storage({name: clean(value) for name, value in sent.items()})

    def _parts(self) -> list[DIV]:
        """Return the elements that may have a say in what was sent."""
        return list(self._descendants())

    def _hand_down(self, inputs: list[INPUT], hideerror: bool) -> None:
        given = [node.attributes for node in inputs]
        guarded = frozenset([str(own["_name"]) for own in given if own.get("requires") and own.get("_name")])
        shared = {
            "vars": self.vars,
            "request_vars": self.request_vars,
            "errors": self.errors,
            "guarded": guarded,
            "record_id": self.identity,
        }
        for node in inputs:
            node.__dict__.update(shared)
            if hideerror:
                node["hideerror"] = True

    def _read(self, parts: list[DIV]) -> bool:
        """Let each field read its value; elements that are no fields may refuse too, as captchas do."""
        status = True
        others: list[Any] = []
        for part in parts:
            if isinstance(part, INPUT):
                status = part._validate() and status
            elif hasattr(type(part), "_validate"):
                others.append(part)
        for other in others:
            if not other._validate():
                self.errors.setdefault("captcha", getattr(other, "error_message", "invalid"))
                status = False
        return status

    def _prefill(self, inputs: list[INPUT], refused: bool) -> None:
        """Show the values put into `vars`, or those that were sent without a good key: none are lost."""
        if not refused and not self.vars:
            return
        for node in inputs:
            name = node["_name"]
            if name is None:
                continue
            name = str(name)
            if refused:
                node._submitted(name)
            elif name in self.vars:
                node["value"] = self.vars[name]

    # -- the whole life of a form in one call -------------------------------------------------------

    def validate(
        self, values: Any = DEFAULT, session: Any = DEFAULT, formname: Any = DEFAULT, **options: Any
    ) -> bool:
        """Do what `process` does without writing to the database; tell whether the form was accepted."""
        options.setdefault("dbio", False)
        handling = {key: options.pop(key) for key in tuple(options) if key in HANDLING}
        session = getattr(current, "session", None) if session is DEFAULT else session
        values = getattr(current, "request", None) if values is DEFAULT or values is None else values
        named = {} if formname is DEFAULT else {"formname": formname}
        options.setdefault("keepvalues", None)
        self.accepts(values if values is not None else Storage(), session, **named, **options)
        return finish(self, **handling)

    def process(self, **options: Any) -> Any:
        """Accept the form with the running request and session, then tell the visitor; return the form.

        Args:
            options: those of `accepts`, and
                ``message_onsuccess``, ``message_onfailure``, ``message_onchange``: for ``response.flash``;
                ``next``: address to go to after success, ``[id]`` in it is the record's number, other
                names of values likewise;
                ``onsuccess``, ``onfailure``, ``onchange``: ``'flash'``, None, or a function of the form;
                ``detect_record_change``: see `SQLFORM`;
                ``dbio``: False does not write to the database.
        """
        options.setdefault("dbio", True)
        self.validate(**options)
        return self

    # -- writing ------------------------------------------------------------------------------------

    def hidden_fields(self) -> Any:
        """Return the hidden fields: those given, the form's key and name."""
        fields = [
            INPUT(_type="hidden", _name=name, _value=value) for name, value in (self["hidden"] or {}).items()
        ]
        fields += [INPUT(_type="hidden", _name=name, _value=value) for name, value in self._marks()]
        return CAT(*fields)

    def _marks(self) -> list[tuple[str, Any]]:
        """Return what tells this form when it comes back: names and values."""
        marks = (("_formkey", self.formkey), ("_formname", self.formname))
        return [(name, value) for name, value in marks if value is not None]

    def xml(self) -> str:
        self.components.append(self.hidden_fields())
        try:
            return super().xml()
        finally:
            self.components.pop()

    def begin_end(self) -> tuple[XML, XML]:
        """Return the opening tag, and the closing one with the hidden fields before it."""
        self._postprocessing()
        return XML(f"<form{self._attributes_text()}>"), XML(f"{self.hidden_fields().xml()}</form>")

    def add_button(self, value: Any, url: Any, _class: str | None = None) -> None:
        """Put a button beside the submit button that leads to `url`; it works without JavaScript."""
        submit = self.element("input[type=submit]") or self.element("button[type=submit]")
        address = str(url)
        if address.startswith("javascript:"):
            button = TAG.button(value, _class=_class or "btn", _type="button", _onclick=address)
        else:
            button = A(value, _class=_class or "btn btn-secondary button", _href=address, _role="button")
        if submit is None or submit.parent is None:
            self.append(button)
        else:
            submit.parent.append(button)

    @staticmethod
    def confirm(text: Any = "OK", buttons: Any = None, hidden: Any = None) -> FORM:
        """Return a form of one button, accepted when it is pressed.

        Args:
            text: of the button.
            buttons: dictionary of texts and addresses, for other ways to go.
            hidden: dictionary of hidden fields.
        """
        form = FORM(INPUT(_type="submit", _value=text, _class="btn btn-primary button"), hidden=hidden)
        for title, address in (buttons or {}).items():
            form.add_button(title, address)
        form.process(formname="confirm", message_onsuccess=None, message_onfailure=None)
        return form

    def as_dict(self, flat: bool = False, sanitize: bool = True) -> dict[str, Any]:
        """Return name, fields' values, errors and state of the form.

        Args:
            flat: leave out what is no plain value.
            sanitize: leave out the key.
        """
        plain = (str, int, float, bool, type(None))

        def values(of: Any) -> dict[str, Any]:
            return {k: v if isinstance(v, plain) or not flat else str(v) for k, v in of.items()}

        out = {
            "formname": self.formname,
            "accepted": self.accepted,
            "vars": values(self.vars),
            "latest": values(self.latest),
            "errors": {name: str(message) for name, message in self.errors.items()},
        }
        if not sanitize:
            out["formkey"] = self.formkey
        return out

    def as_json(self, sanitize: bool = True) -> str:
        """Return `as_dict` as JSON."""
        return str(serializers.json(self.as_dict(flat=True, sanitize=sanitize)))

    def as_xml(self, sanitize: bool = True) -> str:
        """Return `as_dict` as XML."""
        return str(serializers.xml(self.as_dict(flat=True, sanitize=sanitize)))
