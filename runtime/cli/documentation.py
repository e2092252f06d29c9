"""The page of documentation about the command line, made from its tables (CLI-02)."""

from __future__ import annotations

from runtime.cli.commands import commands_as_markdown
from runtime.config import options_as_markdown

_HEAD = """# The command line

    hadron [OPTIONS]
    hadron COMMAND ...

Without `-a` and `--nogui` the window opens; options fill it in. With one of them Hadron serves from the
console. Short options without a value may be joined (`-vT welcome`); long ones take their value behind `=`
or a blank.

What the command line says wins over the options file of `-L`, which wins over defaults. A sample of that
file, of `logging.conf` and of both kinds of `routes.py` lies in `examples` of a new site folder.

Exit codes: 0 all is well, 1 what was asked for failed (a test, a job, a script), 2 the command line or
something it names is wrong, 3 the port can not be had, 4 the site folder, 5 another start failure.

This page is made by `python -m runtime.cli.documentation`.

## Commands

`hadron COMMAND --help` tells more of each.

"""


def page() -> str:
    """Return the page."""
    sections = options_as_markdown().rstrip()
    return f"{_HEAD}{commands_as_markdown()}\n# Options\n\n{sections}\n"


if __name__ == "__main__":
    print(page(), end="")
