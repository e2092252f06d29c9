"""Pages in the language that a translator works on (TR-08)."""

from __future__ import annotations

import pytest

LOCAL = {"headers": {"Host": "127.0.0.1:8000", "Accept-Language": "en"}}


@pytest.fixture
def greeting(site):
    """An application that greets in two languages."""
    site.write("languages/it.py", "{'Hello': 'Ciao'}")
    site.controller("def index():\n    return T('Hello')\n")
    return site


def test_tr_08_the_choice_goes_on_until_it_is_ended(greeting):
    """TR-08: chosen by the address, kept for the pages after it, ended by an empty value."""
    client = greeting.client(rich_errors=True)
    page = "/myapp/default/index"
    assert client.get(f"{page}?_language=it", **LOCAL).text == "Ciao"
    assert client.get(page, **LOCAL).text == "Ciao"
    assert client.get(f"{page}?_language=", **LOCAL).text == "Hello"
    assert client.get(page, **LOCAL).text == "Hello"


def test_tr_08_visitors_choose_nothing(greeting):
    """TR-08: neither on a server for others, nor through another name of this machine."""
    page = "/myapp/default/index?_language=it"
    assert greeting.client().get(page, **LOCAL).text == "Hello"
    other = {"headers": {"Host": "evil.example", "Accept-Language": "en"}}
    answer = greeting.client(rich_errors=True).get(page, **other)
    assert answer.text == "Hello"
    assert "hadron_language" not in answer.headers.get("Set-Cookie", "")


def test_tr_08_what_is_no_language_is_none(greeting):
    """TR-08: a cookie or value with other characters chooses nothing."""
    client = greeting.client(rich_errors=True)
    assert client.get("/myapp/default/index?_language=../../it", **LOCAL).text == "Hello"
