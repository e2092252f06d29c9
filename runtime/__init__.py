"""Hadron's runtime: serves web2py-style applications. Knows nothing of the desktop."""

from runtime.foundation.libraries import postpone_imports

postpone_imports()
