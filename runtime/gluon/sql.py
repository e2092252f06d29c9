"""``gluon.sql``: old name of ``gluon.dal``."""

from runtime.dal import *
