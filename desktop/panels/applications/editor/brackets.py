"""The bracket that belongs to the one at the cursor."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument

OPENING, CLOSING = "([{", ")]}"
FAR = 20_000  # letters that are looked at on each side


def matching(document: QTextDocument, position: int) -> tuple[int, int] | None:
    """Return the places of the bracket beside `position` and of its partner; None without a pair."""
    for at in (position, position - 1):
        if at < 0:
            continue
        letter = document.characterAt(at)
        if letter and letter in OPENING:
            found = _search(document, at, letter, CLOSING[OPENING.index(letter)], 1)
        elif letter and letter in CLOSING:
            found = _search(document, at, letter, OPENING[CLOSING.index(letter)], -1)
        else:
            continue
        if found is not None:
            return at, found
    return None


def _search(document: QTextDocument, at: int, own: str, partner: str, step: int) -> int | None:
    """Go through the lines by text, which is faster than asking for each letter."""
    block = document.findBlock(at)
    begin, depth, looked = at - block.position(), 0, 0
    while block.isValid() and looked < FAR:
        text = block.text()
        places = range(begin, len(text)) if step > 0 else range(min(begin, len(text) - 1), -1, -1)
        for place in places:
            letter = text[place]
            if letter == own:
                depth += 1
            elif letter == partner:
                depth -= 1
                if depth == 0:
                    return block.position() + place
        looked += len(text) + 1
        block = block.next() if step > 0 else block.previous()
        begin = 0 if step > 0 else 1 << 30
    return None
