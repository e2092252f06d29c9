"""``gluon.tools``: users and rights, mail, services and other tools of applications."""

from runtime.dal import DAL, Field
from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.foundation.storage import Messages, Settings, Storage
from runtime.routing import URL
from runtime.tools.auth import DEFAULT, Auth, AuthJWT
from runtime.tools.auth.base import call_or_redirect, callback, replace_id
from runtime.tools.auth.gone import AuthAPI
from runtime.tools.captcha import HCaptcha, Recaptcha, Recaptcha2, Turnstile
from runtime.tools.crud import Crud
from runtime.tools.expose import Expose
from runtime.tools.mail import Mail
from runtime.tools.network import fetch, geocode, reverse_geocode
from runtime.tools.plugins import PluginManager
from runtime.tools.prettydate import prettydate
from runtime.tools.service import Service
from runtime.tools.wiki import Wiki

from .utils import web2py_uuid

__all__ = [
    "Auth", "AuthJWT", "Crud", "Expose", "Mail", "PluginManager", "Recaptcha", "Recaptcha2", "Service",
    "Wiki", "fetch", "geocode", "prettydate", "reverse_geocode",
]  # fmt: skip
