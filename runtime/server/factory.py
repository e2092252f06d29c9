"""Makes the WSGI application of a site; imported late, so that the port is bound at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.config import ServerConfig
from runtime.foundation.problems import UserError
from runtime.server.web_server import WSGIApplication

ApplicationFactory = Callable[[ServerConfig, Path | None], WSGIApplication]
"""Makes an application from the options and the file that holds the administrator's password hash."""

PrepareSite = Callable[[Path], Any]
"""Makes a folder ready to serve."""


def make_application(config: ServerConfig, password_file: Path | None) -> WSGIApplication:
    """Return the application of the site folder, for development or for production."""
    import runtime.web.forms_data  # noqa: F401  # else the first visitor with a form would wait for it
    from runtime.i18n import use_production
    from runtime.web.application import Application
    from runtime.web.site_settings import global_settings

    use_production(config.production)
    application = Application(
        config.folder,
        trusted_proxies=config.trusted_proxies,
        development=not config.production,
        max_body=config.max_body_bytes,
        rich_errors=may_show_errors(config),
    )
    application.settings["cronjob"] = global_settings.cronjob = config.cronjob
    application.settings["host_names"] = global_settings.host_names = list(config.host_names)
    application.settings["password_file"] = str(password_file) if password_file else None
    return application


def may_show_errors(config: ServerConfig) -> bool:
    """Tell whether a browser on this machine may see whole tickets (DEV-04).

    Only where a person runs the server from the window and no other machine reaches it. A proxy on this
    machine passes for a local browser unless its forwarding headers arrive: they are dropped before the
    application when loopback is no trusted proxy.
    """
    local_only = not any(address.is_public for address in config.interfaces)
    proxies_show = {"127.0.0.1", "::1"} <= set(config.trusted_proxies)
    return config.supervised and not config.production and local_only and proxies_show


def end_work(seconds: float) -> None:
    """Let the work that requests have left behind end, within `seconds`; running tests are canceled."""
    from runtime.admin.test_jobs import end_all
    from runtime.web.afterwards import afterwards

    end_all()
    afterwards.close(seconds)


def prepare_site(folder: Path) -> Any:
    """Make the folder ready to serve; the default one is made when it is missing (START-01)."""
    from runtime.admin.site import prepare
    from runtime.config import default_site_folder

    return prepare(folder, create=folder == default_site_folder())


def default_application(application: Any, folder: Path) -> str:
    """Return the name of the application that answers ``/``."""
    name = getattr(application, "default_application", None)
    if isinstance(name, str):
        return name
    installed = installed_applications(folder)
    return next((n for n in ("init", "welcome") if n in installed), installed[0] if installed else "")


def installed_applications(folder: Path) -> list[str]:
    """Return the names of the applications of a site, sorted."""
    try:
        found = [entry for entry in (folder / "applications").iterdir() if entry.is_dir()]
    except OSError:
        return []
    return sorted(entry.name for entry in found if entry.name.isidentifier())


def admin_link(folder: Path, password_file: Path | None, url: str, send: str = "") -> dict[str, str]:
    """Return an address that logs the administrator in once, from a browser on this machine.

    Args:
        folder: of the site.
        password_file: of the server.
        url: of the server.
        send: path of the page to go on to; default the list of applications.

    Raises:
        UserError: the site has no administration of ours, or the server has no password.
    """
    from urllib.parse import urlencode

    from runtime.admin.site import SHIPPED
    from runtime.tools.administrator import ADMIN, new_link

    if not (folder / "applications" / ADMIN / SHIPPED).is_file():
        raise UserError(f"this site has no administration; hadron admin -f {folder} puts it there")
    if password_file is None:
        raise UserError("the administration is off: set a password in Overview, then restart the server")
    query = urlencode({"token": new_link(), **({"send": send} if send else {})})
    return {"url": f"{url.rstrip('/')}/{ADMIN}/default/enter?{query}"}


def inspection_commands(folder: Path) -> dict[str, Callable[..., Any]]:
    """Return the commands that look into this process's caches and the site's sessions, by name."""
    from runtime.admin.cache import cache_commands
    from runtime.admin.sessions import session_commands

    return {**cache_commands(folder), **session_commands(folder)}


def cache_history(folder: Path) -> Any:
    """Start keeping the statistics of this process's caches over time; ``stop()`` ends it."""
    from runtime.admin.cache_history import CacheHistory

    return CacheHistory(folder)


def session_cleaner(folder: Path) -> Any:
    """Start removing sessions that nobody uses any more; ``stop()`` ends it (SESS-19)."""
    from runtime.sessions import SessionCleaner

    return SessionCleaner(folder)


def letter_carrier(folder: Path) -> Any:
    """Start going on with mails that processes of the site have left behind; ``stop()`` ends it."""
    from runtime.tools.letter_carrier import LetterCarrier

    return LetterCarrier(folder)


def cron_of(config: ServerConfig) -> Any:
    """Return hard or soft cron of the site, not started yet; None when it is off (CRON-14)."""
    if config.cron not in ("hard", "soft"):
        return None
    from runtime.cron import HardCron, SoftCron

    return (HardCron if config.cron == "hard" else SoftCron)(config.folder)


def cron_commands(config: ServerConfig, cron: Any) -> dict[str, Callable[..., Any]]:
    """Return the commands about cron, by name; what they need is imported when one is given."""
    runs = cron.runs if cron is not None else None

    def carry_out(name: str, **arguments: Any) -> Any:
        from runtime.admin.cron import command

        return command(name, config.folder, config.cron, runs, **arguments)

    return {
        "cron": lambda: carry_out("cron"),
        "cron_run": lambda job: carry_out("cron_run", job=job),
        "cron_enable": lambda job, enabled=True: carry_out("cron_enable", job=job, enabled=enabled),
    }


def reload_routes(application: Any) -> dict[str, Any]:
    """Read ``routes.py`` again now; says whether there was anything to reload."""
    reload = getattr(application, "reload_routes", None)
    if reload is None:
        return {"reloaded": False}
    error = reload()
    return {"reloaded": error is None, "error": str(error) if error is not None else None}
