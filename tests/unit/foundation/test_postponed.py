"""Imports of libraries that wait until they are needed (SCHED-61)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SEEN = "import sys\nfrom runtime.foundation.postponed import postpone\nsys.path.insert(0, {folder!r})\n"


def run(code, folder=""):
    done = subprocess.run(
        [sys.executable, "-c", SEEN.format(folder=str(folder)) + code],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture
def library(tmp_path):
    """A package whose module `front` imports in every way there is."""
    package = tmp_path / "library"
    (package / "heavy").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "heavy" / "__init__.py").write_text("def lift(n):\n    return n * 2\n")
    (package / "heavy" / "stone.py").write_text("WEIGHT = 7\n")
    (tmp_path / "alone.py").write_text("def value():\n    return 'alone'\n")
    (package / "front.py").write_text(
        "import alone\n"
        "import json\n"
        "from .heavy import lift, lift as raised\n"
        "from .heavy import stone\n"
        "from . import heavy\n"
        "from library.heavy.stone import WEIGHT\n"
        "try:\n    import nowhere\nexcept ImportError:\n    nowhere = None\n"
        "def later():\n    import alone as inside\n    return alone.value(), inside.__name__\n"
    )
    return tmp_path


POSTPONE = "postpone('library.front', 'alone', 'nowhere', 'library.heavy', 'library.heavy.stone')\nfrom library import front\n"


def test_nothing_is_imported_before_it_is_used(library):
    code = (
        POSTPONE
        + "print(*[n for n in ('alone', 'library.heavy', 'library.heavy.stone') if n in sys.modules])"
    )
    assert run(code, library) == []


def test_every_name_is_there_when_it_is_asked_for(library):
    code = POSTPONE + (
        "print(front.lift(2), front.raised(3), front.stone.WEIGHT, front.WEIGHT, front.heavy.__name__)\n"
        "print(*front.later(), front.nowhere, front.json.__name__)\n"
        "from library.front import lift\nprint(lift is sys.modules['library.heavy'].lift)\n"
    )
    assert run(code, library) == "4 6 7 7 library.heavy alone alone None json True".split()


def test_a_missing_name_is_an_attribute_error(library):
    code = POSTPONE + "print(hasattr(front, 'absent'), hasattr(front, 'lift'))"
    assert run(code, library) == ["False", "True"]


def test_imports_are_as_before_afterwards(library):
    """Also when somebody else has taken them over meanwhile, as Qt's binding does."""
    code = (
        "import builtins\nplain = builtins.__import__\n"
        "postpone('library.front', 'alone')\nimport library.front\nprint(builtins.__import__ is plain)\n"
        "postpone('library.other', 'alone')\nimport library.other\nprint(builtins.__import__ is library.other.mine)\n"
        "import colorsys\nprint(library.other.alone.value(), colorsys.__name__)\n"
        "print(library.other.alone_now())\n"
        "postpone('library.third', 'colorsys')\nimport library.third\nprint(library.third.colorsys.__name__)\n"
    )
    (library / "library" / "third.py").write_text("import colorsys\n")
    (library / "library" / "other.py").write_text(
        "import builtins\nimport alone\nbefore = builtins.__import__\n"
        "def mine(*given):\n    return before(*given)\nbuiltins.__import__ = mine\nimport wave\n"
        "def alone_now():\n    import alone\n    return type(alone).__name__\n"
    )
    assert run(code, library) == ["True", "True", "alone", "colorsys", "module", "colorsys"]


def test_the_module_keeps_its_loader_and_builtins(library):
    code = POSTPONE + (
        "import builtins, importlib, inspect\n"
        "print(type(front.__loader__).__name__, type(front.__spec__.loader).__name__)\n"
        "print(front.later.__builtins__ is vars(builtins), 'def later' in inspect.getsource(front))\n"
        "print(importlib.reload(front).lift(4))\n"
    )
    assert run(code, library) == ["SourceFileLoader", "SourceFileLoader", "True", "True", "8"]


# -- pydal and werkzeug ---------------------------------------------------------------------------


def test_the_database_layer_loads_no_driver_and_no_client():
    heavy = "pymysql psycopg2 imaplib ssl urllib.request http.client xmlrpc.client email.message socketserver".split()
    code = f"import runtime.dal, runtime.web.environment\nprint(*[n for n in {heavy} if n in sys.modules])"
    assert run(code) == []


def test_old_names_of_pydal_and_werkzeug_are_there():
    code = (
        "import runtime.dal\n"
        "from pydal._compat import HTMLParser, MIMEText, urlopen, hashlib_md5, Cookie, urlparse\n"
        "from werkzeug import Client, Request, run_simple\n"
        "print(HTMLParser.__name__, MIMEText.__name__, urlopen.__name__, hashlib_md5('x').hexdigest()[:4])\n"
        "print(Cookie.__name__, urlparse.__name__, Client.__name__, Request.__name__, run_simple.__name__)\n"
    )
    assert run(code) == [
        "HTMLParser", "MIMEText", "urlopen", "9dd4",
        "http.cookies", "urllib.parse", "Client", "Request", "run_simple",
    ]  # fmt: skip


