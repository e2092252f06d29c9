"""`hadron licences`: the libraries inside, with their licences (START-04)."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.cli.subparser import SubcommandParser, parse_or_help
from runtime.foundation.problems import UserError

EXIT_OK = 0


def run(arguments: Sequence[str]) -> int:
    """Carry out ``hadron licences [NAME]`` and return the exit code.

    Raises:
        UserError: no library of the program has the name.
    """
    parser = SubcommandParser("licences", "List the libraries inside with version and licence.")
    parser.add_argument("name", nargs="?", help="of a library: print the text of its licence")
    options = parse_or_help(parser, arguments)
    if options is None:
        return EXIT_OK
    from runtime.admin.parts import library_parts, licence_text

    parts = library_parts()
    if options.name is None:
        width = max(len(part.name) for part in parts)
        for part in parts:
            licence = part.licence or "(see its project)"
            print(f"{part.name:{width}}  {part.version:14}  {licence}  {part.home}")
        return EXIT_OK
    wanted = options.name.lower().replace("_", "-")
    for part in parts:
        if part.name.lower().replace("_", "-") == wanted:
            print(licence_text(part.name) or f"{part.name} brings no text: {part.licence} {part.home}")
            return EXIT_OK
    raise UserError(f"no library of the program is called {options.name}; `hadron licences` lists them")
