"""What the process knows of itself: ``request.global_settings`` and ``gluon.settings`` (CLI-42, CLI-54)."""

from __future__ import annotations

from runtime.foundation.storage import Storage

global_settings = Storage(is_pypy=False, is_jython=False, cronjob=False)
"""Those of the site that the process serves, or runs something of; the last one counts."""


def settings_of_site(site: str, *, cronjob: bool = False) -> Storage:
    """Return the settings of a site, and make them those of the process.

    Args:
        site: the site folder.
        cronjob: cron has started the process.
    """
    made = Storage(
        gluon_parent=site,
        applications_parent=site,
        is_pypy=False,
        is_jython=False,
        cronjob=cronjob,
        local_hosts=["127.0.0.1", "::1"],
    )
    global_settings.update(made)
    return made
