"""The user's own pages: profile, groups, tokens for programs."""

from __future__ import annotations

from typing import Any

from runtime.forms import FORM, SQLFORM
from runtime.forms.outcome import call_onvalidation
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.html import DIV, INPUT, TABLE, TD, TH, THEAD, TR
from runtime.tools.auth.base import DEFAULT, callback, new_uuid
from runtime.tools.auth.recovery import AuthRecovery


class AuthProfile(AuthRecovery):
    """The user's own pages; see `Auth`."""

    groups_of: Any

    def profile(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Return the form of the record of the user who is logged in; arguments as for `login`."""
        settings, messages, table = self.settings, self.messages, self.table_user()
        if not self.user:
            self.leave(f"{settings.login_url}?_next={self.url(args='profile')}")
        passfield = settings.password_field
        next = (self.get_vars_next() or settings.profile_next) if next is DEFAULT else next
        onvalidation = settings.profile_onvalidation if onvalidation is DEFAULT else onvalidation
        onaccept = settings.profile_onaccept if onaccept is DEFAULT else onaccept
        names = settings.profile_fields or [
            f.name for f in table if f.type != "id" and f.writable and f.name != passfield
        ]
        if passfield in table.fields:
            table[passfield].writable = False
        form = SQLFORM(
            table,
            self.user.id,
            fields=names,
            hidden=self._hidden_next(),
            submit_button=messages.profile_save_button,
            upload=settings.download_url,
            deletable=settings.allow_delete_accounts,
            **self._form_options(),
        )
        if not self._accepts(form, "profile", lambda form: call_onvalidation(form, onvalidation)):
            return form
        if form.deleted:
            self.logout_bare()
            self.leave(settings.logout_next)
        self._update_session_user(table(self.user.id))
        current.session.flash = messages.profile_updated
        self.log_event(messages.profile_log if log is DEFAULT else log, self.user)
        callback(onaccept, form)
        return self._go(next, form)

    def groups(self) -> Any:
        """Return a table of the groups of the user who is logged in."""
        if not self.user:
            self.leave(self.settings.login_url)
        messages = self.messages
        rows = [TR(TD(group.role), TD(group.description or "")) for group in self.groups_of(self.user.id)]
        if not rows:
            return None
        head = THEAD(TR(TH(messages.label_role, _scope="col"), TH(messages.label_description, _scope="col")))
        return TABLE(head, *rows, _class="table")

    def manage_tokens(self) -> Any:
        """Return the page of the tokens by which programs act as the user who is logged in.

        Raises:
            HTTP: 404 unless `define_tables` was called with ``enable_tokens=True``.
        """
        if not self.user:
            self.leave(f"{self.settings.login_url}?_next={self.url(args='manage_tokens')}")
        if not self.settings.enable_tokens:
            raise HTTP(404, "Not found")
        table, request, T = self.table_token(), current.request, current.T
        mine = table.user_id == self.user.id
        removing = FORM(INPUT(_name="token_id"))
        if self._accepts(removing, "delete_token", None):
            number = str(request.post_vars.token_id)
            self.db(
                mine & (table.id == (int(number) if number.isdigit() and len(number) < 19 else 0))
            ).delete()
            self.leave(self.url(args="manage_tokens"))
        form = SQLFORM(table, fields=["expires_on"], submit_button=T("Create"), **self._form_options())

        def complete(form: Any) -> None:
            form.vars.user_id, form.vars.token = self.user.id, new_uuid()

        if self._accepts(form, "token", complete):
            current.session.flash = T("The token was made.")
            self.leave(self.url(args="manage_tokens"))
        rows = [
            TR(TD(row.token), TD(row.expires_on), TD(self._delete_button(row.id, removing)))
            for row in self.db(mine).select(table.ALL, orderby=table.expires_on)
        ]
        head = THEAD(TR(TH("Token", _scope="col"), TH(T("Expires"), _scope="col"), TH()))
        return DIV(TABLE(head, *rows, _class="table") if rows else "", form, _class="tokens")

    def _delete_button(self, number: Any, form: Any) -> Any:
        button = INPUT(_type="submit", _value=current.T("Delete"), _class="btn btn-danger")
        made = FORM(button, hidden={"token_id": number})
        made.formname, made.formkey = form.formname, form.formkey
        return made
