"""A grid in a real browser, with JavaScript and without, served by a process of its own (NAMES-06, OCC-03..08, FUN-09)."""

from __future__ import annotations

import csv

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.server]

MODEL = """
db = DAL('sqlite://storage.sqlite')
db.define_table('owner', Field('name'), format='%(name)s')
db.define_table('thing', Field('name', requires=IS_NOT_EMPTY()), Field('price', 'integer'),
    Field('owner', 'reference owner', requires=IS_EMPTY_OR(IS_IN_DB(db, 'owner.id', '%(name)s'))),
    Field('paper', 'upload'), Field('secret', readable=False, writable=False))
if db(db.owner).isempty():
    for name in ('Ann', 'Bob'):
        db.owner.insert(name=name)
    for at in range(45):
        db.thing.insert(name='thing %02d' % at, price=at // 2, owner=1 + at % 2, secret='hush')
"""
CONTROLLER = """
from gluon.storage import Storage

def login():
    session.auth = Storage(user=Storage(id=int(request.args(0))), hmac_key='key of %s' % request.args(0))
    return 'in'

def index():
    return dict(grid=SQLFORM.grid(db.thing))

def part():
    return dict(grid=SQLFORM.grid(db.thing, user_signature=False, paginate=5))

def frame():
    return dict()
"""
BYTES = bytes(range(256)) * 300


@pytest.fixture(params=["script", "plain"])
def people(request, site, make_parts):
    """Two visitors with a browser and a session each; the first runs JavaScript, or does not."""
    drivers = [request.getfixturevalue("browser"), request.getfixturevalue("plain_browser")]
    if request.param == "plain":
        drivers.reverse()
    found = [make_parts(driver) for driver in drivers]
    site.write("models/db.py", MODEL)
    site.write("controllers/default.py", CONTROLLER)
    site.write("views/default/index.html", "{{extend 'layout.html'}}\n{{=grid}}")
    address = site.start_child()
    for number, each in enumerate(found, 1):
        each.address = address
        each.scripted = each.browser is request.getfixturevalue("browser")
        each.browser.get(f"{address}/myapp/default/login/{number}")
        each.browser.get(f"{address}/myapp/default/index")
    return found


