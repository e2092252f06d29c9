"""``gluon.validators``: all validators."""

from runtime.dal.validators import *
