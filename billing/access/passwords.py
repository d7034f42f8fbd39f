"""Passwords: which are good enough, and how they are kept.

They are kept only as argon2id hashes with the library's defaults, which are the second recommended
profile of RFC 9106. Hashing takes a good part of a second on purpose, so it is done before a
writing transaction is opened, never inside one.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from billing.errors import Problem, Refused, block

PasswordHash = NewType("PasswordHash", str)
"""An argon2 hash of a password that was found good enough."""

SHORTEST, LONGEST = 12, 200
FEWEST_DIFFERENT = 5

STANDARD = PasswordHasher()
"""The cost in force. A hash of another cost is renewed when its owner next signs in."""


def password_problems(password: str) -> list[Problem]:
    """Everything that speaks against a new password; each problem's ``where`` is ``field:password``."""
    where = "field:password"
    problems = []
    if len(password) < SHORTEST:
        problems.append(
            block(
                "password.too_short",
                f"The password has fewer than {SHORTEST} characters.",
                "Take a longer one; a sentence is easy to remember.",
                where,
            )
        )
    if len(password) > LONGEST:
        problems.append(
            block(
                "password.too_long", f"The password has more than {LONGEST} characters.", "Take a shorter one.", where
            )
        )
    if len(set(password)) < FEWEST_DIFFERENT:
        problems.append(
            block(
                "password.too_uniform",
                f"The password has fewer than {FEWEST_DIFFERENT} different characters.",
                "Take one that is not the same few characters over and over.",
                where,
            )
        )
    return problems


def hashed(password: str, hasher: PasswordHasher = STANDARD) -> PasswordHash:
    """The hash under which to keep a new password.

    Slow. Raises :class:`Refused` with every problem when the password is not good enough.
    """
    if problems := password_problems(password):
        raise Refused(" ".join(problem.why for problem in problems), problems)
    return PasswordHash(hasher.hash(_spelled(password)))


def fits(kept: str, password: str) -> bool:
    """Whether the password is the one behind the hash ``kept``. Slow, and equally slow for yes and no."""
    try:
        return STANDARD.verify(kept, _spelled(password))
    except (VerificationError, InvalidHashError):
        return False


def renewed(kept: str, password: str) -> PasswordHash | None:
    """A hash of today's cost for a password that fits ``kept``; ``None`` when ``kept`` has it already."""
    return PasswordHash(STANDARD.hash(_spelled(password))) if STANDARD.check_needs_rehash(kept) else None


@cache
def nobodys_hash() -> str:
    """A hash to check against when there is no such user, so that both answers take the same time."""
    return STANDARD.hash("nobody's")


def _spelled(password: str) -> str:
    # Two keyboards may spell the same letter with different code points (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", password)
