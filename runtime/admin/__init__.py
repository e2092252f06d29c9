"""Reads and changes what lies on disk: site folders, applications, packs, languages, tickets, routes.

Knows no request and no window; the desktop, the command line and tests use it alike.
"""
