"""The demo throws away an earlier demo and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.access.permissions import Role
from billing.errors import Refused
from billing.operations.demo import PEOPLE, fresh_folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_folder_that_does_not_exist_is_made(tmp_path: Path) -> None:
    fresh_folder(tmp_path / "deep" / "demo")

    assert len(names(tmp_path / "deep" / "demo")) == 1


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    fresh_folder(tmp_path)

    assert len(names(tmp_path)) == 1


def test_an_earlier_demo_is_thrown_away(tmp_path: Path) -> None:
    fresh_folder(tmp_path)
    (tmp_path / "meridian.sqlite3").write_text("an earlier demo")

    fresh_folder(tmp_path)

    assert "meridian.sqlite3" not in names(tmp_path)


def test_a_folder_with_anything_else_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "meridian.sqlite3").write_text("a real clinic")

    with pytest.raises(Refused, match="not a demo"):
        fresh_folder(tmp_path)

    assert names(tmp_path) == {"meridian.sqlite3"}
    assert (tmp_path / "meridian.sqlite3").read_text() == "a real clinic"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    blocked = tmp_path / "demo"
    blocked.write_text("not a folder")

    with pytest.raises(Refused):
        fresh_folder(blocked)

    assert blocked.read_text() == "not a folder"


def test_every_role_has_somebody_to_sign_in_as() -> None:
    assert {person.role for person in PEOPLE} == set(Role)
