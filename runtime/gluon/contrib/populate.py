"""``gluon.contrib.populate``: made-up records (LIB-21)."""

from runtime.tools.contrib.populate import IUP, Learner, populate

__all__ = ["IUP", "Learner", "populate"]
