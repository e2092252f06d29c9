"""``gluon.contrib.gql``: the database layer, under the name that scaffolding for App Engine used (LIB-9)."""

from runtime.tools.contrib.gae import *
from runtime.tools.contrib.gae import __all__
