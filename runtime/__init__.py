"""Hadron's runtime: serves web2py-style applications. Knows nothing of the desktop."""
