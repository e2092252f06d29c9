"""Command line: parse options, start roles."""

from runtime.cli.main import main
from runtime.cli.parser import Options

__all__ = ["Options", "main"]
