"""The user's own pages: profile, groups, tokens for programs."""

from __future__ import annotations

from typing import Any

from runtime.forms import FORM, SQLFORM
from runtime.forms.outcome import call_onvalidation
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.html import DIV, INPUT, TABLE, TD, TH, THEAD, TR
from runtime.tools.auth.base import DEFAULT, new_uuid
from runtime.tools.auth.recovery import AuthRecovery
from runtime.tools.buttons import delete_button


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
        course = self._course("profile", next, onvalidation, onaccept, log)
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
        if not self._accepts(form, "profile", lambda form: call_onvalidation(form, course.onvalidation)):
            return form
        if form.deleted:
            self.logout_bare()
            self.leave(settings.logout_next)
        self._update_session_user(table(self.user.id))
        return self._done(course, form, self.user, messages.profile_updated)

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
                mine & (table.id == (int(number) if number.isdecimal() and len(number) < 19 else 0))
            ).delete()
            self.leave(self.url(args="manage_tokens"))
        form = SQLFORM(table, fields=["expires_on"], submit_button=T("Create"), **self._form_options())

        def complete(form: Any) -> None:
            form.vars.user_id, form.vars.token = self.user.id, new_uuid()

        if self._accepts(form, "token", complete):
            current.session.flash = T("The token was made.")
            self.leave(self.url(args="manage_tokens"))
        rows = [
            TR(TD(row.token), TD(row.expires_on), TD(delete_button(removing, token_id=row.id)))
            for row in self.db(mine).select(table.ALL, orderby=table.expires_on)
        ]
        head = THEAD(TR(TH("Token", _scope="col"), TH(T("Expires"), _scope="col"), TH()))
        return DIV(TABLE(head, *rows, _class="table") if rows else "", form, _class="tokens")
