"""Signed and encrypted messages: S/MIME by `cryptography`, PGP/MIME by GnuPG."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage, Message
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.policy import SMTP
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7

from runtime.foundation.problems import UserError
from runtime.tools.absent import need


class CryptoError(UserError):
    """A message could not be signed or encrypted; it is then not sent at all."""


def protect(mail: EmailMessage, recipients: list[str], options: dict[str, Any]) -> Message:
    """Return `mail` signed and encrypted as `options` say; headers are still to be set.

    Raises:
        CryptoError: a key is missing or refused, or nothing was asked for.
        MissingPackage: PGP without the package ``python-gnupg``.
    """
    kind = options["cipher_type"]
    if not (options["sign"] or options["encrypt"]):
        raise CryptoError(
            "a message is to be protected, but neither signed nor encrypted: set sign or encrypt"
        )
    if kind == "x509":
        return _smime(mail, options)
    if kind == "gpg":
        return _pgp(mail, recipients, options)
    raise CryptoError(f"cipher_type must be gpg or x509, not {kind!r}")


# -- S/MIME ------------------------------------------------------------------------------------------


def _pem(value: Any) -> bytes:
    """Return PEM data that was given as a text, bytes or a path."""
    if isinstance(value, bytes):
        return value
    text = str(value)
    if "-----BEGIN" in text:
        return text.encode("ascii")
    try:
        return Path(text).read_bytes()
    except OSError as error:
        raise CryptoError(f"the key or certificate {text} can not be read: {error.strerror}") from error


def _certificates(value: Any) -> list[x509.Certificate]:
    many = value if isinstance(value, (list, tuple)) else [value]
    try:
        return [one for item in many for one in x509.load_pem_x509_certificates(_pem(item))]
    except ValueError as error:
        raise CryptoError(f"a certificate can not be read: {error}") from error


def _smime(mail: EmailMessage, options: dict[str, Any]) -> Message:
    data = mail.as_bytes(policy=SMTP)
    if options["sign"]:
        data = _smime_sign(data, options)
    if options["encrypt"]:
        data = _smime_encrypt(data, options)
    return message_from_bytes(data)


def _smime_sign(data: bytes, options: dict[str, Any]) -> bytes:
    if not options["x509_sign_keyfile"]:
        raise CryptoError("signing needs mail.settings.x509_sign_keyfile")
    key_data = _pem(options["x509_sign_keyfile"])
    phrase = options["sign_passphrase"]
    try:
        key: Any = load_pem_private_key(key_data, phrase.encode() if phrase else None)
    except (ValueError, TypeError) as error:
        raise CryptoError(f"the key for signing can not be read: {error}") from error
    own = _certificates(options["x509_sign_certfile"] or key_data)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(own[0], key, hashes.SHA256())
    for certificate in (
        _certificates(options["x509_sign_chainfile"]) if options["x509_sign_chainfile"] else ()
    ):
        builder = builder.add_certificate(certificate)
    settings = [pkcs7.PKCS7Options.DetachedSignature]
    if options["x509_nocerts"]:
        settings.append(pkcs7.PKCS7Options.NoCerts)
    return builder.sign(Encoding.SMIME, settings)


def _smime_encrypt(data: bytes, options: dict[str, Any]) -> bytes:
    if not options["x509_crypt_certfiles"]:
        raise CryptoError("encrypting needs mail.settings.x509_crypt_certfiles: one certificate per receiver")
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(data)
    for certificate in _certificates(options["x509_crypt_certfiles"]):
        builder = builder.add_recipient(certificate)
    return builder.encrypt(Encoding.SMIME, [pkcs7.PKCS7Options.Binary])


# -- PGP ---------------------------------------------------------------------------------------------


def _pgp(mail: EmailMessage, recipients: list[str], options: dict[str, Any]) -> Message:
    gnupg = need("gnupg", "python-gnupg", "to sign or encrypt messages with PGP", "pgp")
    try:
        engine = gnupg.GPG(gnupghome=options["gpg_home"])
    except (OSError, ValueError) as error:
        raise CryptoError(f"the program gpg can not be used: {error}") from error
    part: Message = mail
    if options["sign"]:
        part = _pgp_sign(engine, mail, options["sign_passphrase"])
    if options["encrypt"]:
        part = _pgp_encrypt(engine, part, recipients)
    return part


def _pgp_sign(engine: Any, mail: EmailMessage, passphrase: str | None) -> Message:
    data = mail.as_bytes(policy=SMTP)
    made = engine.sign(data, detach=True, passphrase=passphrase)
    if not made:
        raise CryptoError(f"gpg did not sign: {made.status or made.stderr[-200:]}")
    whole = MIMEMultipart("signed", protocol="application/pgp-signature", micalg="pgp-sha256", policy=SMTP)
    signature = MIMEApplication(bytes(made.data), "pgp-signature", lambda _: None, name="signature.asc")
    signature.set_payload(str(made))
    whole.attach(message_from_bytes(data, policy=SMTP))
    whole.attach(signature)
    return whole


def _pgp_encrypt(engine: Any, part: Message, recipients: list[str]) -> Message:
    made = engine.encrypt(part.as_bytes(policy=SMTP), recipients, always_trust=True)
    if not made.ok:
        raise CryptoError(f"gpg did not encrypt for {', '.join(recipients)}: {made.status}")
    whole = MIMEMultipart("encrypted", protocol="application/pgp-encrypted", policy=SMTP)
    version = MIMEApplication(b"", "pgp-encrypted", lambda _: None)
    version.set_payload("Version: 1\n")
    content = MIMEApplication(b"", "octet-stream", lambda _: None, name="encrypted.asc")
    content.set_payload(str(made))
    whole.attach(version)
    whole.attach(content)
    return whole
