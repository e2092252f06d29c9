"""The documented additions below ``gluon.contrib`` that need the tools (section 32.2)."""
