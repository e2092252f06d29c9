"""Orders to lines of text, without Qt: indentation and comments."""

from __future__ import annotations

STEP = 4


def indent_of(text: str) -> int:
    """Return how many columns a line is indented; a tab goes to the next multiple of four."""
    columns = 0
    for letter in text:
        if letter == " ":
            columns += 1
        elif letter == "\t":
            columns += STEP - columns % STEP
        else:
            break
    return columns


def shift_lines(lines: list[str], step: int) -> list[str]:
    """Return the lines moved right (1) or left (-1) by one level; empty ones stay empty."""
    if step > 0:
        return [" " * STEP + line if line.strip() else line for line in lines]
    return [_left(line) for line in lines]


def _left(line: str) -> str:
    if line.startswith("\t"):
        return line[1:]
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(STEP, spaces) :]


def toggle_comment(lines: list[str], opening: str, closing: str) -> list[str]:
    """Return the lines as comments; as text again when all of them are comments."""
    full = [line for line in lines if line.strip()]
    if not full:
        return lines
    mark = opening.rstrip()
    if all(line.lstrip().startswith(mark) for line in full):
        return [_uncomment(line, opening, closing) for line in lines]
    depth = min(len(line) - len(line.lstrip()) for line in full)
    return [f"{line[:depth]}{opening}{line[depth:]}{closing}" if line.strip() else line for line in lines]


def _uncomment(line: str, opening: str, closing: str) -> str:
    depth = len(line) - len(line.lstrip())
    rest = line[depth:]
    if not rest:
        return line
    rest = rest.removeprefix(opening) if rest.startswith(opening) else rest.removeprefix(opening.rstrip())
    if closing:
        rest = rest.removesuffix(closing) if rest.endswith(closing) else rest.removesuffix(closing.strip())
    return line[:depth] + rest


def common_start(one: str, other: str) -> int:
    """Return how many letters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
