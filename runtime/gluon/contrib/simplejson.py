"""``gluon.contrib.simplejson``: the standard library's `json` under an old name (LIB-14)."""

from json import JSONDecodeError, JSONDecoder, JSONEncoder, dump, dumps, load, loads

__all__ = ["JSONDecodeError", "JSONDecoder", "JSONEncoder", "dump", "dumps", "load", "loads"]
