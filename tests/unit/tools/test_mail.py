"""Mail: what a real SMTP server receives (ERR-04, TASKQ-05)."""

from __future__ import annotations

import datetime
import io
import logging
import socket
import ssl
import subprocess
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from runtime.tools.mail import Mail
from tests.services import missing


class Post:
    """Keeps what arrives."""

    def __init__(self):
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        return "250 kept"

    def mail(self):
        return message_from_bytes(self.envelopes[-1].content, policy=policy.default)


class Server(Controller):
    """An SMTP server on a free port."""

    def __init__(self, handler, **options):
        self.smtp_options = options
        super().__init__(handler, hostname="127.0.0.1", port=0)

    def factory(self):
        return SMTP(self.handler, **self.smtp_options)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    """A key and a certificate of 127.0.0.1, as PEM files."""
    folder = tmp_path_factory.mktemp("pem")
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    import ipaddress

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key_file, certificate_file


def serve(**options):
    post = Post()
    server = Server(post, **options)
    server.start()
    return post, server


@pytest.fixture
def server():
    post, server = serve()
    yield post, f"127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def mail(server):
    return Mail(server[1], "Shop <shop@example.com>", tls=False)


def test_text_with_all_headers(server, mail):
    """ERR-04: receivers, copies, answers, own headers; blind copies are seen by nobody."""
    post = server[0]
    assert mail.send(
        ["a@example.com", "Bé <b@example.com>"],
        "Grüße",
        "Hällo",
        cc="c@example.com",
        bcc=["d@example.com"],
        reply_to="r@example.com",
        headers={"X-Job": "7"},
    ), mail.error
    assert post.envelopes[0].mail_from == "shop@example.com"
    assert post.envelopes[0].rcpt_tos == ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]
    got = post.mail()
    assert got["Subject"] == "Grüße"
    assert got["To"] == "a@example.com, Bé <b@example.com>"
    assert (got["Cc"], got["Reply-To"], got["X-Job"], got["Bcc"]) == (
        "c@example.com",
        "r@example.com",
        "7",
        None,
    )
    assert got["From"] == "Shop <shop@example.com>"
    assert got["Message-ID"].endswith("@example.com>")
    assert got.get_content_type() == "text/plain"
    assert got.get_content().strip() == "Hällo"


def test_html_and_both(server, mail):
    """A text that is a page is sent as one; a pair has both forms."""
    post = server[0]
    assert mail.send("a@example.com", "s", "<html><body>é</body></html>")
    assert post.mail().get_content_type() == "text/html"
    assert mail.send("a@example.com", "s", ("plain", io.StringIO("<p>page</p>")), encoding="latin-1")
    assert post.mail().get_content_type() == "multipart/alternative"
    assert post.mail().get_body(("plain",)).get_content().strip() == "plain"
    assert post.mail().get_body(("html",)).get_content().strip() == "<p>page</p>"
    assert post.mail().get_body(("html",)).get_content_charset() == "iso-8859-1"


def test_attachments(server, mail, tmp_path):
    """A path, a stream, and an image inside the page by its content id."""
    post = server[0]
    (tmp_path / "räport.pdf").write_bytes(b"%PDF\x00")
    files = [
        Mail.Attachment(str(tmp_path / "räport.pdf")),
        Mail.Attachment(io.BytesIO(b"data"), filename="x.bin"),
        Mail.Attachment(io.BytesIO(b"png"), filename="photo.png", content_id="photo"),
    ]
    assert mail.send("a@example.com", "s", ("t", '<img src="cid:photo">'), attachments=files), mail.error
    found = {part.get_filename(): part for part in post.mail().walk() if part.get_filename()}
    assert found["räport.pdf"].get_content() == b"%PDF\x00"
    assert found["räport.pdf"].get_content_type() == "application/pdf"
    assert found["x.bin"].get_content_disposition() == "attachment"
    assert found["photo.png"]["Content-ID"] == "<photo>"
    assert found["photo.png"].get_content_disposition() == "inline"
    with pytest.raises(ValueError, match="filename"):
        Mail.Attachment(io.BytesIO(b"x"))


def test_what_is_wrong_is_said(server, mail, caplog):
    """Bad input: injected headers, no receiver, no sender, no server; nothing is sent."""
    post = server[0]
    for bad in (
        dict(to="a@example.com", subject="x\nBcc: evil@example.com"),
        dict(to="a@example.com\r\nBcc: evil@example.com"),
        dict(to=[]),
        dict(to="a@example.com", headers={"X": "1\nY: 2"}),
        dict(to="a@example.com", message=("one", "two", "three")),
    ):
        assert mail.send(**bad) is False
        assert mail.error is not None
    assert post.envelopes == []
    assert not Mail(server[1]).send("a@example.com")
    assert not Mail(sender="a@example.com").send("a@example.com")
    assert "mail.settings.server" in caplog.text
    mail.settings.server = "127.0.0.1:1"
    assert not mail.send("a@example.com")
    with pytest.raises(TypeError, match="colour"):
        mail.send("a@example.com", colour=1)
    with pytest.raises(SyntaxError, match="srever"):
        mail.settings.srever = "typo"


def test_raw(server, mail):
    """A complete message goes out as it is."""
    assert mail.send("a@example.com", message="Subject: mine\r\n\r\nbody", raw=True)
    assert server[0].mail()["Subject"] == "mine"


