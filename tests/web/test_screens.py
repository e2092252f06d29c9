"""The screens written for an existing database, used by its administrator (DBI-04)."""

from __future__ import annotations

import sqlite3

import pytest

from runtime.cli import main as command_line

SCHEMA = """
CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL);
CREATE TABLE dog (tag VARCHAR(10) PRIMARY KEY, name VARCHAR(20), owner INTEGER NOT NULL REFERENCES person);
CREATE TABLE pair (a INTEGER NOT NULL, b VARCHAR(9) NOT NULL, c INTEGER, PRIMARY KEY (a, b));
CREATE TABLE request (id INTEGER PRIMARY KEY, text TEXT);
INSERT INTO person (name) VALUES ('Ann <b>'), ('Bob');
INSERT INTO dog VALUES ('x1', 'Rex', 1);
INSERT INTO pair VALUES (1, 'x y', 10), (2, 'z', 20);
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "old.db"
    connection = sqlite3.connect(file)
    connection.executescript(SCHEMA)
    connection.close()
    return file


@pytest.fixture
def made(administered, path, tmp_path):
    """A visitor of the site to which ``hadron introspect --application`` added screens."""
    from runtime.web.client import TestClient

    application = administered()
    assert command_line(["introspect", str(path), "--application", "kennel", "-f", str(tmp_path)]) == 0
    return TestClient(application)


@pytest.fixture
def client(made):
    assert made.post("/admin/default/index", data={"password": "secret"}).status_code == 303
    return made


def ask(path, statement):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_dbi_04_only_the_administrator_comes_in(made):
    """DBI-04, APPADM-05: data that was never shown to anybody is not shown to everybody now."""
    for page in ("index", "person", "pair"):
        answer = made.get(f"/kennel/data/{page}")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/admin/default/index")


def test_dbi_04_a_grid_per_table(client):
    """DBI-04: the menu leads to the tables, each to its rows; names and values are text."""
    assert client.get("/kennel/default/index").element("a[href=/kennel/data/index]")
    page = client.get("/kennel/data/index")
    assert [link["_href"] for link in page.elements("main li a")] == [
        f"/kennel/data/{name}" for name in ("dog", "pair", "person", "request_rows")
    ]
    rows = client.get("/kennel/data/person")
    assert "Ann &lt;b&gt;" in rows.text
    assert "Ann <b>" not in rows.text
    assert "Rex" in client.get("/kennel/data/dog").text
    assert client.get("/kennel/data/request_rows").status_code == 200


def test_dbi_04_a_form_per_table(client, path):
    """DBI-04: adding and changing reach the database; its tables stay as they were (DBI-03)."""
    before = ask(path, "SELECT sql FROM sqlite_master ORDER BY name")
    form = client.get("/kennel/data/person/person/new/person")
    assert client.post(form.request.path, data={**form.hidden("form"), "name": "Cid"}).status_code == 303
    form = client.get("/kennel/data/person/person/edit/person/2")
    assert (
        client.post(form.request.path, data={**form.hidden("form"), "id": "2", "name": "Bert"}).status_code
        == 303
    )
    assert ask(path, "SELECT name FROM person ORDER BY id") == [("Ann <b>",), ("Bert",), ("Cid",)]
    assert ask(path, "SELECT sql FROM sqlite_master ORDER BY name") == before


def test_dbi_04_a_key_of_two_columns(client, path):
    """DBI-04: a row is named by both; a name that is none is said."""
    page = client.get("/kennel/data/pair")
    edit = [link["_href"] for link in page.elements("table a") if "a=1" in link["_href"]]
    assert len(edit) == 1
    form = client.get(edit[0])
    answer = client.post(edit[0], data={**form.hidden("form"), "a": "1", "b": "x y", "c": "11"})
    assert answer.status_code == 303, answer.text
    assert ask(path, "SELECT * FROM pair ORDER BY a") == [(1, "x y", 11), (2, "z", 20)]
    form = client.get("/kennel/data/pair")
    assert (
        client.post(
            "/kennel/data/pair", data={**form.hidden("form"), "a": "3", "b": "n", "c": "1"}
        ).status_code
        == 303
    )
    assert len(ask(path, "SELECT * FROM pair")) == 3
    for wrong in ("a=9&b=z", "a=x&b=z"):
        assert client.get(f"/kennel/data/pair?{wrong}").status_code == 303


def test_dbi_04_what_is_there_stays(made, path, tmp_path, capsys):
    """DBI-04: screens that were adjusted are never written again; a second name stands beside them."""
    screens = tmp_path / "applications/kennel/controllers/data.py"
    screens.write_text("# mine")
    again = ["introspect", str(path), "--application", "kennel", "-f", str(tmp_path)]
    assert command_line(again) == 2
    assert "is there already" in capsys.readouterr().err
    assert screens.read_text() == "# mine"
    assert command_line([*again, "--db", "old"]) == 0
    assert (tmp_path / "applications/kennel/controllers/old.py").is_file()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--yaml"], "leave --yaml"),
        (["--db", "class"], "can not be the name"),
        (["--application", "no good"], "can not be created"),
    ],
)
def test_dbi_04_bad_input(path, tmp_path, capsys, words, sentence):
    """DBI-04: said in a sentence; nothing is left behind."""
    assert (
        command_line(
            ["introspect", str(path), "--application", "kennel", "-f", str(tmp_path / "site"), *words]
        )
        == 2
    )
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "site/applications/kennel").exists()
