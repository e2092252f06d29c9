"""What `auth.settings` and `auth.messages` hold until an application says otherwise."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable
from typing import Any

from runtime.foundation.current import current
from runtime.foundation.http import redirect
from runtime.foundation.storage import LazyStorage, Settings
from runtime.routing import URL

logger = logging.getLogger("web2py.auth")

DAY = 24 * 3600

PLAIN: dict[str, Any] = {
    # accounts
    "password_min_length": 4,
    "password_field": "password",
    "use_username": False,
    "login_userfield": None,
    "login_email_validate": True,
    "email_case_sensitive": True,
    "username_case_sensitive": True,
    "showid": False,
    "update_fields": ["email"],
    "create_user_groups": "user_%(id)s",
    "everybody_group_id": None,
    "allow_delete_accounts": False,
    "ondelete": "CASCADE",
    "hmac_key": None,
    # registration
    "registration_requires_verification": False,
    "registration_requires_approval": False,
    "login_after_registration": None,  # None: who need not wait; True: everybody; False: nobody
    "login_after_password_change": True,
    "alternate_requires_registration": False,
    "register_fields": None,
    "register_verify_password": True,
    "pre_registration_div": None,
    "bulk_register_enabled": False,
    "verify_email_expiration": 7 * DAY,
    "profile_fields": None,
    # passwords by mail
    "reset_password_requires_verification": False,
    "prevent_password_reset_attacks": True,
    "reset_password_expiration": DAY,
    # logging in
    "prevent_open_redirect_attacks": True,
    "multi_login": False,
    "login_specify_error": False,
    "throttle_logins": True,
    "expiration": 3600,
    "long_expiration": 30 * DAY,
    "remember_me_form": True,
    "allow_basic_login": False,
    "allow_basic_login_only": False,
    "renew_session_onlogin": True,
    "renew_session_onlogout": True,
    "keep_session_onlogin": True,
    "keep_session_onlogout": False,
    "two_factor_authentication_group": None,
    "auth_two_factor_enabled": False,
    "auth_two_factor_tries_left": 3,
    "two_factor_code_expiration": 600,
    # forms
    "hideerror": False,
    "formstyle": None,
    "label_separator": None,
    "client_side": True,
    "captcha": None,
    "login_captcha": None,
    "register_captcha": None,
    "retrieve_username_captcha": None,
    "retrieve_password_captcha": None,
    # other
    "logging_enabled": True,
    "auth_manager_role": None,
    "cas_maps": None,
    "cas_provider": None,
    "cas_create_user": True,
    "enable_tokens": False,
    "signature": True,
    # tables
    "table_user_name": "auth_user",
    "table_group_name": "auth_group",
    "table_membership_name": "auth_membership",
    "table_permission_name": "auth_permission",
    "table_event_name": "auth_event",
    "table_cas_name": "auth_cas",
    "table_token_name": "auth_token",
    "table_user": None,
    "table_group": None,
    "table_membership": None,
    "table_permission": None,
    "table_event": None,
    "table_cas": None,
    "table_token": None,
    # where to go afterwards
    "register_next": None,
    "verify_email_next": None,
    "on_failed_authentication": redirect,
    "logout_onlogout": None,
}
"""Settings that are the same for each `Auth` object; changing one in an object changes no other."""

_LISTS = (
    "actions_disabled", "login_onvalidation", "login_onaccept", "login_onfail", "register_onvalidation",
    "register_onaccept", "verify_email_onaccept", "retrieve_password_onvalidation",
    "reset_password_onvalidation", "reset_password_onaccept", "change_password_onvalidation",
    "change_password_onaccept", "profile_onvalidation", "profile_onaccept", "retrieve_username_onvalidation",
    "retrieve_username_onaccept", "two_factor_methods", "two_factor_onvalidation",
)  # fmt: skip


class AuthSettings(LazyStorage):
    """Settings of an `Auth` object. Addresses, the mailer and lists are made when they are read.

    A name that nothing reads is kept all the same, and the log names the one that was meant.
    """

    __slots__ = ("_auth",)

    def __init__(self, auth: Any, **values: Any) -> None:
        dict.__init__(self, PLAIN)
        dict.update(self, values)
        object.__setattr__(self, "_auth", auth)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self and name not in self._lazy and name not in _complained:
            _complained.add(name)
            near = difflib.get_close_matches(name, [*PLAIN, *map(str, self._lazy)], 1)
            hint = f", did you mean {near[0]}?" if near else ""
            logger.warning("auth.settings.%s is not a setting%s", name, hint)
        self[name] = value  # None is a value here


_complained: set[str] = {"lock_keys", "lock_values"}


def _page(*args: str) -> Callable[[AuthSettings], Any]:
    return lambda settings: settings._auth.url(args=list(args))


def _front(_: AuthSettings) -> Any:
    return URL("default", "index")


def _mailer(_: AuthSettings) -> Any:
    from runtime.tools.mail import Mail

    return Mail()


def _cas_domains(_: AuthSettings) -> list[str]:
    request = getattr(current, "request", None)
    host = request.env.http_host if request is not None else None
    return [host] if host else []


AuthSettings._lazy = {
    "login_url": _page("login"),
    "logged_url": _page("profile"),
    "download_url": lambda _: URL("default", "download"),
    "on_failed_authorization": _page("not_authorized"),
    "mailer": _mailer,
    "extra_fields": lambda _: {},
    "manager_actions": lambda _: {},
    "wiki": lambda _: Settings(),
    "login_methods": lambda settings: [settings._auth],
    "login_form": lambda settings: settings._auth,
    "host_names": lambda _: [],
    "cas_domains": _cas_domains,
    "cas_actions": lambda _: {
        "login": "login",
        "validate": "validate",
        "servicevalidate": "serviceValidate",
        "proxyvalidate": "proxyValidate",
        "logout": "logout",
    },
    "login_next": _front,
    "logout_next": _front,
    "profile_next": _front,
    "change_password_next": _front,
    "retrieve_username_next": _front,
    "retrieve_password_next": _front,
    "request_reset_password_next": _page("login"),
    "reset_password_next": _page("login"),
    "bulk_register_next": _front,
    "controller": lambda settings: settings._auth.controller,
    "function": lambda settings: settings._auth.function,
    **{name: lambda _: [] for name in _LISTS},
}

MESSAGES: dict[str, Any] = {
    # buttons and labels
    "login_button": "Log In",
    "register_button": "Sign Up",
    "password_reset_button": "Request reset password",
    "password_change_button": "Change password",
    "profile_save_button": "Apply changes",
    "submit_button": "Submit",
    "verify_password": "Verify Password",
    "verify_password_comment": "Please type your password again",
    "delete_label": "Check to delete",
    "old_password": "Old password",
    "new_password": "New password",
    "label_first_name": "First name",
    "label_last_name": "Last name",
    "label_username": "Username",
    "label_email": "E-mail",
    "label_password": "Password",
    "label_registration_key": "Registration key",
    "label_reset_password_key": "Reset Password key",
    "label_registration_id": "Registration identifier",
    "label_role": "Role",
    "label_description": "Description",
    "label_user_id": "User ID",
    "label_group_id": "Group ID",
    "label_name": "Name",
    "label_table_name": "Object or table name",
    "label_record_id": "Record ID",
    "label_time_stamp": "Timestamp",
    "label_client_ip": "Client IP",
    "label_origin": "Origin",
    "label_remember_me": "Remember me (for 30 days)",
    "label_client_id": "Client",
    "label_two_factor": "Authentication code",
    # what happened
    "function_disabled": "Function disabled",
    "access_denied": "Insufficient privileges",
    "ajax_failed_authentication": "NOT AUTHORIZED: please log in",
    "registration_verifying": "Registration needs verification",
    "registration_pending": "Registration is pending approval",
    "registration_successful": "Registration successful",
    "login_disabled": "Login disabled by administrator",
    "logged_in": "Logged in",
    "logged_out": "Logged out",
    "email_sent": "Email sent",
    "email_verified": "Email verified",
    "username_sent": "Your username was emailed to you",
    "new_password_sent": "A new password was emailed to you",
    "password_changed": "Password changed",
    "profile_updated": "Profile updated",
    "unable_to_send_email": "Unable to send email",
    "unable_send_email": "Unable to send email",
    "invalid_username": "Invalid username",
    "username_taken": "Username already taken",
    "email_taken": "This email already has an account",
    "invalid_email": "Invalid email",
    "invalid_login": "Invalid login",
    "invalid_user": "Invalid user",
    "invalid_password": "Invalid password",
    "invalid_key": "This link is not valid any more",
    "invalid_reset_password": "Invalid reset password",
    "is_empty": "Cannot be empty",
    "mismatched_password": "Password fields don't match",
    "too_many_attempts": "Too many attempts. Please wait %(seconds)s seconds.",
    "form_expired": "This form was out of date. Please send it once more.",
    "two_factor_comment": "This code was emailed to you and is needed to log in.",
    "invalid_two_factor_code": "Incorrect code. {0} more attempt(s) remaining.",
    # messages by mail
    "verify_email": "Welcome %(username)s! Open this link to verify your email address: %(link)s",
    "verify_email_subject": "Email verification",
    "retrieve_username": "Your username is: %(username)s",
    "retrieve_username_subject": "Username retrieve",
    "retrieve_password": "Your password is: %(password)s",
    "retrieve_password_subject": "Password retrieve",
    "reset_password": "Open this link to set a new password: %(link)s",
    "reset_password_subject": "Password reset",
    "bulk_invite_subject": "Invitation to join %(site)s",
    "bulk_invite_body": "You have been invited to join %(site)s. Open this link to complete it: %(link)s",
    "retrieve_two_factor_code": "Your login code is: {0}",
    "retrieve_two_factor_code_subject": "Two-step login authentication code",
    "group_description": "Group uniquely assigned to user %(id)s",
    # the journal of events
    "register_log": "User %(id)s Registered",
    "login_log": "User %(id)s Logged-in",
    "login_failed_log": None,
    "logout_log": "User %(id)s Logged-out",
    "profile_log": "User %(id)s Profile updated",
    "verify_email_log": "User %(id)s Verification email sent",
    "retrieve_username_log": "User %(id)s Username retrieved",
    "retrieve_password_log": "User %(id)s Password retrieved",
    "reset_password_log": "User %(id)s Password reset",
    "change_password_log": "User %(id)s Password changed",
    "add_group_log": "Group %(group_id)s created",
    "del_group_log": "Group %(group_id)s deleted",
    "add_membership_log": None,
    "del_membership_log": None,
    "has_membership_log": None,
    "add_permission_log": None,
    "del_permission_log": None,
    "has_permission_log": None,
    "impersonate_log": "User %(id)s is impersonating %(other_id)s",
    # navigation
    "welcome": "Welcome",
    "login": "Log In",
    "logout": "Log Out",
    "profile": "Profile",
    "register": "Sign Up",
    "password": "Password",
    "lost_password": "Lost your password?",
    "forgot_username": "Forgot username?",
}


class AuthMessages(Settings):
    """Texts of an `Auth` object; a plain text is translated when it is read, None is kept."""

    __slots__ = ()

    def __init__(self, T: Callable[[str], Any] | None) -> None:
        dict.__init__(self, MESSAGES, T=T)

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        translate = self["T"]
        return translate(value) if isinstance(value, str) and translate is not None else value
