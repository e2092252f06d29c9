"""Passwords checked by an LDAP server or Active Directory (LIB-41)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from runtime.foundation.problems import UserError
from runtime.tools.absent import need

logger = logging.getLogger("web2py.auth")

_USER_NAMES = {
    "ad": "sAMAccountName",
    "uid": "uid",
    "cn": "cn",
    "uid_r": "uid",
    "domino": "",
    "custom": "uid",
}


class LdapError(UserError):
    """The settings of `ldap_auth` can not be used; the text says why."""


class _Directory:
    """One LDAP server with its settings; see `ldap_auth`."""

    def __init__(
        self, server: str, port: int | None, mode: str, secure: bool, options: dict[str, Any]
    ) -> None:
        self.ldap3 = need("ldap3", "ldap3", "to ask an LDAP server", "ldap")
        if mode not in _USER_NAMES:
            raise LdapError(f"mode must be one of {', '.join(_USER_NAMES)}, not {mode!r}")
        self.mode, self.options, self.secure = mode, options, secure
        tls = None
        if secure or options["self_signed_certificate"] or options["cert_file"] or options["cacert_file"]:
            import ssl

            tls = self.ldap3.Tls(
                validate=ssl.CERT_NONE if options["self_signed_certificate"] else ssl.CERT_REQUIRED,
                local_certificate_file=options["cert_file"],
                local_private_key_file=options["key_file"],
                ca_certs_file=options["cacert_file"],
            )
        self.server = self.ldap3.Server(
            server, port=port or (636 if secure else 389), use_ssl=secure, tls=tls, connect_timeout=20
        )

    def _escaped(self, text: str) -> str:
        from ldap3.utils.conv import escape_filter_chars

        return str(escape_filter_chars(text))

    def _bind(self, user: str | None, password: str | None) -> Any:
        connection = self.options["connect"](self.server, user, password)
        return connection if connection.bind() else None

    def connect(self, server: Any, user: str | None, password: str | None) -> Any:
        """Return an unbound connection."""
        return self.ldap3.Connection(server, user=user, password=password, receive_timeout=20)

    def _find(self, connection: Any, name: str) -> Any:
        """Return the entry of a user, None when there is none or more than one."""
        attribute = self.options["username_attrib"] or _USER_NAMES[self.mode] or "uid"
        wanted = f"({attribute}={self._escaped(name)})"
        own = self.options["filterstr"]
        if own and own != "objectClass=*":
            wanted = f"(&({own.strip('()')}){wanted})" if not own.startswith("(") else f"(&{own}{wanted})"
        connection.search(self.options["base_dn"] or "", wanted, attributes=["*"])
        entries = connection.entries
        return entries[0] if len(entries) == 1 else None

    def login(self, name: str, password: str) -> Any:
        """Return the entry of a user whose password is right, None otherwise."""
        from ldap3.utils.dn import escape_rdn

        options, base = self.options, self.options["base_dn"]
        if self.mode == "ad":
            full = name
            if "@" not in name and base:
                domain = [part[3:] for part in base.lower().split(",") if part.strip().startswith("dc=")]
                full = f"{name}@{'.'.join(domain)}" if domain else name
            connection = self._bind(full, password)
            return connection and self._find(connection, name.split("@", maxsplit=1)[0])
        if self.mode in ("uid", "cn") and not options["bind_dn"]:
            connection = self._bind(f"{_USER_NAMES[self.mode]}={escape_rdn(name)},{base}", password)
            return connection and self._find(connection, name)
        if self.mode == "domino":
            connection = self._bind(name.split("@", maxsplit=1)[0], password)
            return connection and True
        searcher = self._bind(options["bind_dn"], options["bind_pw"])
        if searcher is None:
            raise LdapError("the LDAP server refused bind_dn and bind_pw")
        entry = self._find(searcher, name)
        if entry is None or self._bind(entry.entry_dn, password) is None:
            return None
        return entry

    def is_member(self, entry: Any, name: str, allowed: list[str]) -> bool:
        """Tell whether a user belongs to one of the allowed groups."""
        return bool(set(self.groups(entry, name)) & set(allowed))

    def groups(self, entry: Any, name: str) -> list[str]:
        """Return the names of the groups of a user."""
        options = self.options
        connection = self._bind(options["bind_dn"], options["bind_pw"])
        if connection is None:
            raise LdapError("groups are read by bind_dn and bind_pw, which the LDAP server refused")
        member = options["group_member_attrib"]
        value = entry.entry_dn if member in ("member", "uniqueMember") else name
        wanted = f"(&({options['group_filterstr'].strip('()')})({member}={self._escaped(value)}))"
        attribute = options["group_name_attrib"]
        connection.search(options["group_dn"] or options["base_dn"] or "", wanted, attributes=[attribute])
        return [str(found[attribute].value) for found in connection.entries]


def ldap_auth(
    server: str = "ldap",
    port: int | None = None,
    base_dn: str = "ou=users,dc=domain,dc=com",
    mode: str = "uid",
    secure: bool = False,
    self_signed_certificate: bool | None = None,
    cert_path: str | None = None,
    cert_file: str | None = None,
    cacert_path: str | None = None,
    cacert_file: str | None = None,
    key_file: str | None = None,
    bind_dn: str | None = None,
    bind_pw: str | None = None,
    filterstr: str = "objectClass=*",
    username_attrib: str | None = None,
    custom_scope: str = "subtree",
    allowed_groups: list[str] | None = None,
    manage_user: bool = False,
    user_firstname_attrib: str = "cn:1",
    user_lastname_attrib: str = "cn:2",
    user_mail_attrib: str = "mail",
    manage_groups: bool = False,
    manage_groups_callback: list[Any] | None = None,
    db: Any = None,
    group_dn: str | None = None,
    group_name_attrib: str = "cn",
    group_member_attrib: str = "memberUid",
    group_filterstr: str = "objectClass=*",
    group_mapping: dict[str, str] | None = None,
    tls: bool = False,
    logging_level: str = "error",
    connect: Callable[..., Any] | None = None,
) -> Callable[[str, str], bool]:
    """Return a login method that asks an LDAP server; needs the package ``ldap3``.

    Args:
        server: host, or address as ``ldaps://host``.
        port: 389 by default, 636 with `secure`.
        base_dn: below which users stand.
        mode: ``uid``, ``cn``, ``uid_r``, ``ad`` (Active Directory), ``domino``, ``custom``.
        secure: TLS from the beginning.
        self_signed_certificate: True accepts any certificate.
        cert_file, key_file, cacert_file: files for TLS.
        bind_dn, bind_pw: account that searches, where users are not found by their name.
        filterstr: further condition on users.
        username_attrib: attribute that holds the user name.
        allowed_groups: names of groups; others are refused.
        manage_user: True writes names and address of the entry into the user's record.
        user_firstname_attrib, user_lastname_attrib, user_mail_attrib: where they stand; ``cn:1``
            is the first word of ``cn``.
        manage_groups: True makes the user's memberships those of the LDAP groups.
        group_mapping: names of groups here, by LDAP name.
        db: database of the users, for `manage_user` and `manage_groups`.
        connect: makes connections, for tests: called with server, user, password.

    Raises:
        MissingPackage: ``ldap3`` is not installed.
        LdapError: an unknown `mode`.
    """
    options: dict[str, Any] = {
        "base_dn": base_dn,
        "bind_dn": bind_dn,
        "bind_pw": bind_pw,
        "filterstr": filterstr,
        "username_attrib": username_attrib,
        "self_signed_certificate": self_signed_certificate,
        "cert_file": cert_file or cert_path,
        "cacert_file": cacert_file or cacert_path,
        "key_file": key_file,
        "group_dn": group_dn,
        "group_name_attrib": group_name_attrib,
        "group_member_attrib": group_member_attrib,
        "group_filterstr": group_filterstr,
    }
    directory = _Directory(server, port, mode, secure or tls, options)
    options["connect"] = connect or directory.connect
    names = (user_firstname_attrib, user_lastname_attrib, user_mail_attrib)

    def ldap_auth_aux(username: str, password: str) -> bool:
        if not password or not username:
            return False  # an empty password would bind anonymously
        try:
            entry = directory.login(username, password)
            if not entry or (allowed_groups and not directory.is_member(entry, username, allowed_groups)):
                return False
            if manage_user and db is not None and entry is not True:
                _write_user(db, username, entry, names)
            if manage_groups and db is not None and entry is not True:
                found = [(group_mapping or {}).get(one, one) for one in directory.groups(entry, username)]
                _write_groups(db, username, found)
        except (directory.ldap3.core.exceptions.LDAPException, LdapError) as error:
            logger.warning("ldap_auth refused %s: %s", username, error)
            return False
        return True

    return ldap_auth_aux


def _value(entry: Any, attribute: str) -> str:
    name, _, word = attribute.partition(":")
    try:
        text = str(entry[name].value or "")
    except (KeyError, LookupError):
        return ""
    if not word:
        return text
    words = text.split(None, 1)
    return words[int(word) - 1] if int(word) <= len(words) else ""


def _user_query(db: Any, username: str) -> Any:
    table = db.auth_user
    if "username" in table.fields:
        return table.username == username
    return table.email == username


def _write_user(db: Any, username: str, entry: Any, attributes: tuple[str, str, str]) -> None:
    first, last, mail = (_value(entry, one) for one in attributes)
    values: dict[str, Any] = {"first_name": first, "last_name": last}
    if mail:
        values["email"] = mail
    query = _user_query(db, username)
    if not db(query).update(**values):
        values.setdefault("email", username)
        if "username" in db.auth_user.fields:
            values["username"] = username
        db.auth_user.insert(**values)


def _write_groups(db: Any, username: str, names: list[str]) -> None:
    user = db(_user_query(db, username)).select(db.auth_user.id).first()
    if user is None:
        return
    wanted = set()
    for name in names:
        group = db(db.auth_group.role == name).select(db.auth_group.id).first()
        wanted.add(group.id if group else db.auth_group.insert(role=name, description="from LDAP"))
    mine = db.auth_membership.user_id == user.id
    there = {row.group_id for row in db(mine).select(db.auth_membership.group_id)}
    own_group = f"user_{user.id}"
    for group_id in there - wanted:
        record = db.auth_group[group_id]
        if record is None or record.role != own_group:
            db(mine & (db.auth_membership.group_id == group_id)).delete()
    for group_id in wanted - there:
        db.auth_membership.insert(user_id=user.id, group_id=group_id)
