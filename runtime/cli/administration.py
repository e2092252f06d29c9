"""``hadron admin``: put the administration over the web into a site (ADMIN-08)."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.cli.subparser import SubcommandParser, add_folder, parse_or_help, site_of

EXIT_OK, EXIT_PROBLEM = 0, 1


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron admin`` and return the exit code: 1 when another application has the name.

    Raises:
        UserError: the command line is wrong, or the folder is no site.
    """
    from runtime.admin.site import SHIPPED, install_administration, prepare

    parser = SubcommandParser("admin", "Put the application admin into a site, or renew it after an upgrade.")
    add_folder(parser)
    options = parse_or_help(parser, arguments)
    if options is None:
        return EXIT_OK
    site = prepare(site_of(options)).folder
    done = install_administration(site)
    if not (site / "applications" / "admin" / SHIPPED).is_file():
        print("applications/admin is another application; it was left alone")
        return EXIT_PROBLEM
    print(
        "the administration was put into the site" if done else "the administration is there and up to date"
    )
    print(
        'serve with a password (hadron serve -a "<ask>") and open /admin on the server itself or over HTTPS'
    )
    return EXIT_OK
