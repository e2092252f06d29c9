"""Addresses at which other computers reach the server, to open and to copy (SV-10)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.processes.state import ServerState
from desktop.theme import Theme
from desktop.widgets.buttons import IconButton
from desktop.widgets.labels import Link, label

MOST = 4  # computers with more addresses than this have them from virtual machines


def own_addresses() -> list[str]:
    """IPv4 addresses of this computer's networks."""
    from PySide6.QtNetwork import QAbstractSocket, QNetworkInterface  # not needed before they are asked for

    return [
        address.toString()
        for address in QNetworkInterface.allAddresses()
        if not address.isLoopback()
        and address.protocol() == QAbstractSocket.NetworkLayerProtocol.IPv4Protocol
        and not address.isLinkLocal()
    ]


def network_urls(state: ServerState, addresses: Callable[[], list[str]] = own_addresses) -> list[str]:
    """What others type to reach the server; nothing while it serves this computer or one address only.

    Args:
        state: of the server.
        addresses: tells those of this computer; asked only when the server is open to all networks.
    """
    try:
        everywhere = ipaddress.ip_address(state.address).is_unspecified
    except ValueError:
        return []
    if not everywhere or not state.url:
        return []
    scheme = urlsplit(state.url).scheme
    return [f"{scheme}://{address}:{state.port}" for address in addresses()[:MOST]]


class NetworkLinks(QWidget):
    """A link and a button to copy it for each address; hidden while there is none.

    Signals:
        opened(str): this address is to be opened in the browser.
    """

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[str, str] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._rows: list[QWidget] = []
        self.links: list[Link] = []
        self.copies: list[IconButton] = []
        self.hide()

    def show_server(self, state: ServerState) -> None:
        """Brings the links in line with the server; asks for addresses once for each start of it."""
        shown = (state.address, state.url or "")
        if shown == self._shown:
            return
        self._shown = shown
        self._show(network_urls(state))

    def _show(self, urls: list[str]) -> None:
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self.links, self.copies = [], []
        self._rows = [self._row(url) for url in urls]
        for row in self._rows:
            self._column.addWidget(row)
        self.setVisible(bool(urls))

    def _row(self, url: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        link = Link(self._theme, url, url)
        link.setObjectName("overview.server.network")
        link.opened.connect(self.opened)
        copy = IconButton(self._theme, "copy", f"Copy {url}")
        copy.setObjectName("overview.server.network.copy")
        copy.clicked.connect(partial(_copy, url))
        row.addWidget(link)
        row.addWidget(copy)
        row.addWidget(label("from the network", "small"))
        row.addStretch(1)
        self.links.append(link)
        self.copies.append(copy)
        return holder


def _copy(url: str) -> None:
    QGuiApplication.clipboard().setText(url)
