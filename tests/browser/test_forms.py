"""Forms in a real browser, with JavaScript and without (NAMES-06, OCC-04, OCC-08, DBI-05)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

MODEL = """
db = DAL('sqlite://storage.sqlite')
db.define_table('city', Field('name'), format='%(name)s')
db.define_table('dog', Field('name', requires=IS_NOT_EMPTY()), Field('age', 'integer'), Field('good', 'boolean'),
    Field('tags', 'list:string'), Field('city', 'reference city'), format='%(name)s')
db.dog.city.widget = SQLFORM.widgets.autocomplete(request, db.city.name, id_field=db.city.id, min_length=1)
if db(db.city).isempty():
    db.city.bulk_insert([dict(name='Berlin'), dict(name='Bern'), dict(name='Bonn')])
"""
CONTROLLER = """
def index():
    form = SQLFORM(db.dog, request.args(0), deletable=True, formstyle='bootstrap5').process()
    if form.deleted:
        redirect(URL('index'))
    return dict(form=form, dogs=db(db.dog).select(), flash=response.flash)
"""
VIEW = """
<!DOCTYPE html><html lang="en"><head><title>dogs</title></head><body>
<p id="flash">{{=flash or ''}}</p>{{=form}}
<ul id="dogs">{{for dog in dogs:}}<li>{{=dog.name}} {{=dog.age}} {{='/'.join(dog.tags or [])}} {{=dog.city and dog.city.name}}</li>
{{pass}}</ul></body></html>
"""


class Window:
    """A browser on the page of the dogs."""

    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    def open(self, number=""):
        self.driver.get(f"{self.address}/myapp/default/index/{number}".rstrip("/"))
        return self

    def find(self, selector):
        from selenium.webdriver.common.by import By

        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector="body"):
        return self.find(selector).text

    def type(self, name, text):
        field = self.find(f"[name={name}]")
        field.clear()
        field.send_keys(text)
        return field

    def send(self, what="input[type=submit]"):
        """Click, and wait until another page is there."""
        from selenium.common.exceptions import WebDriverException

        page = self.find("html")
        self.find(what).click()

        def gone():
            try:
                return not page.is_enabled()
            except WebDriverException:
                return True

        self.wait(gone)
        self.wait(lambda: self.find("#dogs"))

    def wait(self, condition):
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 60, 0.05, ignored_exceptions=(WebDriverException,)).until(
            lambda _: condition()
        )


@pytest.fixture
def address(site):
    site.write("models/db.py", MODEL)
    site.write("controllers/default.py", CONTROLLER)
    site.write("views/default/index.html", VIEW)
    return site.start()


def create_edit_delete(window):
    window.open().type("name", "")
    window.send()
    assert "Errors in form" in window.text("#flash")
    assert window.find("#name__error").text
    assert window.find("[name=name]").get_attribute("aria-invalid") == "true"
    window.type("name", "Rex <b>")
    window.type("age", "3")
    window.type("tags", "brown")
    window.send()
    assert "Success" in window.text("#flash")
    assert window.text("#dogs") == "Rex <b> 3 brown None"
    window.open(1)
    window.type("age", "4")
    window.send()
    assert window.text("#dogs") == "Rex <b> 4 brown None"


def conflict_and_delete(window):
    """Two pages of the same record: a second window of the same visitor, as people have them."""
    window.open(1)
    first = window.driver.current_window_handle
    window.driver.switch_to.new_window("tab")
    window.open(1).type("name", "Theirs")
    window.send()
    window.driver.close()
    window.driver.switch_to.window(first)
    window.type("name", "Mine")
    window.send()
    report = window.text(".w2p_conflict")
    assert "Mine" in report
    assert "Theirs" in report
    assert window.find("[name=name]").get_attribute("value") == "Mine"
    assert "Theirs" in window.text("#dogs")
    window.send(".w2p_conflict a")
    assert window.find("[name=name]").get_attribute("value") == "Theirs"
    window.type("name", "Mine")
    window.send()
    assert "Mine" in window.text("#dogs")
    window.find("[name=delete_this_record]").click()
    window.send()
    assert window.text("#dogs") == ""


def test_names_06_occ_08_without_javascript(plain_browser, address):
    """NAMES-06, OCC-08: create with errors, edit, conflict, delete; suggestions are looked up when the form is sent."""
    window = Window(plain_browser, address)
    create_edit_delete(window)
    window.find(".w2p_lookup_field input[type=text]").send_keys("Bern")
    window.send()
    assert window.text("#dogs").endswith("Bern")
    conflict_and_delete(window)


def test_names_06_occ_08_with_javascript(browser, address):
    """NAMES-06, OCC-08."""
    window = Window(browser, address)
    create_edit_delete(window)
    conflict_and_delete(window)


def test_names_06_lines_and_suggestions(browser, address):
    """NAMES-06, DBI-05: typing into the last line adds one; suggestions by mouse and by keyboard."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    window = Window(browser, address).open()
    window.type("name", "Rex")
    window.find("[name=tags]").send_keys("one", Keys.ENTER)
    lines = browser.find_elements(By.NAME, "tags")
    assert len(lines) == 2
    assert browser.switch_to.active_element == lines[1]
    lines[1].send_keys("two")
    assert len(browser.find_elements(By.NAME, "tags")) == 3
    city = window.find("[role=combobox]")
    city.send_keys("b")
    options = window.wait(lambda: browser.find_elements(By.CSS_SELECTOR, "[role=option]"))
    assert [o.text for o in options] == ["Berlin", "Bern", "Bonn"]
    city.send_keys("er")
    window.wait(lambda: len(browser.find_elements(By.CSS_SELECTOR, "[role=option]")) == 2)
    city.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    assert city.get_attribute("value") == "Bern"
    assert window.find("input[name=city]").get_attribute("value") == "2"
    window.send()
    assert window.text("#dogs") == "Rex None one/two Bern"
    city = window.open(1).find("[role=combobox]")
    assert city.get_attribute("value") == "Bern"
    city.clear()
    city.send_keys("bo")
    window.wait(lambda: browser.find_elements(By.CSS_SELECTOR, "[role=option]"))
    window.find("[role=option]").click()
    window.send()
    assert window.text("#dogs").endswith("Bonn")
    assert [e for e in browser.get_log("browser") if "favicon" not in e["message"]] == []
