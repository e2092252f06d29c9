"""SESS-19, DESK-17: looking at the session files of a site, and ending sessions."""

from __future__ import annotations

import json
import os

import pytest

from runtime.admin import sessions as inspection
from runtime.foundation.paths import UnsafePath
from runtime.sessions import on_expiry


def test_desk_17_listing_and_expiry(site):
    """DESK-17, SESS-19: the latest used first; one, or all idle ones, are ended and callbacks hear of it."""
    heard = []
    on_expiry("myapp", heard.append)
    visitors = [site.visitor(client=f"10.0.0.{number}") for number in range(4)]
    for number, visitor in enumerate(visitors):
        visitor.put("n", number)
        (path,) = [path for path in site.files() if path.name == visitor.jar["session_id_myapp"]]
        os.utime(path, (path.stat().st_mtime - 1000 * number,) * 2)
    (site.files()[0].parent / ".x.tmp").write_bytes(b"")
    page = inspection.list_sessions(site.root, "myapp", limit=3)
    assert json.loads(json.dumps(page)) == page
    assert (page["total"], [row["client"] for row in page["sessions"]]) == (
        4,
        ["10.0.0.0", "10.0.0.1", "10.0.0.2"],
    )
    assert 999 < page["sessions"][1]["age"] < 1100
    assert page["sessions"][0]["size"] > 0
    assert inspection.list_sessions(site.root, "myapp", prefix="10.0.0.3")["total"] == 1
    inspection.expire_session(site.root, "myapp", page["sessions"][0]["id"])
    assert visitors[0].get("n") is None
    assert inspection.expire_all(site.root, "myapp", idle=1500) == 2
    assert visitors[1].get("n") == 1
    assert inspection.expire_all(site.root, "myapp") == 1
    assert len(heard) == 4
    with pytest.raises(inspection.SessionProblem, match="any more"):
        inspection.expire_session(site.root, "myapp", "../../x")
    with pytest.raises(inspection.SessionProblem, match="no application"):
        inspection.list_sessions(site.root, "other")
    with pytest.raises(UnsafePath):
        inspection.list_sessions(site.root, "../..")


def test_desk_17_as_control_commands(site, visitor):
    """DESK-17, LOCK-07: what the control channel offers."""
    visitor.put("n", 1)
    commands = inspection.session_commands(str(site.root))
    (row,) = commands["session_list"](application="myapp")["sessions"]
    assert commands["session_waiting"]() == []
    commands["session_expire"](application="myapp", session_id=row["id"])
    assert commands["session_expire_all"](application="myapp") == 0
