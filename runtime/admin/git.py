"""The system's git for one application: branch, changes, difference, commit, pull, push (AP-20).

Git is never allowed to ask: it has no terminal, and no window for passwords. What is only
looked at starts no program that the settings of the repository name.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.child_groups import end_group
from runtime.foundation.problems import UserError
from runtime.foundation.program import child_environment

LOOK_SECONDS, NET_SECONDS = 20.0, 300.0
MOST_OUTPUT = 2_000_000
_STARTS_PROGRAMS = ("filter", "include", "diff", "alias")
WORDS = {
    "M": "changed", "A": "new", "D": "deleted", "R": "renamed", "C": "copied", "?": "not in git",
    "U": "conflict", "T": "another kind",
}  # fmt: skip


class GitError(UserError):
    """Git did not do what was asked; the text has its own words."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A changed file: path relative to the application, and what happened to it, a key of `WORDS`."""

    path: str
    state: str


@dataclass(frozen=True, slots=True)
class GitState:
    """How an application stands in git.

    Attributes:
        branch: name of the branch; the short number of a commit when there is none.
        changes: files that are not committed.
        ahead, behind: commits that the other side does not have, and that we do not have.
        upstream: name of the branch that is pulled from; empty when there is none.
        refused: why git was not asked; empty when it was.
    """

    branch: str
    changes: tuple[FileChange, ...] = ()
    ahead: int = 0
    behind: int = 0
    upstream: str = ""
    refused: str = ""


def _environment() -> dict[str, str]:
    env = {name: value for name, value in child_environment().items() if not name.startswith("GIT_")}
    env |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_EDITOR": "true",
        "GIT_PAGER": "cat",
        "LC_ALL": "C.UTF-8",
    }
    return env