def follow(window, what) -> None:
    """Click, and wait until another page is there; `what` is a selector, or the words of a link."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.by import By

    page = window.find("html")
    if "[" in what or "#" in what:
        window.find(what).click()
    else:
        window.browser.find_element(By.PARTIAL_LINK_TEXT, what).click()

    def gone() -> bool:
        try:
            return not page.is_enabled()
        except WebDriverException:
            return True

    window.wait(gone)
    window.wait(lambda: window.find("main"))


def fill(window, **fields: str) -> None:
    for name, text in fields.items():
        field = window.find(f"main form [name={name}]")
        field.clear()
        field.send_keys(text)


def shown(window, selector: str = "main") -> str:
    return window.find(selector).text


def lines(window) -> list[str]:
    """The names of the things that are listed."""
    from selenium.webdriver.common.by import By

    return [cell.text for cell in window.browser.find_elements(By.CSS_SELECTOR, "tbody tr td:nth-child(2)")]


def saved(window, tmp_path, what: str) -> bytes:
    """Follow the link to a file; return what the browser saved."""
    from selenium.webdriver.common.by import By

    folder = tmp_path / f"saved-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    window.browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    window.browser.find_element(By.LINK_TEXT, what).click()
    window.wait(lambda: [f for f in folder.iterdir() if not f.name.endswith(".crdownload")])
    (file,) = folder.iterdir()
    return file.read_bytes()


def test_names_06_search_sort_page_and_export(people, tmp_path):
    """NAMES-06, FUN-09: what was searched for and the order go along to the next page and into the file."""
    window, _ = people
    assert "45 records found" in shown(window)
    assert lines(window)[0] == "thing 00"
    follow(window, "Price")
    follow(window, "Price")
    assert lines(window)[:3] == ["thing 44", "thing 43", "thing 42"]
    assert shown(window, "th[aria-sort=descending]").startswith("Price")
    follow(window, "[aria-label='Page 2']")
    assert lines(window)[0] == "thing 24"
    assert "21-40 of 45" in shown(window)
    fill(window, keywords="3 thing")
    follow(window, "main form[role=search] [type=submit]")
    assert "14 records found" in shown(window)
    assert lines(window)[:2] == ["thing 43", "thing 39"], "the order stays"
    content = saved(window, tmp_path, "CSV").decode("utf-8")
    table = list(csv.reader(content.splitlines()))
    assert table[0] == ["thing.id", "thing.name", "thing.price", "thing.owner", "thing.paper"]
    assert [row[1] for row in table[1:]] == [f"thing {at:02}" for at in (43, *range(39, 29, -1), 23, 13, 3)]
    assert table[1][3] == "Bob"
    assert "hush" not in content
    fill(window, keywords='thing.secret = "hush"')
    follow(window, "main form[role=search] [type=submit]")
    assert shown(window, "[role=alert]") == "Invalid query"
    follow(window, "Clear")
    assert "45 records found" in shown(window)


def test_names_06_occ_08_create_edit_conflict_delete(people):
    """NAMES-06, OCC-03, OCC-04, OCC-08: two people edit one record; what both changed is shown, nothing is lost."""
    ann, bob = people
    follow(ann, "Add Record")
    fill(ann, name="", price="7")
    follow(ann, "main form [type=submit]")
    assert ann.find("[name=name]").get_attribute("aria-invalid") == "true"
    assert ann.find("[name=price]").get_attribute("value") == "7"
    fill(ann, name="Seven  <Samurai>")
    follow(ann, "main form [type=submit]")
    assert "46 records found" in shown(ann)
    for each in people:
        each.browser.get(f"{each.address}/myapp/default/index?keywords=Samurai")
        follow(each, "Edit")
    fill(bob, name="Theirs <b>", price="8")
    follow(bob, "main form [type=submit]")
    fill(ann, name="Mine <i>")
    follow(ann, "main form [type=submit]")
    report = shown(ann, ".w2p_conflict")
    assert "Mine <i>" in report
    assert "Theirs <b>" in report
    assert ann.find("[name=name]").get_attribute("value") == "Mine <i>", "what was typed stays"
    bob.browser.get(f"{bob.address}/myapp/default/index?order=~thing.id")
    assert lines(bob)[0] == "Theirs <b>", "nothing was written yet"
    follow(ann, ".w2p_conflict a[href]")
    assert ann.find("[name=name]").get_attribute("value") == "Theirs <b>"
    fill(ann, name="Both")
    follow(ann, "main form [type=submit]")
    ann.browser.get(f"{ann.address}/myapp/default/index?keywords=Both")
    assert lines(ann) == ["Both"]
    assert "8" in shown(ann, "tbody tr"), "the price of the other one is kept"
    delete(ann)
    ann.browser.get(f"{ann.address}/myapp/default/index")
    assert "45 records found" in shown(ann)
    if ann.scripted:
        assert ann.log() == []


def delete(window) -> None:
    """Ask to delete the only record of the list, take it back, ask again, agree."""
    from selenium.webdriver.common.by import By

    def press() -> None:
        window.browser.find_element(By.PARTIAL_LINK_TEXT, "Delete").click()

    if window.scripted:
        press()
        question = window.wait(lambda: window.browser.switch_to.alert)
        assert "delete" in question.text
        question.dismiss()
        assert lines(window) == ["Both"]
        press()
        window.wait(lambda: window.browser.switch_to.alert).accept()
        window.wait(lambda: lines(window) == [] and "No records found" in shown(window))
        assert shown(window, ".flash") == "The record was deleted."
        return
    follow(window, "Delete")
    assert "Delete this record?" in shown(window)
    assert "Both" in shown(window)
    follow(window, "Cancel")
    assert lines(window) == ["Both"]
    follow(window, "Delete")
    follow(window, "main form [type=submit]")
    assert "No records found" in shown(window)
    assert shown(window, ".flash") == "The record was deleted."


def test_req_12_sec_03_upload_and_download(people, tmp_path):
    """REQ-12, SEC-03, NAMES-06: a file goes up with the form and comes down byte by byte; then it is deleted."""
    window, other = people
    (tmp_path / "ä b.bin").write_bytes(BYTES)
    follow(window, "Add Record")
    fill(window, name="with paper")
    window.find("[name=paper]").send_keys(str(tmp_path / "ä b.bin"))
    follow(window, "main form [type=submit]")
    for each in people:
        each.browser.get(f"{each.address}/myapp/default/index?keywords=paper")
    assert saved(window, tmp_path, "file") == BYTES
    assert saved(other, tmp_path, "file") == BYTES
    follow(window, "Edit")
    window.find("[name=paper__delete]").click()
    follow(window, "main form [type=submit]")
    assert "file" not in shown(window, "tbody tr")
    assert lines(window) == ["with paper"]


def test_names_06_conditions_by_the_builder(people):
    """NAMES-06, SEC-01: conditions are made by choosing; without JavaScript they are typed."""
    from selenium.webdriver.support.select import Select

    window, _ = people
    if not window.scripted:
        fill(window, keywords='thing.price >= "21" and thing.name contains "4"')
    else:
        window.find("details summary").click()
        Select(window.find("[data-w2p_fields]")).select_by_visible_text("Price")
        line = "[data-w2p_condition='thing.price'] "
        Select(window.find(line + "[data-w2p_operator]")).select_by_value(">=")
        window.find(line + "[data-w2p_value]").send_keys("21")
        window.find("[data-w2p_add=new]").click()
        Select(window.find("[data-w2p_fields]")).select_by_visible_text("Name")
        line = "[data-w2p_condition='thing.name'] "
        Select(window.find(line + "[data-w2p_operator]")).select_by_value("contains")
        window.find(line + "[data-w2p_value]").send_keys("4")
        window.find("[data-w2p_add=and]").click()
    follow(window, "main form[role=search] [type=submit]")
    assert lines(window) == ["thing 42", "thing 43", "thing 44"]
    assert "3 records found" in shown(window)


def test_names_05_a_grid_in_a_part_of_a_page(parts, site):
    """NAMES-05, NAMES-06: sorting, paging, searching and a form stay in the part the grid was loaded into."""
    site.write("models/db.py", MODEL)
    site.write("controllers/default.py", CONTROLLER)
    site.write("views/default/part.load", "{{=grid}}")
    site.write(
        "views/default/frame.html",
        "{{extend 'layout.html'}}\n<p id='kept'>kept</p>{{=LOAD('default', 'part.load', ajax=True, target='c')}}",
    )
    parts.browser.get(site.start_child() + "/myapp/default/frame")
    parts.wait_text("#c", "45 records found")
    parts.js("window.mark = 1")

    def press(selector: str, then: str) -> None:
        parts.find(selector).click()
        parts.wait_text("#c", then)

    parts.find("#c th a[href*='thing.name']").click()
    parts.wait(lambda: parts.find("#c th[aria-sort=ascending]"))
    press("#c th[aria-sort=ascending] a", "thing 44")
    press("#c a[aria-label='Page 2']", "6-10 of 45")
    assert lines(parts)[0] == "thing 39"
    parts.find("#c [name=keywords]").send_keys("thing 0")
    press("#c form [type=submit]", "14 records found")
    parts.find("#c td a[href*='/edit/']").click()
    parts.wait(lambda: parts.find("#c [name=name]"))
    parts.find("#c [name=name]").clear()
    parts.find("#c form [type=submit]").click()
    parts.wait(lambda: parts.find("#c [aria-invalid=true]"))
    parts.find("#c [name=name]").send_keys("thing 90 changed")
    parts.find("#c form [type=submit]").click()
    parts.wait_text("#c", "thing 90 changed")
    assert "14 records found" in parts.text("#c"), "the list is as it was left"
    assert parts.js("return window.mark") == 1, "the page was not left"
    assert parts.log() == []
