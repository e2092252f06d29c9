"""Parts of a page in a real browser: loading, repeating, what the answer asks for (NAMES-04, REQ-18, RESP-33)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_load_by_ajax_shows_the_part_and_tells_its_id(parts):
    """NAMES-04, REQ-17, REQ-18, COOP-2: the placeholder first, then the part; scripts of it run once, in order."""
    parts.open(
        """
        def index(): return dict()
        def part(): return dict(cid=request.cid, ajax=request.ajax, q=request.vars.q, a=request.args(0))
        """,
        """
        <script>window.seen = [];</script>
        {{=LOAD('default', 'part.load', args='a1', vars=dict(q='x&y'), ajax=True, target='here')}}
        {{=LOAD(url=URL('default', 'part.load'), target='there')}}
        """,
        part="""
        <p>{{=cid}} {{=ajax}} {{=q}} {{=a}}</p>
        <script>seen.push(1)</script><b></b><script>seen.push(document.querySelector('#{{=cid}} p') !== null)</script>
        """,
    )
    parts.wait_text("#here", "here True x&y a1")
    parts.wait_text("#there", "there True None None")
    assert parts.js("return seen.sort()") == [1, 1, True, True]
    assert parts.find("#here").get_attribute("aria-busy") is None
    assert parts.log() == []


def test_load_inside_a_loaded_part(parts):
    """NAMES-04: a part may load parts."""
    parts.open(
        """
        def index(): return dict()
        def outer(): return dict()
        def inner(): return 'innermost ' + request.cid
        """,
        "{{=LOAD('default', 'outer.load', ajax=True)}}",
        outer="{{=LOAD('default', 'inner', ajax=True, target='deep')}}",
    )
    parts.wait_text("#deep", "innermost deep")


def test_load_repeats(parts):
    """NAMES-04: `times` and `timeout`; a removed part stops asking."""
    parts.open(
        """
        def index(): return dict()
        def count():
            name = request.args(0)
            n = cache.ram(name, lambda: [0], None)
            n[0] += 1
            return str(n[0])
        """,
        """
        {{=LOAD('default', 'count', args='three', ajax=True, target='three', times=3, timeout=50)}}
        {{=LOAD('default', 'count', args='ever', ajax=True, target='ever', times='infinity', timeout=50)}}
        """,
    )
    parts.wait_text("#three", "3")
    parts.wait(lambda: int(parts.text("#ever")) > 6)
    assert parts.text("#three") == "3"
    parts.js("document.getElementById('ever').remove()")
    before = parts.js("return fetch('/myapp/default/count/ever').then(r => r.text())")
    parts.js("return new Promise(done => setTimeout(done, 400))")
    after = parts.js("return fetch('/myapp/default/count/ever').then(r => r.text())")
    assert int(after) - int(before) <= 2, "at most the request that was under way"


def test_resp_33_script_and_flash_come_in_headers(parts):
    """RESP-33, RESP-07: also with characters that a header can not carry; markup only from helpers."""
    parts.open(
        """
        def index(): return dict()
        def part():
            response.js = 'window.ran = [this.id, 7 % 4, "é\\u20ac%41"] // a comment\\nwindow.ran.push("next line")'
            response.flash = T('é <b>&')
            return 'done'
        def helper():
            response.flash = DIV(B('bold'))
            return 'done'
        """,
        "{{=LOAD('default', 'part', ajax=True, target='c1')}}",
    )
    parts.wait_text("#c1", "done")
    assert parts.wait(lambda: parts.js("return window.ran")) == ["c1", 3, "é€%41", "next line"]
    assert parts.text(".flash") == "é <b>&"
    parts.js("web2py_component('/myapp/default/helper', 'c1')")
    parts.wait(lambda: parts.js("return document.querySelector('.flash b').textContent") == "bold")


def test_component_content_modes(parts):
    """The header web2py-component-content: append, prepend, hide; scripts of older content do not run again."""
    parts.open(
        """
        def index(): return dict()
        def part():
            response.headers['web2py-component-content'] = request.args(0)
            return XML('<i>%s</i><script>runs += 1</script>' % request.args(0))
        """,
        "<script>window.runs = 0</script><div id='c'><u>old</u></div>",
    )
    for mode, shown in (("append", "oldappend"), ("prepend", "prependoldappend")):
        parts.js("web2py_component('/myapp/default/part/' + arguments[0], 'c')", mode)
        parts.wait(lambda shown=shown: parts.js("return document.querySelector('#c').innerText") == shown)
    assert parts.js("return runs") == 2
    parts.js("return web2py_ajax_page('GET', '/myapp/default/part/hide', null, 'c')")
    assert parts.js("return document.querySelector('#c').innerText") == "prependoldappend"
    parts.js("return web2py_ajax_page('GET', '/myapp/default/part/replace', null, 'c')")
    assert parts.js("return document.querySelector('#c').innerText") == "replace"


def test_component_error_is_shown_in_its_place(parts):
    """A part that fails says so where it would stand, with what the server said; nothing of it runs."""
    parts.open(
        """
        def index(): return dict()
        def broken(): return 1 / 0
        def refused(): raise HTTP(403, '<p>Not <b>yours</b></p><script>window.evil = 1</script>')
        """,
        """
        {{=LOAD('default', 'broken', ajax=True, target='broken')}}
        {{=LOAD('default', 'refused', ajax=True, target='refused', content=I('still here'))}}
        {{=LOAD(url='http://127.0.0.1:1/', target='away')}}
        """,
    )
    parts.wait_text("#broken", "Could not load.")
    parts.wait_text("#broken", "myapp/")  # the number of the ticket
    parts.wait_text("#refused", "Could not load. Not yours")
    parts.wait_text("#refused", "still here")
    parts.wait_text("#away", "Could not load.")
    assert "loading" not in parts.text("#broken")
    assert parts.find("#refused [role=alert]").is_displayed()
    assert parts.js("return window.evil || null") is None


def test_http_08_redirects(parts):
    """HTTP-07, HTTP-08, HTTP-09: inside the part, of the whole page, and a reload of it; flash survives each."""
    parts.open(
        """
        def index(): return dict()
        def hop():
            session.flash = 'hopped'
            redirect(URL('arrived', args='x'))
        def arrived(): return 'arrived in %s' % request.cid
        def leave():
            session.flash = 'left'
            redirect(URL('index', vars=dict(left=1)), client_side=True)
        def again():
            redirect('', client_side=True)
        """,
        """
        <p id="where">{{=request.vars.left or 'first'}}</p>
        <div id="c"></div>
        """,
    )
    parts.js("web2py_component('/myapp/default/hop', 'c')")
    parts.wait_text("#c", "arrived in c")
    parts.wait_text(".flash", "hopped")
    parts.js("web2py_component('/myapp/default/leave', 'c')")
    parts.wait_text("#where", "1")
    assert parts.text(".flash") == "left"
    assert parts.browser.current_url.endswith("?left=1")
    parts.js("window.mark = 1; web2py_component('/myapp/default/again', 'c')")
    parts.wait(lambda: parts.js("return !window.mark && document.readyState === 'complete'"))
    assert parts.text("#where") == "1"


def test_latest_answer_wins(parts):
    """A slow answer that a newer request overtook does not replace the newer one."""
    parts.open(
        """
        import time
        def index(): return dict()
        def slow():
            time.sleep(0.8)
            return 'slow'
        def quick(): return 'quick'
        """,
        "<div id='c'></div>",
    )
    parts.js(
        """
        const slow = web2py_ajax_page('GET', '/myapp/default/slow', null, 'c');
        web2py_ajax_page('GET', '/myapp/default/quick', null, 'c');
        return slow
        """
    )
    parts.wait_text("#c", "quick")
    assert parts.text("#c") == "quick"


def test_load_without_ajax_needs_no_browser_script(site, plain_browser):
    """NAMES-04: without `ajax` the part is in the page; by Ajax a link as content leads to the part."""
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    site.write(
        "controllers/default.py",
        """
        def index(): return dict()
        def part(): return dict(method=request.method, url=request.url, a=request.args(0))
        """,
    )
    site.write("views/default/part.load", "<p>{{=method}} {{=url}} {{=a}}</p>")
    site.write(
        "views/default/index.html",
        """
        <div id="in">{{=LOAD('default', 'part.load', args='x')}}</div>
        {{=LOAD('default', 'part.load', ajax=True, content=A('open', _href=URL('part.load')))}}
        """,
    )
    plain_browser.get(site.start() + "/myapp/default/index")
    inside = plain_browser.find_element(By.ID, "in").text
    assert inside == "GET /myapp/default/part.load/x x"
    plain_browser.find_element(By.LINK_TEXT, "open").click()
    wait = WebDriverWait(plain_browser, 60, 0.05, (WebDriverException,))
    wait.until(
        lambda page: page.find_element(By.TAG_NAME, "body").text == "GET /myapp/default/part.load None"
    )
