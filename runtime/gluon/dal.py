"""``gluon.dal``: the database layer."""

from runtime.dal import *
