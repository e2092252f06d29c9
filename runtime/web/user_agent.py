"""Telling browsers, systems and kinds of device apart by the user-agent header (REQ-21)."""

from __future__ import annotations

from functools import lru_cache

from runtime.foundation.storage import Storage


@lru_cache(maxsize=512)
def _parse(text: str) -> tuple[bool, bool, bool, str, str, str, str]:
    from user_agents import parse

    agent = parse(text)
    return (
        bool(agent.is_mobile),
        bool(agent.is_tablet),
        bool(agent.is_bot),
        agent.os.family,
        agent.os.version_string,
        agent.browser.family,
        agent.browser.version_string,
    )


def parse_user_agent(text: str) -> Storage:
    """Parse a user-agent header.

    Returns:
        `is_mobile`, `is_tablet`, `bot` (booleans); `os`, `browser` and `dist`, each a
        `Storage` with `name` and `version` texts. Unknown parts are named ``Other``.
    """
    mobile, tablet, bot, system, system_version, browser, browser_version = _parse(text[:1000])
    os_info = Storage(name=system, version=system_version)
    return Storage(
        is_mobile=mobile or tablet,
        is_tablet=tablet,
        bot=bot,
        os=os_info,
        dist=Storage(os_info),
        browser=Storage(name=browser, version=browser_version),
    )
