"""Translations over the web (ADMIN-04)."""

from __future__ import annotations

import pytest

from runtime.foundation.current import current
from runtime.i18n.files import load_texts, load_words, merge_texts
from runtime.web.client import TestClient

EDIT = "/admin/languages/edit/shop"


@pytest.fixture
def shop(tmp_path):
    return tmp_path / "applications/shop"


@pytest.fixture
def client(administered, shop):
    made = TestClient(administered())
    made.post("/admin/default/index", data={"password": "secret"})
    (shop / "controllers/talk.py").write_text(
        "def index():\n    T.force('it')\n    return T('Good morning')\n"
    )
    (shop / "languages/it.py").write_text("{'Good morning': 'Good morning', 'Bye': 'Ciao'}")
    (shop / "languages/plural-it.py").write_text("{'libro': ['libri']}")
    yield made
    current._begin()


def test_admin_04_change_a_text_and_the_next_request_shows_it(client, shop):
    """ADMIN-04: found, changed, seen at once; the others stay."""
    assert client.get("/shop/talk/index").text == "Good morning"
    page = client.get(f"{EDIT}/it?open=1")
    assert [node["_value"] for node in page.elements("input[name=key_0]")] == ["Good morning"]
    client.post(f"{EDIT}/it?open=1", data={**page.hidden(), "value_0": "Buongiorno"})
    assert client.get("/shop/talk/index").text == "Buongiorno"
    assert load_texts(shop / "languages/it.py")["Bye"] == "Ciao"


def test_texts_that_the_application_adds_meanwhile_are_kept(client, shop):
    page = client.get(f"{EDIT}/it")
    merge_texts(shop / "languages/it.py", {"New": "New"})
    client.post(f"{EDIT}/it", data={**page.hidden(), "value_0": "Arrivederci", "value_1": "Good morning"})
    assert load_texts(shop / "languages/it.py") == {
        "Bye": "Arrivederci",
        "Good morning": "Good morning",
        "New": "New",
    }


def test_admin_04_plural_words(client, shop):
    """ADMIN-04: plural files too."""
    page = client.get(f"{EDIT}/plural-it")
    client.post(f"{EDIT}/plural-it", data={**page.hidden(), "value_0": "libri | libroni"})
    assert load_words(shop / "languages/plural-it.py") == {"libro": ["libri", "libroni"]}


def test_add_a_language(client, shop):
    token = client.get("/admin/languages/index/shop").hidden()
    client.post("/admin/languages/index/shop", data={**token, "language": "nl"})
    assert load_texts(shop / "languages/nl.py") == {}
    for wrong in ("../x", "", "it", "plural-xx", "a b"):
        client.post("/admin/languages/index/shop", data={**token, "language": wrong})
    assert not (shop / "x.py").exists()
    assert load_texts(shop / "languages/it.py")["Bye"] == "Ciao"
    assert "nl" in client.get("/admin/languages/index/shop").text


def test_a_file_that_can_not_be_read_is_told_and_left_alone(client, shop):
    (shop / "languages/it.py").write_text("import os\n")
    page = client.get(f"{EDIT}/it")
    assert page.elements("[role=alert]")
    assert not page.elements("form[method=post]")
    client.post(f"{EDIT}/it", data={"key_0": "a", "value_0": "b"})
    assert (shop / "languages/it.py").read_text() == "import os\n"


@pytest.mark.parametrize("name", ["xx", "..%2f..%2fmodels%2fdb", "it.py", ""])
def test_languages_that_are_not_there(client, name):
    assert client.get(f"{EDIT}/{name}").status_code in (400, 404)


def test_forms_of_others_change_nothing(client, shop):
    answer = client.post(f"{EDIT}/it", data={"token": "forged", "key_0": "Bye", "value_0": "x"})
    assert answer.status_code == 400
    assert load_texts(shop / "languages/it.py")["Bye"] == "Ciao"
