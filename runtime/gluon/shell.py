"""``gluon.shell``: running files in an application's environment."""

from runtime.web.exec_environment import exec_environment

__all__ = ["exec_environment"]
