"""``gluon.contrib.login_methods.ldap_auth``: LDAP and Active Directory (LIB-41)."""

from runtime.tools.login.ldap import ldap_auth

__all__ = ["ldap_auth"]