def test_every_name_of_pydal_is_the_one_it_would_have_been(tmp_path):
    """What the modules offer does not depend on whether their imports waited."""
    code = (
        "import {first}pydal._compat as c, pydal.validators as v, pydal.drivers as d, werkzeug as w, ast, sys\n"
        "for module in (c, v, w):\n"
        "    tree = ast.parse(open(module.__file__, encoding='utf-8').read())\n"
        "    names = {{a.asname or a.name.split('.')[0] for n in tree.body if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}}\n"
        "    for name in sorted(names):\n"
        "        value = getattr(module, name)\n"
        "        print(module.__name__, name, getattr(value, '__name__', value))\n"
        "for name in sorted(d.DRIVERS):\n"
        "    print(name, d.DRIVERS[name].__name__, d.DRIVERS[name] is sys.modules[d.DRIVERS[name].__name__])\n"
    )
    plain = subprocess.run(
        [sys.executable, "-c", code.format(first="")],
        capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True,
    )  # fmt: skip
    assert run(code.format(first="runtime.dal, ")) == plain.stdout.split()


def test_a_driver_that_can_not_be_loaded_is_absent(tmp_path):
    (tmp_path / "MySQLdb.py").write_text("raise ImportError('libmysqlclient.so is missing')\n")
    (tmp_path / "pymysql.py").write_text(
        "def connect(**options):\n    print('asked', options['user'])\n    return 1 / 0\n"
    )
    code = (
        "import pydal\n"
        "try:\n    pydal.DAL('mysql://ann:word@127.0.0.1/none', attempts=1)._adapter.connector()\n"
        "except ZeroDivisionError:\n    print('refused')\n"
        "print('MySQLdb' in pydal.drivers.DRIVERS, 'pymysql' in pydal.drivers.DRIVERS)\n"
        "print('psycopg2' in sys.modules, 'imaplib' in sys.modules)\n"
    )
    assert run(code, tmp_path) == ["asked", "ann", "refused", "False", "True", "False", "False"]


def test_a_driver_is_loaded_by_the_first_database_that_needs_it():
    pytest.importorskip("psycopg2")
    code = (
        "import pydal\n"
        "print('psycopg2' in sys.modules)\n"
        "try:\n    pydal.DAL('postgres://ann:word@127.0.0.1:1/none', attempts=1)\n"
        "except RuntimeError:\n    print('refused')\n"
        "print('psycopg2' in sys.modules, 'pymysql' in sys.modules)\n"
        'print(pydal.drivers.psycopg2_adapt("it\'s").getquoted().decode())\n'
    )
    assert run(code) == ["False", "refused", "True", "False", "'it''s'"]


def test_drivers_are_listed_as_pydal_lists_them():
    code = (
        "from pydal.drivers import DRIVERS\n"
        "known = list(DRIVERS)\n"
        "print('sqlite3' in known, 'nothing' in DRIVERS, len(DRIVERS) == len(known), DRIVERS.get('nothing'))\n"
        "DRIVERS['mine'] = sys\nprint(DRIVERS['mine'] is sys, 'mine' in iter(DRIVERS.keys()))\n"
        "del DRIVERS['mine']\nprint('mine' in DRIVERS)\n"
    )
    assert run(code) == ["True", "False", "True", "None", "True", "True", "False"]


def test_the_driver_of_postgres_does_without_pythons_ssl():
    """It asks for it because of an OpenSSL of long ago; whoever wants `ssl` gets it."""
    pytest.importorskip("psycopg2")
    code = (
        "import builtins\nplain = builtins.__import__\nimport psycopg2\n"
        "print('ssl' in sys.modules, builtins.__import__ is plain, type(psycopg2._psycopg.__loader__).__name__)\n"
        "import ssl\nprint(ssl.OPENSSL_VERSION.split()[0])\n"
    )
    assert run(code) == ["False", "True", "ExtensionFileLoader", "OpenSSL"]
    assert run("import ssl, psycopg2\nprint('ssl' in sys.modules)") == ["True"]


def test_a_refused_module_is_refused_to_one_thread_only(library):
    """Another thread may import what an extension module does not get."""
    code = (
        "import threading\nfrom runtime.foundation.postponed import _redirection\n"
        "def there():\n    try:\n        import alone\n    except ImportError:\n        return False\n    return True\n"
        "def both():\n"
        "    found = [there()]\n"
        "    other = threading.Thread(target=lambda: found.append(there()))\n"
        "    other.start()\n    other.join()\n    return found\n"
        "print(*_redirection.without('alone', both), there())\n"
    )
    assert run(code, library) == ["False", "True", "True"]


def test_whole_modules_wait_below_a_package(library):
    """`import name` waits everywhere in it, `from name import` does not; the module takes its place when used."""
    code = (
        "from runtime.foundation.postponed import postpone_below, StandIn\n"
        "postpone_below('library', 'alone', 'json')\n"
        "import library.front as front\n"
        "print('alone' in sys.modules, isinstance(front.alone, StandIn), front.lift(2))\n"
        "waiting = front.alone\nwaiting.value = lambda: 'patched'\n"
        "print(*front.later(), front.alone is sys.modules['alone'])\n"
        "del waiting.value\nprint(hasattr(sys.modules['alone'], 'value'))\n"
    )
    assert run(code, library) == "False True 4 patched alone True False".split()


def test_who_looks_into_a_module_that_waits_sees_its_names(library):
    """`vars` of it are the module's, so that what is patched for a while comes back afterwards."""
    code = (
        "from runtime.foundation.postponed import postpone_below\n"
        "postpone_below('library', 'alone', 'json')\n"
        "import library.front as front, pytest\n"
        "waiting = front.alone\n"
        "with pytest.MonkeyPatch.context() as patch:\n"
        "    patch.setattr(waiting, 'value', lambda: 'patched')\n"
        "    print(waiting.value())\n"
        "print(waiting.value(), 'value' in vars(waiting), 'dumps' in vars(front.json))\n"
    )
    assert run(code, library) == ["patched", "alone", "True", "True"]
