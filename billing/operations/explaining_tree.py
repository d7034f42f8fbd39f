"""The lines of an explanation as a tree, for whoever shows it in branches that open and close."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from billing.money import cents_from_text

_AMOUNT = re.compile(r"(?P<sum>[= ]) +(?P<cents>-?\d+\.\d\d)  (?P<text>.+)")
_INDENT = "  "


class Kind(StrEnum):
    """What a line of an explanation is."""

    STEP = "step"
    """An amount that is added to those above it."""
    RESULT = "result"
    """The sum of the amounts above it."""
    REMARK = "remark"
    """Something to know, without an amount."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A line below a heading."""

    kind: Kind
    text: str
    cents: int | None = None


@dataclass(slots=True)
class Branch:
    """A heading, what is said below it, and the branches that grow from it."""

    heading: str
    leaves: list[Leaf] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)


def tree(lines: Iterable[str]) -> list[Branch]:
    """An explanation's branches: an empty line ends one, a heading before it grows from the one it is in."""
    roots: list[Branch] = []
    standing: Branch | None = None
    root: Branch | None = None
    for line in lines:
        leaf = _leaf(line)
        if not line:
            root = standing = None
        elif leaf is None and root is None:
            root = standing = Branch(line.removesuffix(":"))
            roots.append(root)
        elif leaf is None and root is not None:
            standing = Branch(line.removesuffix(":"))
            root.branches.append(standing)
        elif leaf is not None and standing is None:
            # A sum that stands alone is told under the heading before it, or under none.
            root = standing = Branch("", [leaf])
            roots.append(root)
        elif leaf is not None and standing is not None:
            standing.leaves.append(leaf)
    return roots


def _leaf(line: str) -> Leaf | None:
    """A line below a heading; ``None`` when it is a heading itself."""
    match = _AMOUNT.fullmatch(line)
    if match is not None:
        kind = Kind.RESULT if match["sum"] == "=" else Kind.STEP
        return Leaf(kind, match["text"], cents_from_text(match["cents"]))
    return Leaf(Kind.REMARK, line.strip()) if line.startswith(_INDENT) else None
