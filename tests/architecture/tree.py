"""The source tree as the laws see it: parsed once, and easy to imagine otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from importlinter.api import read_configuration

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Module:
    """One file of Python. ``path`` is relative to the checkout, with slashes."""

    path: str
    source: str
    syntax: ast.Module

    @property
    def lines(self) -> int:
        """How long it is."""
        return self.source.count("\n")

    def is_in(self, *places: str) -> bool:
        """Whether it is one of these files or lies in one of these folders, which end with a slash."""
        return any(self.path == place or (place.endswith("/") and self.path.startswith(place)) for place in places)

    def at(self, node: ast.expr | ast.stmt | ast.arg) -> str:
        """Where something is, to click on."""
        return f"{self.path}:{node.lineno}"

    def calls(self) -> Iterator[ast.Call]:
        """Every call in it."""
        return (node for node in ast.walk(self.syntax) if isinstance(node, ast.Call))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method in it, nested ones too."""
        return (node for node in ast.walk(self.syntax) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def parsed(path: str, source: str) -> Module:
    """A module from its text."""
    return Module(path, source, ast.parse(source))


@dataclass(frozen=True, slots=True)
class Tree:
    """All modules of the program and of its tests."""

    modules: tuple[Module, ...]

    def program(self) -> Iterator[Module]:
        """What runs in a clinic."""
        return (module for module in self.modules if module.is_in("billing/", "workers/"))

    def tests(self) -> Iterator[Module]:
        """What runs here."""
        return (module for module in self.modules if module.is_in("tests/"))

    def with_file(self, path: str, source: str) -> Tree:
        """The tree as it would be with that file in it."""
        others = tuple(module for module in self.modules if module.path != path)
        return replace(self, modules=(*others, parsed(path, source)))


@cache
def the_tree() -> Tree:
    """This checkout."""
    files = sorted(file for room in ("billing", "workers", "tests") for file in (ROOT / room).rglob("*.py"))
    return Tree(tuple(parsed(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")) for file in files))


@cache
def layers() -> tuple[tuple[str, ...], ...]:
    """The rooms as the import contract stacks them, topmost first; rooms of one layer together."""
    read = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    stacked = next(contract["layers"] for contract in read if contract["id"] == "layers")
    return tuple(tuple(room.strip(" ()") for room in layer.split("|")) for layer in stacked)


def height(module: str) -> int:
    """On which floor a dotted module lives, 0 being the lowest; raises ``LookupError`` for one without a place."""
    for floor, layer in enumerate(reversed(layers())):
        if any(module == room or module.startswith(f"{room}.") for room in layer):
            return floor
    raise LookupError(f"{module} has no place among the layers in pyproject.toml")
