"""Addresses as what they lead to: pictures, sound, films, links."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from runtime.foundation.escape import xmlescape

_KINDS = {
    "image": (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"),
    "audio": (".mp3", ".ogg", ".wav", ".m4a"),
    "video": (".mp4", ".webm", ".mov", ".mpeg"),
}
_FRAME = '<iframe src="{}" width="560" height="315" loading="lazy" title="video" allowfullscreen></iframe>'
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


def _image(url: str) -> str:
    return f'<img src="{xmlescape(url)}" alt="" style="max-width:100%">'


def _audio(url: str) -> str:
    return f'<audio controls src="{xmlescape(url)}"></audio>'


def _video(url: str) -> str:
    return f'<video controls src="{xmlescape(url)}" style="max-width:100%"></video>'


def _link(url: str) -> str:
    return f'<a href="{xmlescape(url)}" rel="noopener noreferrer">{xmlescape(url)}</a>'


def _hosted_video(url: str) -> str | None:
    """Return the player of a film on YouTube or Vimeo; None for other addresses."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    name = None
    if host == "youtube.com" and parts.path == "/watch":
        name = parse_qs(parts.query).get("v", [None])[0]
    elif host == "youtu.be":
        name = parts.path.strip("/")
    elif host == "vimeo.com" and re.fullmatch(r"/\d+", parts.path):
        return _FRAME.format(f"https://player.vimeo.com/video{parts.path}")
    if name and re.fullmatch(r"[\w-]{6,20}", name):
        return _FRAME.format(f"https://www.youtube-nocookie.com/embed/{name}")
    return None


_WRITERS: dict[str, Callable[[str], str]] = {"image": _image, "audio": _audio, "video": _video}


def expand_one(url: str, cdict: dict[str, Any] | None = None) -> str:
    """Return the HTML that shows what an address leads to; no other server is asked.

    Args:
        url: an address; other than http and https ones are written as text.
        cdict: remembers answers by address between calls.
    """
    if urlsplit(url).scheme not in ("http", "https", ""):
        return str(xmlescape(url))
    if cdict is not None and url in cdict:
        return str(cdict[url])
    ending = os.path.splitext(urlsplit(url).path)[1].lower()
    kind = next((name for name, endings in _KINDS.items() if ending in endings), None)
    made = _WRITERS[kind](url) if kind else _hosted_video(url) or _link(url)
    if cdict is not None:
        cdict[url] = made
    return made


def expand_html(html: str, cdict: dict[str, Any] | None = None) -> str:
    """Return `html` with each link whose text is its own address shown as `expand_one` shows it."""
    pattern = re.compile(r'<a href="([^"]*)"[^>]*>\1</a>')
    return pattern.sub(lambda found: expand_one(found[1].replace("&amp;", "&"), cdict), html)


def extract(text: str) -> list[str]:
    """Return the addresses in a text."""
    return _ADDRESS.findall(text)
