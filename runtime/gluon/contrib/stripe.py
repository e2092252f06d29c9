"""``gluon.contrib.stripe``: card payments (LIB-16)."""

from runtime.tools.contrib.clients import Stripe, StripeForm

__all__ = ["Stripe", "StripeForm"]
