"""What the process knows of itself: ``request.global_settings`` and ``gluon.settings`` (CLI-42, CLI-54)."""

from __future__ import annotations

from runtime.foundation.storage import Storage
from runtime.foundation.version import build_version

_INTERFACE = "2.27.1"  # the last version of web2py whose documented interface this one has

_OF_ANY_SITE = {
    "web2py_version": f"{_INTERFACE}-hadron.{build_version()}",
    "is_pypy": False,
    "is_jython": False,
    "local_hosts": ["127.0.0.1", "::1"],
}

global_settings = Storage(_OF_ANY_SITE, cronjob=False, cmd_options=Storage())
"""Those of the site that the process serves, or runs something of; the last one counts."""


def settings_of_site(site: str, *, cronjob: bool = False, shell: str | None = None) -> Storage:
    """Return the settings of a site, and make them those of the process.

    Args:
        site: the site folder.
        cronjob: cron has started the process.
        shell: application whose models a shell or a script has, for ``cmd_options.shell``.
    """
    made = new_settings(site, cronjob=cronjob, shell=shell)
    global_settings.update(made)
    return made


def new_settings(site: str, *, cronjob: bool = False, shell: str | None = None) -> Storage:
    """Return the settings of a site; see `settings_of_site`.

    `web2py_version` is what the models of applications compare ("needs 2.15.5 or newer"): the version of
    web2py whose interface is here, then Hadron's own (REQ-22).
    """
    return Storage(
        _OF_ANY_SITE,
        gluon_parent=site,
        applications_parent=site,
        cronjob=cronjob,
        cmd_options=Storage(shell=shell, cronjob=cronjob),
    )