def run_git(
    folder: Path,
    *arguments: str,
    seconds: float = LOOK_SECONDS,
    cancelled: Callable[[], bool] = bool,
    given: str | None = None,
) -> str:
    """Run git in `folder` and return what it printed.

    Args:
        seconds: after that time it is ended.
        cancelled: asked ten times a second; True ends it.
        given: text for its standard input.

    Raises:
        GitError: git is missing, failed, or took too long.
    """
    program = shutil.which("git")
    if program is None:
        raise GitError("Git is not installed on this computer.")
    child = subprocess.Popen(
        [program, "-C", str(folder), "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments],
        stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
        start_new_session=True,
    )
    end = time.monotonic() + seconds
    data = given.encode() if given is not None else None
    while True:
        try:
            out, err = child.communicate(data, timeout=0.1)
            break
        except subprocess.TimeoutExpired:
            data = None
            if cancelled() or time.monotonic() > end:
                end_group(child)
                child.communicate()
                words = "was canceled" if cancelled() else f"took longer than {seconds:g} s and was ended"
                raise GitError(f"git {arguments[0]} {words}.") from None
    if child.returncode:
        raise GitError(_said(arguments[0], err.decode("utf-8", "replace") or out.decode("utf-8", "replace")))
    return out[:MOST_OUTPUT].decode("utf-8", "replace")


def _said(order: str, text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if any("could not read Username" in line or "terminal prompts disabled" in line for line in lines):
        return (
            f"git {order} needs a password, which is not asked for here. "
            f"Set up a credential helper or an SSH key, or do it once in a terminal."
        )
    return f"git {order}: {' '.join(lines[-3:])[:600] or 'failed without a word'}"


def repository_of(folder: Path) -> Path | None:
    """Return the top folder of the repository that holds `folder`, None when there is none."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return None


def read_state(folder: Path) -> GitState | None:
    """Return how the application in `folder` stands, None when it is in no repository.

    Raises:
        GitError: git is missing or failed.
    """
    top = repository_of(folder)
    if top is None:
        return None
    refused = starts_programs(top)
    if refused:
        return GitState(_branch_file(top), refused=refused)
    text = run_git(folder, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--", ".")
    prefix = folder.resolve().relative_to(top.resolve()).as_posix()
    return _parse(text, "" if prefix == "." else f"{prefix}/")


def starts_programs(top: Path) -> str:
    """Return why even looking would start a program that the repository's settings name; else empty."""
    try:
        text = (top / ".git" / "config").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    for line in text.splitlines():
        head = line.strip().lower()
        if head.startswith("[") and head.strip("[]").split()[0].split(".")[0].strip('"') in _STARTS_PROGRAMS:
            if "lfs" not in head:
                return f"The settings of this repository name programs to start ({line.strip()})."
        elif head.partition("=")[0].strip() in (
            "fsmonitor",
            "sshcommand",
            "hookspath",
            "textconv",
            "command",
        ):
            return f"The settings of this repository name programs to start ({line.strip()[:80]})."
    return ""


def _branch_file(top: Path) -> str:
    try:
        head = (top / ".git" / "HEAD").read_text(encoding="utf-8").strip()
    except OSError:
        return "?"
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref:") else head[:8]


def _parse(text: str, prefix: str) -> GitState:
    branch, upstream, ahead, behind, commit = "", "", 0, 0, ""
    changes: list[FileChange] = []
    parts = iter(text.split("\0"))
    for part in parts:
        if part.startswith("# branch.head "):
            branch = part[14:]
        elif part.startswith("# branch.oid "):
            commit = part[13:21]
        elif part.startswith("# branch.upstream "):
            upstream = part[18:]
        elif part.startswith("# branch.ab "):
            plus, minus = part[12:].split()
            ahead, behind = int(plus), -int(minus)
        elif part.startswith("1 "):
            fields = part.split(" ", 8)
            changes.append(FileChange(fields[8].removeprefix(prefix), _letter(fields[1])))
        elif part.startswith("2 "):
            fields = part.split(" ", 9)
            changes.append(FileChange(fields[9].removeprefix(prefix), "R"))
            next(parts, "")
        elif part.startswith("u "):
            changes.append(FileChange(part.split(" ", 10)[10].removeprefix(prefix), "U"))
        elif part.startswith("? "):
            changes.append(FileChange(part[2:].removeprefix(prefix), "?"))
    if branch == "(detached)":
        branch = commit
    return GitState(branch, tuple(changes), ahead, behind, upstream)


def _letter(states: str) -> str:
    return states[1] if states[1] != "." else states[0]


def difference(folder: Path, path: str, state: str = "M") -> str:
    """Return the difference of one file to the last commit, as git prints it.

    Raises:
        GitError: git is missing or failed.
    """
    if state == "?":
        try:
            return (folder / path).read_bytes()[:MOST_OUTPUT].decode("utf-8", "replace")
        except OSError as error:
            raise GitError(f"{path} can't be read: {error.strerror or error}.") from error
    return run_git(folder, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD", "--", path)


def commit(folder: Path, paths: tuple[str, ...], message: str) -> str:
    """Commit `paths` of the application, and nothing else; return the first line of git's answer.

    Raises:
        GitError: there is nothing to commit, no message, or git failed.
    """
    if not message.strip():
        raise GitError("Write what the changes are about first.")
    if not paths:
        raise GitError("Choose the files to commit first.")
    run_git(folder, "add", "--all", "--", *paths)
    out = run_git(folder, "commit", "--quiet", "--file=-", "--only", "--", *paths, given=message, seconds=60)
    return out.strip().partition("\n")[0] or "committed"


def pull(folder: Path, cancelled: Callable[[], bool] = bool) -> str:
    """Bring in the commits of the other side, only when that needs no merge.

    Raises:
        GitError: git failed, or would have had to merge.
    """
    return run_git(folder, "pull", "--ff-only", seconds=NET_SECONDS, cancelled=cancelled).strip()


def push(folder: Path, cancelled: Callable[[], bool] = bool) -> str:
    """Send our commits to the other side.

    Raises:
        GitError: git failed, as when the other side has commits that we have not.
    """
    return run_git(folder, "push", "--porcelain", seconds=NET_SECONDS, cancelled=cancelled).strip()
