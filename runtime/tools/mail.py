"""`Mail`: messages over SMTP, or into the log while an application is written (ERR-04, TASKQ-05)."""

from __future__ import annotations

import logging
import mimetypes
import os
import smtplib
import ssl
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP, default
from email.utils import formatdate, getaddresses, make_msgid, parseaddr
from typing import IO, Any, ClassVar

from runtime.foundation.current import current
from runtime.foundation.problems import UserError
from runtime.foundation.storage import Settings

logger = logging.getLogger("web2py.mail")

Text = Any
"""A text, bytes, an open file, or None."""


class Attachment:
    """A file sent with a message (`Mail.Attachment`).

    Args:
        payload: path of a file, or an open file or stream.
        filename: name that the receiver sees; needed for a stream without a name.
        content_id: makes it an inline image: ``<img src="cid:ID">`` in the HTML part shows it.
        content_type: as ``"image/png"``; guessed from the name by default.
        encoding: accepted for compatibility; content is always sent as base64.

    Raises:
        ValueError: a stream came without a name.
        OSError: the file can not be read.
    """

    def __init__(
        self,
        payload: str | os.PathLike[str] | IO[Any],
        filename: str | None = None,
        content_id: str | None = None,
        content_type: str | None = None,
        encoding: str = "utf-8",
    ) -> None:
        if isinstance(payload, (str, os.PathLike)):
            with open(payload, "rb") as stream:
                data: str | bytes = stream.read()
            name = filename or os.path.basename(os.fspath(payload))
        else:
            data = payload.read()
            name = filename or os.path.basename(str(getattr(payload, "name", "") or ""))
            if not name:
                raise ValueError("an attachment made of a stream needs a filename")
        self.data = data.encode(encoding) if isinstance(data, str) else data
        self.filename = name
        self.content_id = content_id.strip("<>") if content_id else None
        guessed = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self.main_type, _, self.sub_type = guessed.partition("/")
        if not self.sub_type:
            raise ValueError(f"{guessed!r} is no content type")


_ENCRYPTION = frozenset(
    (
        "cipher_type", "gpg_home", "sign", "sign_passphrase", "encrypt", "x509_sign_keyfile",
        "x509_sign_certfile", "x509_sign_chainfile", "x509_nocerts", "x509_crypt_certfiles",
    )
)  # fmt: skip


