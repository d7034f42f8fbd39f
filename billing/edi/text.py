"""Which characters may travel in X12, and how other text is brought into them.

Allowed is printable ASCII (the basic and extended sets of X12.6) without the four separators this
house writes, ``* : ~ ^``. Accented and other Latin letters and typographic punctuation have a plain
form and are folded; blanks of any kind become a blank; marks that cannot be seen vanish. Everything
else (other scripts, emoji, control characters) has no plain form: turning a name from another script
into Latin letters would be guessing how a person is registered with an insurer, so it is left as it
is, for a person to decide, and the segment writer refuses it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from anyascii import anyascii

_SEPARATORS = frozenset("*:~^")
_BLANKS = frozenset(" \t\r\n")
_ASCII = str.maketrans(dict.fromkeys((*_SEPARATORS, *_BLANKS), " "))
# Written as code points because many of these look like the plain character they stand for.
_TYPOGRAPHIC = {
    **dict.fromkeys("\u2019\u2018\u201a\u201b\u2032\u02b9\u02bb\u02bc\u02bd\u02c8\u00b4\u2039\u203a", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2022\u00b7\u2028\u2029", " "),
    "\u2026": "...",
    "\u00a1": "!",
    "\u00bf": "?",
    "\u00aa": "a",
    "\u00ba": "o",
}
_SPACE = "Zs"
_UNSEEN = frozenset({"Cf", "Mn"})


def plain_text(value: str) -> str:
    """``value`` as it may stand in an X12 element: folded, upper case, single blanks, none at the ends.

    Separators become blanks. Characters without a plain form stay as they are; ask
    :func:`characters_not_allowed` for them before writing.
    """
    if value.isascii():
        plain = value.translate(_ASCII)
    else:
        plain = "".join(map(_plain, unicodedata.normalize("NFC", value))).translate(_ASCII)
    return " ".join(filter(None, plain.upper().split(" ")))


def characters_not_allowed(value: str) -> list[str]:
    """The characters of ``value`` that have no plain form, each once, in the order they appear."""
    if value.isascii() and value.isprintable():
        return []
    return _distinct(character for character in unicodedata.normalize("NFC", value) if not _is_allowed(character))


def characters_replaced(value: str) -> list[str]:
    """The characters of ``value`` that :func:`plain_text` changes, each once, in the order they appear.

    Case and doubled blanks do not count as changes.
    """
    return _distinct(
        character
        for character in unicodedata.normalize("NFC", value)
        if _is_allowed(character) and character != " " and _plain(character).translate(_ASCII) != character
    )


def _distinct(characters: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(characters))


def _is_allowed(character: str) -> bool:
    plain = _plain(character)
    return all(letter.isascii() and (letter.isprintable() or letter in _BLANKS) for letter in plain)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The plain form of one character, or the character itself when it has none."""
    if character.isascii():
        return character
    if character in _TYPOGRAPHIC:
        return _TYPOGRAPHIC[character]
    category = unicodedata.category(character)
    if category == _SPACE:
        return " "
    if category in _UNSEEN:
        return ""
    if category.startswith("L") and "LATIN" in unicodedata.name(character, ""):
        folded = anyascii(character)
        if folded.isascii() and folded.replace("'", "").isalpha():
            return folded
    return character
