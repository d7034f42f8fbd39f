"""The program obeys the laws of ``laws.py`` and the import contracts of ``pyproject.toml``."""

from __future__ import annotations

import pytest

from tests.architecture import laws
from tests.architecture.contracts import report_on
from tests.architecture.tree import ROOT, Tree, layers, the_tree

SITTING = 250
BREATH = 30


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_the_program_keeps_the_law(law: laws.Law) -> None:
    broken_by = law(the_tree())

    assert not broken_by, f"{law.__doc__}\n" + "\n".join(broken_by)


def test_the_import_contracts_are_kept() -> None:
    report = report_on(ROOT)

    assert not report.broken, report.text


def test_every_room_has_its_place_among_the_layers() -> None:
    rooms = {_room(module.path) for module in the_tree().program()} - {"billing"}

    placed = {room for layer in layers() for room in layer}

    assert rooms <= placed


def test_no_room_has_two_places() -> None:
    placed = [room for layer in layers() for room in layer]

    assert len(placed) == len(set(placed))


def test_what_is_longer_than_the_aim_is_named() -> None:
    """The hard limits are laws; this prints what is on its way there (``pytest -s``)."""
    long = longer_than_the_aim(the_tree())

    print("\n".join(["", *long]))

    assert len(long) <= sum(1 for module in the_tree().program() for _ in module.functions()) // 10


def longer_than_the_aim(tree: Tree) -> list[str]:
    """Modules above 250 lines and functions above 30."""
    modules = [f"{module.path}  {module.lines}" for module in tree.program() if module.lines > SITTING]
    functions = [
        f"{module.at(function)}  {function.name} {laws.length_of(function)}"
        for module in tree.program()
        for function in module.functions()
        if laws.length_of(function) > BREATH
    ]
    return modules + functions


def _room(path: str) -> str:
    words = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(words[: 1 if words[0] == "workers" else 2])