class Mail:
    """Sends messages by the server in `settings`.

    Settings: `server` (``host:port``; ``logging`` writes messages to the log,
    ``logging:FILE`` to a file of the application), `sender`, `login`
    (``user:password`` or None), `tls` (STARTTLS, default True), `ssl` (TLS from
    the beginning), `timeout` (seconds, default 60), `hostname` (what we call
    ourselves), `ssl_context` (an `ssl.SSLContext` for servers with certificates
    of their own), and those of encryption: `cipher_type` (None, ``gpg``,
    ``x509``), `sign`, `sign_passphrase`, `encrypt`, `gpg_home`,
    `x509_sign_keyfile`, `x509_sign_certfile`, `x509_sign_chainfile`,
    `x509_nocerts`, `x509_crypt_certfiles`.

    Args:
        server: see above; `sender`, `login` and `tls` likewise.

    After each `send`, `error` holds the reason of a failure, None after success.
    """

    Attachment: ClassVar[type[Attachment]] = Attachment

    def __init__(
        self,
        server: str | None = None,
        sender: str | None = None,
        login: str | None = None,
        tls: bool = True,
    ) -> None:
        self.settings = Settings()
        self.settings.update(
            server=server,
            sender=sender,
            login=login,
            tls=tls,
            ssl=False,
            timeout=60,
            hostname=None,
            ssl_context=None,
            cipher_type=None,
            gpg_home=None,
            sign=True,
            sign_passphrase=None,
            encrypt=True,
            x509_sign_keyfile=None,
            x509_sign_certfile=None,
            x509_sign_chainfile=None,
            x509_nocerts=False,
            x509_crypt_certfiles=None,
            lock_keys=True,
        )
        self.error: Any = None
        self.result: dict[str, Any] = {}

    def send(
        self,
        to: Any,
        subject: Any = "[no subject]",
        message: Any = "[no message]",
        attachments: Any = None,
        cc: Any = None,
        bcc: Any = None,
        reply_to: Any = None,
        sender: str | None = None,
        encoding: str = "utf-8",
        raw: bool = False,
        headers: Mapping[str, Any] | None = None,
        from_address: str | None = None,
        **encryption: Any,
    ) -> bool:
        """Send one message; tell whether the server took it.

        Args:
            to: an address, or a list of them; `cc`, `bcc` and `reply_to` likewise.
            subject: subject line.
            message: a text; HTML when it begins with ``<html``; a pair of text
                and HTML; an open file in the place of a text; None leaves a part out.
            attachments: an `Attachment`, or a list of them.
            cc: open copies.
            bcc: copies that the others do not see.
            reply_to: where answers go.
            sender: address used instead of ``settings.sender``.
            encoding: character set of the texts.
            raw: `message` is a complete message with its own headers.
            headers: further headers.
            from_address: what the ``From`` line says, `sender` by default.
            encryption: settings of encryption, for this message only.

        Returns:
            False when it was not sent: `error` says why, and the log too.
        """
        self.error = None
        self.result = {}
        try:
            recipients = _addresses(to) + _addresses(cc) + _addresses(bcc)
            if not recipients:
                raise ValueError("a message needs a receiver")
            envelope = self._sender(sender)
            if raw:
                data = message if isinstance(message, bytes) else _text(message, encoding).encode(encoding)
            else:
                mail = _compose(message, attachments, encoding)
                plain = self._protect(mail, recipients, encryption)
                _put_headers(plain, from_address or envelope, to, cc, reply_to, subject, headers)
                data = plain.as_bytes(policy=SMTP)
            self._deliver(parseaddr(envelope)[1], recipients, data)
        except (OSError, ValueError, smtplib.SMTPException, UnicodeError, UserError) as error:
            self.error = error
            logger.warning("a message was not sent: %s", error)
            return False
        return True

    def _sender(self, sender: str | None) -> str:
        own = self.settings.sender
        chosen = sender.replace("%(sender)s", str(own or "")) if sender else own
        if not chosen:
            raise ValueError("a message needs a sender: set mail.settings.sender")
        return str(chosen)

    def _protect(self, mail: EmailMessage, recipients: list[str], asked: dict[str, Any]) -> Message:
        unknown = set(asked) - _ENCRYPTION
        if unknown:
            raise TypeError(f"Mail.send does not know {', '.join(sorted(unknown))}")
        options = {name: self.settings.get(name) for name in _ENCRYPTION}
        options.update((name, value) for name, value in asked.items() if value is not None)
        if not options["cipher_type"]:
            return mail
        from runtime.tools.mail_crypto import protect  # loads much, and few messages need it

        return protect(mail, recipients, options)

    def _deliver(self, sender: str, recipients: list[str], data: bytes) -> None:
        server = self.settings.server
        if not server:
            raise ValueError("there is no mail server: set mail.settings.server")
        server = str(server)
        if server == "logging" or server.startswith("logging:"):
            _log(server[len("logging:") :], recipients, data)
            return
        self._deliver_by_smtp(server, sender, recipients, data)

    def _deliver_by_smtp(self, server: str, sender: str, recipients: list[str], data: bytes) -> None:
        settings = self.settings
        host, port = _host_and_port(server)
        context = settings.ssl_context or ssl.create_default_context()
        own_name, timeout = settings.hostname, settings.timeout or 60
        connection: smtplib.SMTP
        if settings.ssl:
            connection = smtplib.SMTP_SSL(
                host, port or 465, local_hostname=own_name, timeout=timeout, context=context
            )
        else:
            connection = smtplib.SMTP(host, port or 25, local_hostname=own_name, timeout=timeout)
        try:
            if settings.tls and not settings.ssl:
                connection.starttls(context=context)
                connection.ehlo_or_helo_if_needed()
            if settings.login:
                user, _, password = str(settings.login).partition(":")
                connection.login(user, password)
            refused = connection.sendmail(sender, recipients, data)
            connection.quit()
        finally:
            connection.close()  # after a failure nobody waits for an answer to a farewell
        self.result = {"refused": refused}


def _host_and_port(server: str) -> tuple[str, int]:
    """Split ``host:port`` (an IPv6 address stands in brackets); port 0 means the usual one."""
    host, colon, port = server.rpartition(":")
    if not colon or not port.isdigit() or (":" in host and not host.startswith("[")):
        return server.strip("[]"), 0
    return host.strip("[]"), int(port)


