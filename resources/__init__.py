"""Files that travel with the program: applications, theme tokens, brand, icons."""

from pathlib import Path

ROOT = Path(__file__).parent
"""Folder of the resources, in a checkout, an installation and the frozen bundle alike."""
