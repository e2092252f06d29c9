"""``gluon.myregex``: patterns that tools for applications look for."""

import re

regex_tables = re.compile(r"""^[\w]+\.define_table\(\s*['"](?P<name>\w+)['"]""", re.MULTILINE)
regex_expose = re.compile(r"^def\s+(?P<name>_?[a-zA-Z0-9]\w*)\( *\)\s*:", re.MULTILINE)
regex_include = re.compile(r"""(?P<all>\{\{\s*include\s+['"](?P<name>[^'"]*)['"]\s*\}\})""")
regex_extend = re.compile(r"""^\s*(?P<all>\{\{\s*extend\s+['"](?P<name>[^'"]+)['"]\s*\}\})""", re.MULTILINE)

__all__ = ["regex_expose", "regex_extend", "regex_include", "regex_tables"]
