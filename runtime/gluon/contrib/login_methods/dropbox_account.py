"""``gluon.contrib.login_methods.dropbox_account``: a closed interface (LIB-37)."""

from runtime.tools.login.gone import DropboxAccount

__all__ = ["DropboxAccount"]
