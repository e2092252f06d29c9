"""prettydate, PluginManager."""

from __future__ import annotations

import datetime

import pytest
from gluon.tools import PluginManager, prettydate

from runtime.foundation.current import current


@pytest.fixture(autouse=True)
def _clean():
    current._begin()
    yield
    current._begin()


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (dict(seconds=0), "now"),
        (dict(seconds=40), "40 seconds ago"),
        (dict(seconds=61), "1 minute ago"),
        (dict(minutes=5, seconds=1), "5 minutes ago"),
        (dict(hours=1, seconds=1), "1 hour ago"),
        (dict(days=1, hours=1), "1 day ago"),
        (dict(days=15), "2 weeks ago"),
        (dict(days=70), "2 months ago"),
        (dict(days=800), "2 years ago"),
        (dict(hours=-3, seconds=-30), "3 hours from now"),
        (dict(days=-1, hours=-2), "1 day from now"),
    ],
)
def test_prettydate(ago, text):
    """How long ago, in words; in either direction, in local time, UTC and with a zone."""
    delta = datetime.timedelta(**ago)
    assert str(prettydate(datetime.datetime.now() - delta)) == text
    utc = datetime.datetime.now(datetime.UTC)
    assert str(prettydate(utc.replace(tzinfo=None) - delta, utc=True)) == text
    assert str(prettydate(utc - delta)) == text


def test_prettydate_of_days_and_odd_values():
    """A day, nothing, something else, a translator."""
    assert str(prettydate(datetime.date.today() - datetime.timedelta(days=3))) == "3 days ago"
    assert prettydate(None) == ""
    assert prettydate("x") == "[invalid date]"
    then = datetime.datetime.now() - datetime.timedelta(days=3)
    assert prettydate(then, T=lambda text: text.replace("days ago", "Tage her")) == "3 Tage her"


def test_plugin_manager():
    """Settings of the application win over a plugin's defaults; a plugin nobody speaks of is empty."""
    plugins = PluginManager()
    plugins.wiki.theme = "dark"
    inside = PluginManager("wiki", theme="light", size=3)
    assert (inside.wiki.theme, inside.wiki.size) == ("dark", 3)
    assert plugins.wiki.installed is True
    assert plugins.other.anything is None
    assert "wiki" in plugins
    assert set(plugins.keys()) == {"wiki", "other"}
    current._begin()
    assert PluginManager().wiki.theme is None, "the next request starts clean"
