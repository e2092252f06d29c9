"""Users of the scaffolding application in a browser: from registration to logout, with and without JavaScript."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

ADDRESS, PASSWORD = "ada@example.com", "secret-1"


@pytest.fixture(params=["script", "plain"])
def visitor(request):
    """A browser that runs JavaScript, and one that does not."""
    return request.getfixturevalue("browser" if request.param == "script" else "plain_browser")


def find(browser, selector):
    from selenium.webdriver.common.by import By

    return browser.find_element(By.CSS_SELECTOR, selector)


def send(browser, **fields):
    """Fill in the form of the page and send it by its button; wait for the next page."""
    from selenium.webdriver.support.ui import WebDriverWait

    for name, text in fields.items():
        field = find(browser, f"form [name={name}]")
        field.clear()
        field.send_keys(text)
    button = find(browser, "form input[type=submit]")
    button.click()
    WebDriverWait(browser, 60, 0.05).until(lambda _: _is_gone(button))


def _is_gone(element):
    from selenium.common.exceptions import WebDriverException

    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


def test_from_registration_to_logout(site, visitor):
    """AUTH: register, see an error, verify by the link in the mail, log in, change the profile, log out."""
    folder = site.copy_welcome()
    (folder / "models" / "zz_users.py").write_text(
        "auth.settings.registration_requires_verification = True\n"
        "mail.settings.server, mail.settings.sender = 'logging:private/mails.txt', 'site@example.com'\n"
    )
    address = f"{site.start()}/welcome/default"
    visitor.get(f"{address}/index")
    find(visitor, ".account-links a").click()
    visitor.get(f"{address}/user/register")
    person = dict(first_name="Ada", last_name="Lovelace", email=ADDRESS, password=PASSWORD)
    send(visitor, **person, password_two="other")
    assert "match" in find(visitor, "form .error").text
    assert find(visitor, "form [name=email]").get_attribute("value") == ADDRESS
    send(visitor, password=PASSWORD, password_two=PASSWORD)
    assert find(visitor, ".flash").text == "Registration needs verification"
    find(visitor, ".account-links a").click()
    send(visitor, email=ADDRESS, password=PASSWORD)
    assert find(visitor, ".flash").text == "Registration needs verification", "not before the link was opened"
    mail = (folder / "private" / "mails.txt").read_text("utf-8").replace("=\n", "").replace("=3D", "=")
    visitor.get(re.search(r"http://\S+verify_email/\S+", mail)[0])
    assert find(visitor, ".flash").text == "Email verified"
    send(visitor, email=ADDRESS, password="wrong")
    assert find(visitor, "form .error").text == "Invalid login"
    send(visitor, password=PASSWORD)
    assert find(visitor, ".flash").text == "Logged in"
    visitor.get(f"{address}/user/profile")
    assert find(visitor, "form [name=first_name]").get_attribute("value") == "Ada"
    send(visitor, first_name="Augusta")
    assert find(visitor, ".flash").text == "Profile updated"
    visitor.get(f"{address}/user/profile")
    assert find(visitor, "form [name=first_name]").get_attribute("value") == "Augusta"
    find(visitor, ".account-links a:last-child").click()
    assert find(visitor, ".account-links a").text == "Log In"
    visitor.get(f"{address}/user/profile")
    assert "/user/login" in visitor.current_url


def test_labels_belong_to_controls(site, browser):
    """Each field of the pages of users has a label, and tells password managers what it holds."""
    site.copy_welcome()
    address = f"{site.start()}/welcome/default/user"
    for path in ("login", "register", "request_reset_password"):
        browser.get(f"{address}/{path}")
        nameless = browser.execute_script(
            "return [...document.querySelectorAll('form input:not([type=hidden], [type=submit])')]"
            ".filter((e) => !e.labels.length).map((e) => e.name)"
        )
        assert nameless == [], path
    browser.get(f"{address}/login")
    assert find(browser, "[name=password]").get_attribute("autocomplete") == "current-password"
    assert find(browser, "[name=email]").get_attribute("autocomplete") == "username"


def test_sheet_recalculates(parts):
    """A formula follows the cell that the visitor changes; a read-only cell can not be changed."""
    from selenium.webdriver.common.keys import Keys

    parts.open(
        """
        from gluon.contrib.spreadsheet import Sheet
        def sheet():
            made = Sheet(2, 2, url=URL('calculate'))
            made.cell('r0c0', value=2)
            made.cell('r0c1', value='=r0c0*r0c0+1', readonly=True)
            return made
        def index(): return dict(made=sheet())
        def calculate(): return sheet().process(request)
        """,
        "{{=made}}",
    )
    value = lambda name: parts.find(f"[name={name}]").get_attribute("value")  # noqa: E731
    assert value("r0c1") == "5"
    cell = parts.find("[name=r0c0]")
    cell.clear()
    cell.send_keys("7", Keys.TAB)
    parts.wait(lambda: value("r0c1") == "50")
    assert parts.log() == []


WIKI = """
from gluon.tools import Auth
db = DAL('sqlite://storage.sqlite')
auth = Auth(db)
auth.define_tables()
def enter():
    user = auth.get_or_create_user(dict(first_name='Ed', email='ed@example.com', registration_key=''))
    auth.add_membership(auth.add_group('wiki_editor'), user.id)
    return 'in'
def pages(): return auth.wiki()
"""


def test_preview_of_a_wiki_page(site, visitor):
    """FUN-12: with JavaScript below the form, else in a tab; what was typed is still there, nothing is saved."""
    from selenium.webdriver.support.ui import WebDriverWait

    site.write("controllers/default.py", WIKI)
    site.write("views/default/pages.html", "<!DOCTYPE html><title>wiki</title>{{=content}}")
    address = f"{site.start()}/myapp/default"
    visitor.get(f"{address}/enter")
    visitor.get(f"{address}/pages/_edit/first")
    body = find(visitor, "textarea[name=body]")
    body.clear()
    body.send_keys("**bold** <script>document.title = 'run'</script>")
    find(visitor, "button[data-w2p_preview]").click()
    wait = WebDriverWait(visitor, 60, 0.05)
    if len(visitor.window_handles) == 1:
        wait.until(lambda _: len(visitor.window_handles) > 1 or find(visitor, "#w2p_wiki_preview").text)
    first = visitor.window_handles[0]
    if len(visitor.window_handles) > 1:
        visitor.switch_to.window(visitor.window_handles[1])
        wait.until(lambda _: "bold" in find(visitor, "body").text)
        assert find(visitor, "strong").text == "bold"
        visitor.close()
        visitor.switch_to.window(first)
    else:
        assert find(visitor, "#w2p_wiki_preview strong").text == "bold"
    assert visitor.title == "wiki"
    assert find(visitor, "textarea[name=body]").get_attribute("value").startswith("**bold**")
    send(visitor, title="First")
    assert find(visitor, "h1").text == "First"
    assert find(visitor, "strong").text == "bold"
