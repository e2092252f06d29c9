"""Shortest address that the parametric router reads back to the same action (REWR-PARAM-02..04)."""

from __future__ import annotations

from runtime.routing.parametric import AppRouter, Domain, Parametric


class CrossDomain(SyntaxError):
    """An address in another application needs an explicit host (REWR-PARAM-07)."""


def shorten(
    site: Parametric,
    application: str,
    controller: str,
    function: str,
    args: list[str],
    domain: Domain | None,
    language: str | None,
    explicit_host: bool,
) -> str:
    """Return the path without args: prefix, application, language, controller, function as far as needed.

    Args:
        function: with its extension, if it has one other than html.
        args: as they will follow, decoded.
        domain: what the host of the address is mapped to.
        explicit_host: the caller named a host.

    Raises:
        CrossDomain: the address leaves an exclusive domain.
    """
    router = site.router(application)
    leaves = domain is not None and domain[0] != application and not explicit_host
    if domain and leaves and (router.exclusive_domain or site.router(domain[0]).exclusive_domain):
        raise CrossDomain(f"cross-domain conflict: {application!r} is not on this domain; give host=")
    if controller == "static" or controller.startswith("static/"):
        parts = _static(site, router, controller, function, domain, language)
    else:
        parts = _action(site, router, controller, function, args, domain, language)
    return f"{site.prefix}/{'/'.join(parts)}"


def _may_omit_application(site: Parametric, name: str, domain: Domain | None) -> bool:
    if domain:
        return domain[0] == name
    return name == site.default_application and bool(site.applications())


def _static(
    site: Parametric,
    router: AppRouter,
    controller: str,
    function: str,
    domain: Domain | None,
    language: str | None,
) -> list[str]:
    """REWR-PARAM-17."""
    file = f"{controller}/{function}".removeprefix("static/")
    shown = language if language in router.languages else None
    if router.map_static is True:
        shown = None if shown == router.default_language else shown
        named = [] if _may_omit_application(site, router.name, domain) else [router.dash(router.name)]
        return [*named, *([shown] if shown else []), "static", file]
    named = [router.dash(router.name)]
    if router.map_static is False and shown:
        return [*named, "static", shown, file]
    return [*named, *([shown] if shown else []), "static", file]


def _action(
    site: Parametric,
    router: AppRouter,
    controller: str,
    function: str,
    args: list[str],
    domain: Domain | None,
    language: str | None,
) -> list[str]:
    dash = router.dash
    default_controller = (
        domain[1] if domain and domain[0] == router.name else None
    ) or router.default_controller
    default_function = router.function_of(controller)
    if domain and domain[0] == router.name and domain[1] == controller and domain[2]:
        default_function = domain[2]
    lang = language if language in router.languages and language != router.default_language else None
    may_app = _may_omit_application(site, router.name, domain)
    may_controller = controller == default_controller and bool(router.controllers())
    may_function = function == default_function and _function_may_go(router, controller, args)
    best: list[str] = []
    for drop_function, drop_controller, drop_app in _COMBINATIONS:
        if (drop_function and not may_function) or (drop_controller and not may_controller):
            continue
        if drop_app and not may_app:
            continue
        tail = [] if drop_controller else [dash(controller)]
        tail += [] if drop_function else [dash(function)]
        best = _with_language(site, router, tail, args, domain, lang, drop_app, drop_controller)
        if best:
            return best
    return [dash(router.name), *([lang] if lang else []), dash(controller), dash(function)]


# (drop the function, drop the controller, drop the application): shortest first, and a name that
# would be misread is kept from the inside outwards.
_COMBINATIONS = [
    (True, True, True),
    (False, True, True),
    (True, False, True),
    (False, False, True),
    (True, True, False),
    (False, True, False),
    (True, False, False),
    (False, False, False),
]


def _with_language(
    site: Parametric,
    router: AppRouter,
    tail: list[str],
    args: list[str],
    domain: Domain | None,
    lang: str | None,
    drop_app: bool,
    drop_controller: bool,
) -> list[str]:
    """The parts in full, or nothing when some part would be read as something else."""
    after = [*tail, *args]
    following = after[0] if after else None
    if following is not None:
        if drop_controller and router.undash(following) in router.controllers() | {"static"}:
            return []
        if lang is None and following in router.languages:
            lang = router.default_language
            if lang is None:
                return []
    parts = [*([lang] if lang else []), *tail]
    seen = [*parts, *args]
    if drop_app:
        first = seen[0] if seen else None
        if first is not None and _reads_as_application(site, router, first, domain):
            return []
        if len(seen) == 1 and seen[0] in router.root_static:
            return []
        return parts or [""]
    if len(seen) == 1 and seen[0] in router.root_static:
        return []
    return [router.dash(router.name), *parts]


def _reads_as_application(site: Parametric, router: AppRouter, text: str, domain: Domain | None) -> bool:
    plain = text.replace("-", "_")
    if domain and router.exclusive_domain:
        return text == domain[0] or plain == domain[0]
    names = site.applications()
    return text in names or plain in names or (domain is not None and domain[0] in (text, plain))


def _function_may_go(router: AppRouter, controller: str, args: list[str]) -> bool:
    """REWR-PARAM-15: with args behind it, only when the first one cannot be read as a function."""
    if not args:
        return True
    listed = router.functions.get(controller)
    if not listed or not args[0]:
        return False
    name = router.undash(args[0].rpartition(".")[0] or args[0])
    return args[0] not in listed and name not in listed
