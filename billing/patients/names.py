"""Names as one compares them: without capitals and accents, word by word, and by how they sound. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_REMEMBERED = 50_000
"""Names whose form is kept at hand: every search looks at those of all patients again."""
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_JOINED = re.compile("['`.\u2019\u00b4]")
"""Signs inside a word: O'Keeffe is one word."""


@lru_cache(maxsize=_REMEMBERED)
def folded(name: str) -> str:
    """A name in small letters a to z and single blanks: ``Bronisława`` is ``bronislawa``, ``O'Keeffe`` ``okeeffe``."""
    if not name.isascii():
        name = anyascii(unicodedata.normalize("NFC", name))
    return _NO_LETTER.sub(" ", _JOINED.sub("", name).lower()).strip()


def words_of(name: str) -> list[str]:
    """The words of a folded name: those of ``Zielińska-Król`` are two."""
    return folded(name).split()


_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(kn|gn|pn)", "n"), (r"^wr", "r"), (r"^x", "s"), (r"^rh", "r"), (r"^mac", "mk"), (r"^mc", "mk"),
        (r"tsch|tch|sch|sh|ch", "X"), (r"ph", "f"), (r"ck|q", "k"), (r"(?<=.)ght", "t"), (r"(?<=[aeiou])gh$", ""),
        (r"dg(?=[eiy])", "j"), (r"g(?=[eiy])", "j"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"th", "t"), (r"dt\b", "t"),
        (r"z", "s"), (r"x", "ks"), (r"w|v", "f"), (r"(?<=[a-z])h", ""),
    )
)  # fmt: skip
"""What is written, and the sound it stands for; a sign in capitals is left alone by what follows."""
_VOWELS = re.compile(r"[aeiouy]+")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=_REMEMBERED)
def sound(name: str) -> str:
    """How a name roughly sounds to an English ear, so that names spelled by ear are found.

    ``Catherine`` and ``Kathryn`` sound alike, as do ``Meyer`` and ``Maier``; equal sounds are a hint, no proof.
    """
    spoken = folded(name).replace(" ", "")
    for pattern, instead in _SOUNDS:
        spoken = pattern.sub(instead, spoken)
    first, rest = spoken[:1], _VOWELS.sub("", spoken[1:])
    return _DOUBLED.sub(r"\1", ("a" if _VOWELS.match(first) else first) + rest)
