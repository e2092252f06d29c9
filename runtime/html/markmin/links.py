"""Links, anchors, images and media of MARKMIN, and addresses found in the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.foundation.escape import xmlescape
from runtime.html.sanitizer import safe_url

if TYPE_CHECKING:
    from runtime.html.markmin.html_writer import Options

_CONTENT = re.compile(
    r"(?P<label>.*?)(?:\s+\[(?P<title>[^\]]*)\])?(?:^|\s+)(?P<url>[^\s\[\]]+)"
    r"(?:\s+(?P<kind>popup|video|audio|(?P<align>left|right|center|img|image))(?:\s+(?P<width>\d+px))?)?\s*\Z",
    re.DOTALL | re.IGNORECASE,
)
_ANCHOR = re.compile(r"(?P<name>[^\s\[\]]+)(?:\s+\[(?P<text>.*)\]\s*)?\Z", re.DOTALL)
_STOP = r"\s<>\"'`*\[\]\x00-\x1f|"
_ADDRESS = re.compile(
    rf"(?<![\w@:/.-])(?:(?P<proto>[A-Za-z]\w{{0,20}}):)?(?P<url>(?:https?|ftp)://[^{_STOP}]+)"
    r"|(?<![\w.+@-])(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})(?![\w@])"
)
_EMBEDDED = {
    "image": re.compile(r"\.(?:png|jpe?g|gif|webp|svg|bmp|tiff?|ico)\Z", re.IGNORECASE),
    "video": re.compile(r"\.(?:mp4|mpe?g|ogv|webm|mov)\Z", re.IGNORECASE),
    "audio": re.compile(r"\.(?:mp3|oga|ogg|wav|flac|aac|m4a)\Z", re.IGNORECASE),
}


class Linker:
    """Writes links.

    Args:
        options: what `render` was called with.
        inline: renders a text; without making links of addresses when its second argument is false.
        source: gives a text as it was written.
    """

    def __init__(
        self, options: Options, inline: Callable[[str, bool], str], source: Callable[[str], str]
    ) -> None:
        self.options = options
        self.inline = inline
        self.source = source

    def link(self, content: str) -> str | None:
        """Return the markup of ``[[content]]``, or None when it means nothing."""
        if content == "NEWLINE":
            return "<br />"
        anchor = _ANCHOR.match(content)
        if anchor:
            name = xmlescape(self.options.id_prefix + self.source(anchor["name"]))
            return (
                f'<span class="anchor" id="{name}">{self.inline((anchor["text"] or "").strip(), True)}</span>'
            )
        match = _CONTENT.match(content)
        if match is None:
            return None
        address = self.source(match["url"])
        label = match["label"].strip()
        if not safe_url(address):
            return self.inline(label, False) if label else xmlescape(address, quote=False)
        kind = (match["kind"] or "").lower()
        title = self.source(match["title"] or "").strip()
        if match["align"]:
            return self._image(address, label, title, kind, match["width"])
        if kind in ("video", "audio"):
            text = xmlescape(self.source(_joined(label)), quote=False)
            return f'<{kind} controls="controls"><source src="{xmlescape(address)}" />{text}</{kind}>'
        text = self.inline(_joined(label), False) if label else xmlescape(address, quote=False)
        target = ' target="_blank"' if kind == "popup" else ""
        return f'<a href="{xmlescape(self._anchored(address))}"{_title(title)}{target}>{text}</a>'

    def _anchored(self, address: str) -> str:
        """Give the anchor of an address inside the site the prefix that anchors have."""
        page, mark, anchor = address.partition("#")
        if not mark or not anchor or ":" in page:
            return address
        return f"{page}#{self.options.id_prefix}{anchor}"

    def _image(self, address: str, label: str, title: str, kind: str, width: str | None) -> str:
        styles = [f"float:{kind}"] if kind in ("left", "right") else []
        if width:
            styles.append(f"width:{width}")
        style = f' style="{";".join(styles)}"' if styles else ""
        alt = xmlescape(self.source(_joined(label)))
        image = f'<img src="{xmlescape(address)}" alt="{alt}"{_title(title)}{style} />'
        # Not a paragraph: it would stand inside of one.
        return f'<span style="display:block;text-align:center">{image}</span>' if kind == "center" else image

    def find_addresses(self, text: str, keep: Callable[[str], str]) -> str:
        """Replace the addresses that stand in `text`; `keep` gives the text that stands for markup."""
        autolinks, protolinks = self.options.autolinks, self.options.protolinks
        if not autolinks or not ("://" in text or "@" in text):
            return text

        def replace(match: re.Match[str]) -> str:
            mail = match["mail"]
            if mail:
                return keep(f'<a href="mailto:{xmlescape(mail)}">{xmlescape(mail, quote=False)}</a>')
            url, rest = _trimmed(match["url"])
            proto = match["proto"]
            if proto and protolinks:
                html = protolinks(proto, url) if callable(protolinks) else default_protolink(proto, url)
                if html is not None:
                    return keep(str(html)) + rest
            html = autolinks(url) if callable(autolinks) else default_autolink(url)
            return (f"{proto}:" if proto else "") + keep(str(html)) + rest

        return _ADDRESS.sub(replace, text)


def default_autolink(url: str) -> str:
    """Return an image, video or audio element when the name ends like one, else a link."""
    address = xmlescape(url)
    kind = next((name for name, pattern in _EMBEDDED.items() if pattern.search(url)), None)
    if kind == "image":
        return f'<img src="{address}" controls />'
    if kind:
        return f'<{kind} src="{address}" controls></{kind}>'
    return f'<a href="{address}">{xmlescape(url, quote=False)}</a>'


def default_protolink(proto: str, url: str) -> str | None:
    """Return the frame of ``embed:`` and ``iframe:``, a marked link for ``qr:``; None for other names.

    A QR code would need a picture from somewhere else, which would learn of every
    reader: pass `protolinks` to draw one.
    """
    address = xmlescape(url)
    if proto in ("embed", "iframe"):
        return f'<iframe src="{address}" frameborder="0" allowfullscreen></iframe>'
    if proto == "qr":
        return f'<a class="qr" href="{address}">{xmlescape(url, quote=False)}</a>'
    return None


def _trimmed(url: str) -> tuple[str, str]:
    """Part the address from the punctuation of the sentence around it."""
    end = len(url)
    while end and (
        url[end - 1] in ".,;:!?~" or (url[end - 1] == ")" and url.count("(") < url[:end].count(")"))
    ):
        end -= 1
    return url[:end], url[end:]


def _joined(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text)


def _title(title: Any) -> str:
    return f' title="{xmlescape(title)}"' if title else ""