def test_starttls_and_login(identity):
    """STARTTLS with a checked certificate, and a login; a wrong password is refused."""
    key, certificate = identity
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def check(server, session, envelope, mechanism, data):
        right = data.login == b"user" and data.password == b"pass:word"
        return AuthResult(success=right, handled=False)

    post, server = serve(tls_context=context, authenticator=check, auth_required=True, require_starttls=True)
    try:
        mail = Mail(f"127.0.0.1:{server.port}", "me@example.com", "user:pass:word")
        assert not mail.send("a@example.com")
        assert "CERTIFICATE" in str(mail.error).upper()
        mail.settings.ssl_context = ssl.create_default_context(cafile=str(certificate))
        assert mail.send("a@example.com", "s", "m"), mail.error
        assert post.mail()["Subject"] == "s"
        mail.settings.login = "user:wrong"
        assert not mail.send("a@example.com")
        assert "wrong" not in str(mail.error)
    finally:
        server.stop()


def test_tls_from_the_beginning(identity):
    """`settings.ssl`: TLS before the first word, the certificate checked."""
    key, certificate = identity
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    post = Post()

    class Secure(Server):
        def _create_server(self):
            return self.loop.create_server(
                self._factory_invoker, host=self.hostname, port=self.port, ssl=context
            )

        def _trigger_server(self):
            self.port = self.server.sockets[0].getsockname()[1]

            client = ssl.create_default_context(cafile=str(certificate))
            with socket.create_connection(("127.0.0.1", self.port)) as plain:
                with client.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
                    secure.recv(64)

    server = Secure(post)
    server.start()
    try:
        mail = Mail(f"127.0.0.1:{server.port}", "me@example.com")
        mail.settings.ssl = True
        assert not mail.send("a@example.com")
        mail.settings.ssl_context = ssl.create_default_context(cafile=str(certificate))
        assert mail.send("a@example.com", "s", "m"), mail.error
        assert post.mail()["Subject"] == "s"
    finally:
        server.stop()


def test_logging_mode(caplog, tmp_path):
    """server='logging' shows the message, 'logging:FILE' keeps it; no server is asked."""
    mail = Mail("logging", "me@example.com")
    with caplog.at_level(logging.WARNING, "web2py.mail"):
        assert mail.send("a@example.com", "Hello", "the text")
    assert "Hello" in caplog.text
    assert "the text" in caplog.text
    mail.settings.server = f"logging:{tmp_path / 'mails.txt'}"
    assert mail.send("a@example.com", "one", "1")
    assert mail.send("a@example.com", "two", "2")
    assert (tmp_path / "mails.txt").read_text().count("mail to a@example.com") == 2


def test_smime(server, mail, identity, tmp_path):
    """S/MIME: what was signed and encrypted is read back by openssl."""
    key, certificate = map(str, identity)
    mail.settings.cipher_type = "x509"
    mail.settings.x509_sign_keyfile = key
    mail.settings.x509_sign_certfile = certificate
    mail.settings.encrypt = False
    assert mail.send("a@example.com", "signed", "hällo"), mail.error
    assert server[0].mail()["Subject"] == "signed"
    verify = ["openssl", "smime", "-verify", "-CAfile", certificate, "-purpose", "any"]
    shown = subprocess.run(verify, input=server[0].envelopes[-1].content, capture_output=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert "hällo".encode() in shown.stdout or b"=C3=A4" in shown.stdout or b"aMOkbGxv" in shown.stdout
    mail.settings.encrypt = True
    assert not mail.send("a@example.com", "s", "m")
    assert "x509_crypt_certfiles" in str(mail.error)
    mail.settings.x509_crypt_certfiles = [certificate]
    assert mail.send("a@example.com", "secret", "m" * 50), mail.error
    assert b"mmmm" not in server[0].envelopes[-1].content
    decrypt = ["openssl", "smime", "-decrypt", "-inkey", key, "-recip", certificate]
    shown = subprocess.run(decrypt, input=server[0].envelopes[-1].content, capture_output=True, check=False)
    assert b"mmmm" in shown.stdout, shown.stderr


def test_pgp(server, mail, tmp_path):
    """PGP/MIME by gpg: signed and encrypted for the receiver; an unknown receiver gets nothing."""
    gnupg = pytest.importorskip("gnupg")
    home = tmp_path / "g"
    home.mkdir(mode=0o700)
    try:
        engine = gnupg.GPG(gnupghome=str(home))
    except OSError:
        missing("the program gpg is not there")
    key = engine.gen_key(
        "Key-Type: RSA\nKey-Length: 2048\nName-Email: shop@example.com\n%no-protection\n%commit\n"
    )
    mail.settings.update(cipher_type="gpg", gpg_home=str(home))
    assert mail.send("shop@example.com", "s", "secret words"), mail.error
    got = server[0].mail()
    assert got.get_content_type() == "multipart/encrypted"
    inner = engine.decrypt(got.get_payload(1).get_content())
    assert b"secret words" in inner.data
    assert b"multipart/signed" in inner.data
    count = len(server[0].envelopes)
    assert not mail.send("stranger@example.com", "s", "secret words")
    assert len(server[0].envelopes) == count
    assert key.fingerprint
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
