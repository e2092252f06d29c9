"""The scaffolding application in a browser: looks, keyboard, contrast, with and without JavaScript."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
WORDS = "W" * 80, "Donaudampfschifffahrtsgesellschaftskapitän" * 20

# The contrast of every visible text with the first opaque colour behind it (WCAG 2.2).
CONTRAST = """
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b; };
const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
const low = [];
for (const e of document.querySelectorAll('body *')) {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!own || !e.checkVisibility()) continue;
  const style = getComputedStyle(e);
  const [a, b] = [light(rgb(style.color).slice(0, 3)), light(behind(e))].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) low.push([e.tagName, e.className, e.textContent.trim().slice(0, 30), ratio.toFixed(2)]);
}
return low;
"""


class Pages:
    """The pages of a fresh copy of the application, at a size and in a colour scheme."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address

    def show(self, path: str, size: str = "desktop", scheme: str = "light") -> None:
        width, height = SIZES[size]
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.browser.get(self.address + path)

    def find(self, selector: str) -> Any:
        from selenium.webdriver.common.by import By

        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def js(self, script: str) -> Any:
        return self.browser.execute_script(script)

    def add(self, title: str, body: str = "") -> None:
        """Add a note by the form of the page, and wait for the page that follows."""
        self.find("#note_title").send_keys(title)
        self.find("#note_body").send_keys(body)
        self.leave(self.find("form.card .primary").click)

    def leave(self, act: Callable[[], object]) -> None:
        """Do what leads to another page, and wait until that is there."""
        self.js("window.before = true")
        act()
        self.wait(lambda: self.js("return !window.before && document.readyState === 'complete'"))

    def wait(self, condition: Callable[[], Any]) -> Any:
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, 60, 0.05, (WebDriverException,)).until(lambda _: condition())

    def alert(self) -> Any:
        return self.wait(lambda: self.browser.switch_to.alert)


@pytest.fixture
def pages(site, browser):
    folder = site.copy_welcome()
    (folder / "controllers" / "raw.py").write_text(
        "def index():\n    return dict(rows=db(db.note).select(), text='x' * 400, deep=dict(a=dict(b=[1, 2])))\n"
    )
    yield Pages(browser, site.start())
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


PATHS = (
    "/welcome",
    "/welcome/default/notes",
    "/welcome/default/user/login",
    "/welcome/default/user/register",
    "/welcome/raw/index",
    "/welcome/static/404.html",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_every_text(pages, scheme):
    """4.5 to 1, on every page, in both colour schemes, messages and errors included."""
    pages.show("/welcome/default/notes", scheme=scheme)
    pages.add("one", "text")
    assert pages.find(".flash").text == "The note was added."
    assert pages.js(CONTRAST) == []
    pages.add("")
    assert pages.find("#error_title").is_displayed()
    assert pages.js(CONTRAST) == []
    for path in PATHS:
        pages.show(path, scheme=scheme)
        assert pages.js(CONTRAST) == [], path
    backgrounds = pages.js("return getComputedStyle(document.body).backgroundColor")
    assert (backgrounds == "rgb(23, 26, 33)") == (scheme == "dark")


@pytest.mark.parametrize("size", SIZES)
def test_no_page_scrolls_sideways(pages, size):
    """Also with words without end; what is wide scrolls inside its own frame."""
    pages.show("/welcome/default/notes", size)
    pages.add(*WORDS)
    for path in PATHS:
        pages.show(path, size)
        width = pages.js("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], path


def test_keyboard_reaches_everything_in_order_and_shows_where_it_is(pages):
    """The skip link first; each stop has a visible mark; a note is made without a mouse."""
    from selenium.webdriver.common.keys import Keys

    pages.show("/welcome/default/notes")
    stops = []
    for _ in range(9):
        pages.browser.switch_to.active_element.send_keys(Keys.TAB)
        stops.append(
            pages.js("const e = document.activeElement; return e.className || e.id || e.textContent.trim()")
        )
        mark = pages.js("return getComputedStyle(document.activeElement).outlineStyle")
        assert mark == "solid", stops
    assert stops == [
        "skip",
        "brand",
        "Home",
        "Notes",
        "Databases",
        "Log In",
        "note_title",
        "note_body",
        "button primary",
    ]
    pages.show("/welcome/default/notes")
    pages.browser.switch_to.active_element.send_keys(Keys.TAB)
    assert pages.find(".skip").rect["x"] >= 0
    pages.browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert pages.js("return document.activeElement.id") == "content"
    pages.leave(lambda: pages.find("#note_title").send_keys("typed", Keys.ENTER))
    assert pages.find(".notes h2").text == "typed"


def test_accessible_names_and_errors(pages):
    """What a screen reader is told: names of fields and buttons, the error of a field."""
    pages.show("/welcome/default/notes")
    pages.add("one")
    pages.add("")
    field = pages.find("#note_title")
    assert field.accessible_name == "Title"
    assert field.get_attribute("aria-invalid") == "true"
    assert pages.js("return document.activeElement.id") == "note_title"
    assert pages.find(".notes button").accessible_name == "Delete the note one"
    assert pages.find("nav").accessible_name == "Main menu"
    assert pages.find(".flash").aria_role == "status"


def test_first_page_loads_its_part_and_asks_again(pages):
    """A component with a link inside that loads it anew."""
    pages.show("/welcome")
    pages.wait(lambda: pages.js("return document.querySelector('#clock time')"))
    pages.js("window.mark = document.querySelector('#clock time')")
    pages.find("#clock a").click()
    pages.wait(lambda: pages.js("return document.querySelector('#clock time') !== window.mark"))
    assert pages.browser.current_url.endswith("/welcome")
    assert [entry["message"] for entry in pages.browser.get_log("browser")] == []


def test_deleting_asks_first(pages):
    pages.show("/welcome/default/notes")
    pages.add("one")
    pages.find(".notes button").click()
    pages.alert().dismiss()
    assert pages.find(".notes h2").text == "one"
    pages.find(".notes button").click()
    pages.alert().accept()
    pages.wait(lambda: pages.find(".empty").is_displayed())
    assert pages.find(".flash").text == "The note was deleted."


def test_pages_ask_no_other_host(pages):
    """SITE-09: every request of every page goes to the server of the page."""
    pages.browser.execute_cdp_cmd("Network.enable", {})
    for path in PATHS[:3]:
        pages.show(path)
        names = pages.js("return performance.getEntriesByType('resource').map((e) => e.name)")
        assert names
        hosts = {urllib.parse.urlsplit(name).netloc for name in names}
        assert hosts == {urllib.parse.urlsplit(pages.address).netloc}, json.dumps(names)


def test_everything_works_without_javascript(site, plain_browser):
    """The form, its errors, deleting, and the part of the first page."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    def find(selector: str, text: str = "") -> Any:
        """Return the element once it is there with `text`: a click is followed by a new page."""

        def there(_: Any) -> Any:
            found = plain_browser.find_element(By.CSS_SELECTOR, selector)
            return found if text in found.text else None

        return WebDriverWait(plain_browser, 60, 0.05, (WebDriverException,)).until(there)

    site.copy_welcome()
    address = site.start()
    plain_browser.get(address + "/welcome")
    find("#clock > a").click()
    assert find("time", ":")
    plain_browser.get(address + "/welcome/default/notes")
    find("form.card .primary").click()
    assert find("#error_title", "Give the note a title.")
    find("#note_title").send_keys("plain")
    find("form.card .primary").click()
    assert find(".notes h2", "plain")
    find(".notes button").click()
    assert find(".flash", "The note was deleted.")
