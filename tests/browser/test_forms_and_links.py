"""Forms and links that act without leaving the page: trapped, asked, guarded (NAMES-04, NAMES-05, REQ-17)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

ECHO = """
def index():
    return dict(shown=request.post_vars.name or '')
def part(): return dict()
def answer():
    fields = ['%s=%s' % (name, request.vars[name]) for name in sorted(request.vars)]
    return ' '.join([request.method, request.cid or 'page', *fields])
"""


def click(parts, selector):
    parts.find(selector).click()


def alert(parts):
    return parts.wait(lambda: parts.browser.switch_to.alert)


def test_form_in_a_part_is_trapped(parts):
    """The form of a part is sent in the background, with the button that was pressed; its answer stays in the part."""
    parts.open(
        ECHO,
        "<p id='n'></p>{{=LOAD('default', 'part.load', ajax=True, target='c')}}",
        part="""
        <form method="post" action="{{=URL('answer')}}">
          <input name="name" value="&lt;é&gt;"><input type="checkbox" name="no"><input name="method" value="m">
          <button name="how" value="first">1</button><button name="how" value="second" id="b">2</button>
        </form>
        """,
    )
    parts.wait(lambda: parts.find("#b"))
    parts.js("window.mark = 1")
    click(parts, "#b")
    parts.wait_text("#c", "POST c how=second method=m name=<é>")
    assert parts.js("return window.mark") == 1, "the page was not left"


def test_form_without_action_comes_back_with_its_errors(parts):
    """A form posts to the address of its part, sees its errors there, and can be sent again."""
    parts.open(
        """
        def index(): return dict()
        def part():
            name = request.post_vars.name
            if name == 'good':
                response.flash = 'thanks'
                return 'saved ' + name
            return dict(error='give a good name' if request.method == 'POST' else '')
        """,
        "{{=LOAD('default', 'part.load', ajax=True, target='c')}}",
        part='<form method="post"><input name="name">{{=error}}<button id="b">Send</button></form>',
    )
    parts.wait(lambda: parts.find("#b"))
    click(parts, "#b")
    parts.wait_text("#c", "give a good name")
    parts.find("#c input").send_keys("good")
    click(parts, "#b")
    parts.wait_text("#c", "saved good")
    assert parts.text(".flash") == "thanks"


def test_form_in_a_part_sends_files(parts, tmp_path):
    """REQ-12: files travel along."""
    (tmp_path / "ä b.txt").write_bytes(b"\x00content\xff")
    parts.open(
        """
        def index(): return dict()
        def part():
            f = request.post_vars.f
            return dict(said='' if f is None else '%s %r' % (f.filename, f.file.read()))
        """,
        "{{=LOAD('default', 'part.load', ajax=True, target='c')}}",
        part="""
        <p>{{=said}}</p>
        <form method="post" enctype="multipart/form-data"><input type="file" name="f"><button id="b">S</button></form>
        """,
    )
    parts.wait(lambda: parts.find("#b"))
    parts.find("#c input").send_keys(str(tmp_path / "ä b.txt"))
    click(parts, "#b")
    parts.wait_text("#c p", "ä b.txt b'\\x00content\\xff'")


def test_form_with_get_and_redirect_inside_the_part(parts):
    """A GET form fills the query; a redirect after a POST is followed inside the part (HTTP-07)."""
    parts.open(
        ECHO + "def post():\n    session.flash = 'moved'\n    redirect(URL('answer', vars=dict(after=1)))\n",
        "{{=LOAD('default', 'part.load', vars=dict(q='old'), ajax=True, target='c')}}<div id='d'></div>",
        part="""
        <form id="get" action="{{=URL('answer', vars=dict(q='old', keep=1))}}"><input name="q" value="new">
          <button id="g">G</button></form>
        <form method="post" action="{{=URL('post')}}"><button id="p">P</button></form>
        """,
    )
    parts.wait(lambda: parts.find("#g"))
    click(parts, "#g")
    parts.wait_text("#c", "GET c keep=1 q=new")
    parts.js("web2py_component('/myapp/default/part.load', 'c')")
    parts.wait(lambda: parts.find("#p"))
    click(parts, "#p")
    parts.wait_text("#c", "GET c after=1")
    assert parts.text(".flash") == "moved"


def test_failed_form_keeps_what_was_typed(parts):
    """An answer that is an error stands above the form; the fields stay, the form can be sent again."""
    parts.open(
        "def index(): return dict()\ndef part(): return dict()\ndef bad(): raise HTTP(409, 'too late')\n",
        "{{=LOAD('default', 'part.load', ajax=True, target='c')}}",
        part="<form method='post' action='{{=URL('bad')}}'><input name='n'><button id='b'>B</button></form>",
    )
    parts.wait(lambda: parts.find("#b"))
    parts.find("#c input").send_keys("typed")
    for _ in range(2):
        click(parts, "#b")
        parts.wait_text("#c", "Could not load. too late")
        parts.wait(lambda: parts.find("#b").is_enabled())
    assert parts.js("return document.querySelectorAll('.w2p_fault').length") == 1
    assert parts.js("return document.querySelector('#c input').value") == "typed"


def test_ajax_trap(parts, site, plain_browser):
    """NAMES-04: `ajax_trap` and web2py_trap_form; without JavaScript the same form is an ordinary one."""
    parts.open(
        ECHO,
        """
        {{=LOAD('default', 'part.load', ajax_trap=True, target='c')}}
        <div id="mine"><form method="post"><input name="y" value="2"><button id="m">M</button></form></div>
        <div class="c3" id="own"><form class="no_trap" method="post" id="f"><input name="name" value="whole page">
          <button id="w">W</button></form></div><p id="shown">{{=shown}}</p>
        """,
        part="<form method='post' action='{{=URL('answer')}}'><input name='x' value='1'><button id='b'>B</button></form>",
    )
    click(parts, "#b")
    parts.wait_text("#c", "POST c x=1")
    parts.js("web2py_trap_form('/myapp/default/answer', 'mine'); web2py_trap_form('/x', 'own')")
    click(parts, "#m")
    parts.wait_text("#mine", "POST mine y=2")
    click(parts, "#w")
    parts.wait_text("#shown", "whole page")

    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    plain_browser.get(parts.address + "/myapp/default/index")
    plain_browser.find_element(By.ID, "b").click()
    wait = WebDriverWait(plain_browser, 60, 0.05, (WebDriverException,))
    wait.until(lambda page: page.find_element(By.TAG_NAME, "body").text == "POST page x=1")


def test_names_05_a_link_makes_a_plain_element_a_part(parts):
    """NAMES-05: forms that a link, or web2py_ajax_page, loads into a plain element are trapped there.

    With their errors too; what `ajax()` puts somewhere is not, and neither is a form with ``no_trap``.
    """
    parts.open(
        """
        def index(): return dict(shown=request.post_vars.name or '')
        def part():
            name = request.post_vars.name
            if name == 'good':
                return 'saved for %s' % request.cid
            return dict(error='give a good name' if request.method == 'POST' else '')
        """,
        """
        {{=A('open', _href=URL('part.load'), cid='plain', _id='a')}}
        {{=A('call', callback=URL('part.load'), target='called', _id='k')}}
        <div id="plain">nothing yet</div><div id="called"></div><div id="more"><b>first</b></div>
        <div id="raw"></div><p id="shown">{{=shown}}</p>
        """,
        part='<form method="post"><input name="name">{{=error}}<button>Send</button></form>',
    )
    parts.js("window.mark = 1")
    for link, target in (("#a", "plain"), ("#k", "called")):
        click(parts, link)
        parts.wait(lambda target=target: parts.find(f"#{target} input"))
        parts.find(f"#{target} input").send_keys("bad")
        click(parts, f"#{target} button")
        parts.wait_text(f"#{target}", "give a good name")
        parts.wait(lambda target=target: parts.find(f"#{target} button").is_enabled())
        parts.find(f"#{target} input").send_keys("good")
        click(parts, f"#{target} button")
        parts.wait_text(f"#{target}", f"saved for {target}")
    parts.js("web2py_ajax_page('GET', '/myapp/default/part.load', null, 'more')")
    parts.wait(lambda: parts.find("#more input")).send_keys("good")
    click(parts, "#more button")
    parts.wait_text("#more", "saved for more")
    assert parts.js("return window.mark") == 1, "the page was not left"
    parts.js("ajax('/myapp/default/part.load', [], 'raw')")
    parts.wait(lambda: parts.find("#raw input")).send_keys("whole page")
    click(parts, "#raw button")
    parts.wait_text("#shown", "whole page")


def test_double_submission_is_guarded(parts):
    """A form is sent once however often it is clicked; the button says so and its value still arrives."""
    parts.open(
        """
        import time
        def index(): return dict()
        def part(): return dict()
        def count():
            n = cache.ram('n', lambda: [0], None)
            n[0] += 1
            time.sleep(0.5)
            return '%s %s %s' % (n[0], request.post_vars.b, request.cid or 'page')
        """,
        """
        {{=LOAD('default', 'part.load', ajax_trap=True, target='c')}}
        <form id="whole" method="post" action="{{=URL('count')}}">
          <input id="w" type="submit" name="b" value="plain" data-w2p_disable_with="Sending"></form>
        """,
        part="""<form method="post" action="{{=URL('count')}}"><button id="b" name="b" value="v"
            data-w2p_disable_with="default">Go <i>now</i></button></form>""",
    )
    pressed = "const b = document.getElementById('b'); b.click(); b.click(); b.form.requestSubmit(b);"
    assert parts.js(f"{pressed} return [b.textContent, b.disabled]") == ["Working", True]
    parts.wait_text("#c", "1 v c")
    parts.js("const w = document.getElementById('w'); w.click(); w.click()")
    parts.wait_text("body", "2 plain page")


def test_button_comes_back_after_an_error(parts):
    """What the button said stands there again, markup included."""
    parts.open(
        "def index(): return dict()\ndef part(): return dict()\ndef bad(): raise HTTP(400, 'no')\n",
        "{{=LOAD('default', 'part.load', ajax_trap=True, target='c')}}",
        part="""<form method="post" action="{{=URL('bad')}}"><button id="b" data-w2p_disable_with="...">Go <i>now</i>
            </button></form>""",
    )
    click(parts, "#b")
    parts.wait_text("#c", "no")
    parts.wait(lambda: parts.find("#b").is_enabled())
    assert parts.find("#b i").text == "now"


def test_confirm(parts):
    """data-w2p_confirm on a form, its button and a link: no is no, yes goes on."""
    parts.open(
        ECHO,
        """
        <form method="post" data-w2p_confirm="Send?" action="{{=URL('answer')}}">
          <button id="f" name="n" value="1">F</button></form>
        <form method="post" action="{{=URL('answer')}}"><button id="b" data-w2p_confirm="default">B</button></form>
        {{=A('go', _href=URL('answer'), confirm='Go <there>?', _id='a')}}
        """,
    )
    for selector, question in (("#f", "Send?"), ("#b", "Really?"), ("#a", "Go <there>?")):
        click(parts, selector)
        asked = alert(parts)
        assert asked.text == question
        asked.dismiss()
        assert parts.find(selector).is_enabled()
    click(parts, "#f")
    alert(parts).accept()
    parts.wait_text("body", "POST page n=1")


def test_names_05_callback_links(parts):
    """NAMES-05: every attribute that `A` writes: callback, target, delete, confirm, component, cid, pre_call."""
    parts.open(
        ECHO + "def bad(): raise HTTP(500, 'broken')\n",
        """
        <ul><li id="l1">{{=A('x', callback=URL('answer'), delete='li', _id='d1')}}</li>
        <li id="l2">{{=A('x', callback=URL('answer'), delete='li', noconfirm=True, _id='d2')}}</li>
        <li id="l3">{{=A('x', callback=URL('bad'), delete='li', noconfirm=True, _id='d3')}}</li></ul>
        {{=A('post', callback=URL('answer', vars=dict(a=1)), target='t', pre_call='window.pre = this.id', _id='p')}}
        {{=A('get', component=URL('answer', vars=dict(a=2)), target='t', _id='g')}}
        {{=A('cid', _href=URL('answer', vars=dict(a=3)), cid='t', _id='i')}}
        {{=A('me', callback=URL('answer'), target='<self>', _id='s')}}
        <form>{{=A('in a form', callback=URL('answer', vars=dict(a=4)), target='t', _id='f')}}</form>
        <div id="t"></div>
        """,
    )
    click(parts, "#d1")
    alert(parts).dismiss()
    assert parts.find("#l1")
    click(parts, "#d1")
    alert(parts).accept()
    parts.wait(lambda: parts.js("return !document.getElementById('l1')"))
    click(parts, "#d2")
    parts.wait(lambda: parts.js("return !document.getElementById('l2')"))
    click(parts, "#d3")
    parts.wait_text(".flash", "broken")
    assert parts.find("#l3"), "what the server refused to delete stays"
    for selector, shown in (
        ("#p", "POST t a=1"),
        ("#g", "GET t a=2"),
        ("#i", "GET t a=3"),
        ("#f", "POST t a=4"),
    ):
        click(parts, selector)
        parts.wait_text("#t", shown)
    assert parts.js("return window.pre") == "p"
    click(parts, "#s")
    parts.wait_text("#s", "POST s")


def test_trapped_link_and_busy_link(parts):
    """A link of class w2p_trap loads into its part; a link under way is not followed again."""
    parts.open(
        """
        import time
        def index(): return dict()
        def part(): return dict(n=int(request.args(0) or 1))
        def count():
            n = cache.ram('links', lambda: [0], None)
            n[0] += 1
            time.sleep(0.4)
            return str(n[0])
        """,
        """
        {{=LOAD('default', 'part.load', ajax=True, target='c')}}
        {{=A('slow', callback=URL('count'), target='t', _disable_with='wait', _id='s')}}<div id="t"></div>
        """,
        part="<p>page {{=n}}</p><a class='w2p_trap' href='{{=URL('part.load', args=n+1)}}'>next</a>",
    )
    parts.wait_text("#c", "page 1")
    click(parts, "#c a")
    parts.wait_text("#c", "page 2")
    click(parts, "#c a")
    parts.wait_text("#c", "page 3")
    pressed = "const s = document.getElementById('s'); s.click(); s.click();"
    assert parts.js(f"{pressed} return s.textContent") == "wait"
    parts.wait_text("#t", "1")
    assert parts.text("#s") == "slow"


def test_keyboard_keeps_its_place(parts):
    """After an answer the keyboard is where it was: at the same control, the field to mend, or the part."""
    from selenium.webdriver.common.keys import Keys

    parts.open(
        """
        def index(): return dict()
        def part():
            if request.post_vars.name == 'last':
                return 'over'
            if request.post_vars.name == 'bad':
                raise HTTP(400, 'bad')
            return dict(n=int(request.get_vars.n or 1), wrong=request.method == 'POST')
        """,
        "<button id='out'>out</button>{{=LOAD('default', 'part.load', ajax=True, target='c')}}",
        part="""
        <p>page {{=n}}</p><a class='w2p_trap' id='next' href='{{=URL('part.load', vars=dict(n=n + 1))}}'>next</a>
        <form method="post"><input name="name"{{if wrong:}} id="wrong" autofocus{{pass}}><button id="b">Send</button></form>
        """,
    )
    focused = lambda: parts.js("return document.activeElement.id")  # noqa: E731
    parts.wait_text("#c", "page 1")
    assert focused() != "next", "a part that loads by itself takes nothing"
    parts.js("document.getElementById('next').focus()")
    parts.browser.switch_to.active_element.send_keys(Keys.ENTER)
    parts.wait_text("#c", "page 2")
    parts.wait(lambda: focused() == "next")
    click(parts, "#b")
    parts.wait(lambda: focused() == "wrong")
    parts.find("#wrong").send_keys("bad", Keys.ENTER)
    parts.wait_text("#c", "Could not load")
    parts.wait(lambda: focused() == "wrong")
    parts.find("#wrong").clear()
    parts.find("#wrong").send_keys("last", Keys.ENTER)
    parts.wait_text("#c", "over")
    parts.wait(lambda: focused() == "c")


def test_ajax_function(parts):
    """ajax(): named fields as a form would send them; into an element, a function, or run as a script."""
    parts.open(
        ECHO + "def script(): return 'window.ran = %s' % (request.post_vars.n)\n",
        """
        <input name="n" value="5"><input name="off" type="checkbox" value="1" checked disabled>
        <input name="r" type="radio" value="a"><input name="r" type="radio" value="b" checked>
        <input name="c" type="checkbox" value="1"><input name="c" type="checkbox" value="2" checked>
        <select name="m" multiple><option selected>x<option>y<option selected>z</select>
        <textarea id="byid">text</textarea><form id="f"><input name="w" value="form"></form><div id="t"></div>
        """,
    )
    parts.js("ajax('/myapp/default/answer', ['n', 'r', 'c', 'm', 'off', 'byid', 'absent'], 't')")
    parts.wait_text("#t", "POST t byid=text c=2 m=['x', 'z'] n=5 r=b")
    parts.js("ajax('/myapp/default/answer', document.getElementById('f'), 't')")
    parts.wait_text("#t", "POST t w=form")
    parts.js("ajax('/myapp/default/script', ['n'], ':eval')")
    parts.wait(lambda: parts.js("return window.ran") == 5)
    parts.js("ajax('/myapp/default/answer', [], (text) => { window.got = text; })")
    parts.wait(lambda: parts.js("return window.got") == "POST page")
