"""Expose and captchas in requests."""

from __future__ import annotations

import json

import pytest

from runtime.tools import network


@pytest.fixture
def files(site):
    folder = site.root / "files"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("text of a")
    (folder / "b.py").write_text("code")
    (folder / "sub" / "pic.png").write_bytes(b"png")
    (folder / ".secret").write_text("hidden")
    (site.root / "outside.txt").write_text("outside")
    (folder / "way_out").symlink_to(site.root)
    site.controller(
        f"from gluon.tools import Expose\ndef index():\n    return dict(files=Expose({str(folder)!r}, 'files',"
        " extensions=['*.txt', '*.png']))\n"
    )
    site.view("{{=files}}")
    return site.client()


def test_expose_lists_and_delivers(files):
    """A folder as a page, a file as a download, an image to look at."""
    page = files.get("/myapp/default/index")
    assert "a.txt" in page.text
    assert "sub" in page.text
    assert "b.py" not in page.text
    assert ".secret" not in page.text
    assert "way_out" not in page.text
    answer = files.get("/myapp/default/index/a.txt")
    assert answer.text == "text of a"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "<img" in files.get("/myapp/default/index/sub").text
    assert files.get("/myapp/default/index/sub/pic.png").data == b"png"


@pytest.mark.parametrize(
    "path",
    [
        ".secret", "../outside.txt", "..%2Foutside.txt", "sub/../../outside.txt", "way_out/outside.txt", "b.py", "absent",
        "%2Fetc%2Fpasswd", "sub/..%2F..%2Foutside.txt", "..%5Coutside.txt", "a.txt%00", "way_out",
    ],
)  # fmt: skip
def test_expose_stays_inside(files, path):
    """SEC: nothing outside of the folder, nothing hidden, nothing left out."""
    answer = files.get(f"/myapp/default/index/{path}")
    assert answer.status_code in (400, 404)
    assert "outside" not in answer.text.replace("outside.txt", "")


def test_captcha(site, monkeypatch):
    """The box is shown; a right answer passes, a wrong one and a silent service do not."""
    answers = []

    def open_url(url, data=None, headers=None, timeout=20):
        assert "siteverify" in url
        assert data["secret"] == "private"
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()

    monkeypatch.setattr(network, "open_url", open_url)
    site.controller(
        """
        from gluon.tools import Recaptcha2, HCaptcha
        def index():
            box = HCaptcha(request, 'public', 'private', options=dict(hl='de', theme='dark'))
            if request.method == 'POST':
                return str(box._validate())
            return str(box)
        """
    )
    client = site.client()
    page = client.get("/myapp/default/index").text
    assert 'data-sitekey="public"' in page
    assert 'data-theme="dark"' in page
    assert "api.js?hl=de" in page
    post = lambda **data: client.post("/myapp/default/index", data=data).text  # noqa: E731
    assert post() == "False"
    answers += [{"success": True}, {"success": False}, network.NetworkError("x")]
    assert [post(**{"h-captcha-response": "a"}) for _ in range(3)] == ["True", "False", "False"]