def _log(filename: str, recipients: list[str], data: bytes) -> None:
    """Keep a message where the developer sees it, instead of sending it."""
    text = _readable(data)
    readable = f"mail to {', '.join(recipients)}:\n{'-' * 40}\n{text}\n{'-' * 40}\n"
    if not filename:
        logger.warning("%s", readable)
        return
    request = getattr(current, "request", None)
    path = os.path.join(request.folder, filename) if request is not None and request.folder else filename
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(readable)


def _readable(data: bytes) -> str:
    """Return a message as a person reads it: headers, decoded texts, and a line for each other part."""
    message = message_from_bytes(data, policy=default)
    lines = [f"{name}: {value}" for name, value in message.items() if not name.lower().startswith("content-")]
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_content()
        if isinstance(content, str):
            lines += ["", content.replace("\r\n", "\n").rstrip("\n")]
        else:
            lines += ["", f"[{part.get_content_type()} {part.get_filename() or ''}, {len(content)} bytes]"]
    return "\n".join(lines)


# -- composing ---------------------------------------------------------------------------------------


def _addresses(value: Any) -> list[str]:
    """Return bare addresses of one text or many."""
    if not value:
        return []
    texts = [str(one) for one in value] if isinstance(value, (list, tuple, set)) else [str(value)]
    found = [address for _, address in getaddresses([_one_line(text) for text in texts]) if address]
    if not found:
        raise ValueError(f"{value!r} is no mail address")
    return found


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise ValueError("a line break is not allowed in the head of a message")
    return text


def _address_line(value: Any) -> str:
    """Return addresses with their names as one header line."""
    texts = [str(one) for one in value] if isinstance(value, (list, tuple, set)) else [str(value)]
    pairs = getaddresses([_one_line(text) for text in texts])
    return ", ".join(str(Address(name, addr_spec=address)) for name, address in pairs if address)


def _put_headers(
    mail: Message, sender: str, to: Any, cc: Any, reply_to: Any, subject: Any, more: Mapping[str, Any] | None
) -> None:
    mail["From"] = _address_line(sender)
    mail["To"] = _address_line(to) if to else "undisclosed-recipients:;"
    if cc:
        mail["Cc"] = _address_line(cc)
    if reply_to:
        mail["Reply-To"] = _address_line(reply_to)
    mail["Subject"] = _one_line(str(subject))
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=_domain(sender))
    for name, value in (more or {}).items():
        del mail[name]
        mail[name] = _one_line(str(value))


def message_id(sender: Any, name: str) -> str:
    """Return the ``Message-ID`` of a message that is known by a name of its own, however often it is sent."""
    return f"<{name}@{_domain(str(sender or ''))}>"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _text(value: Text, encoding: str) -> str:
    if hasattr(value, "read"):
        value = value.read()
    return value.decode(encoding) if isinstance(value, bytes) else str(value)


def _compose(message: Any, attachments: Any, encoding: str) -> EmailMessage:
    """Return the body: text, HTML with its images, attachments."""
    if isinstance(message, (tuple, list)):
        if len(message) != 2:
            raise ValueError("a message is a text, or a pair of text and HTML")
        plain, html = (None if part is None else _text(part, encoding) for part in message)
    else:
        text = "" if message is None else _text(message, encoding)
        is_html = text.lstrip()[:5].lower() == "<html" and text.rstrip()[-7:].lower() == "</html>"
        plain, html = (None, text) if is_html else (text, None)
    files = _attachment_list(attachments)
    mail = EmailMessage(policy=SMTP)
    if plain is not None or html is None:
        mail.set_content(plain or "", charset=encoding)
    if html is not None:
        if plain is None:
            mail.set_content(html, subtype="html", charset=encoding)
        else:
            mail.add_alternative(html, subtype="html", charset=encoding)
    _attach(mail, [one for one in files if one.content_id and html is not None], inline=True)
    _attach(mail, [one for one in files if not one.content_id or html is None], inline=False)
    return mail


def _attachment_list(attachments: Any) -> Iterable[Attachment]:
    if not attachments:
        return []
    many = attachments if isinstance(attachments, (list, tuple)) else [attachments]
    return [one if isinstance(one, Attachment) else Attachment(one) for one in many]


def _attach(mail: EmailMessage, files: list[Attachment], inline: bool) -> None:
    page: Any = mail.get_body(("html",)) if inline else mail
    for one in files:
        add = page.add_related if inline else page.add_attachment
        cid = f"<{one.content_id}>" if one.content_id else None
        add(
            one.data,
            one.main_type,
            one.sub_type,
            filename=one.filename,
            disposition="inline" if inline else "attachment",
            cid=cid,
        )
