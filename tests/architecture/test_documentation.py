"""What the documents say exists, and what exists is in the documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from billing.cli.main import main
from billing.settings import PREFIX, Settings
from tests.architecture.tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def commands(group: click.Group = main, before: str = "meridian") -> Iterator[str]:
    """Every command as it is typed, without its options."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}"


def variables() -> set[str]:
    """Every variable that the program reads."""
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    return names | {f"{name}_FILE" for name in names}


def targets() -> set[str]:
    """What can be made."""
    return set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("command", sorted(commands()))
def test_the_readme_names_every_command(command: str) -> None:
    assert command in README


def test_every_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"^(?:\$ )?(?:\.venv/bin/)?meridian ([a-z]+)", README, re.MULTILINE))

    assert named <= set(main.commands)


def test_whatever_the_readme_makes_can_be_made() -> None:
    made = set(re.findall(r"^(?:\$ )?make ([a-z]+)", README, re.MULTILINE)) | set(re.findall(r"`make ([a-z]+)", README))

    assert made <= targets()


def test_every_target_says_what_it_is_for() -> None:
    explained = set(re.findall(r"^([a-z]+):.* ## ", MAKEFILE, re.MULTILINE))

    assert explained == targets()


@pytest.mark.parametrize("document", ["README.md", "docker-compose.yml", "Dockerfile"])
def test_every_variable_that_is_named_is_read(document: str) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", (ROOT / document).read_text(encoding="utf-8")))

    assert named <= variables()


def test_the_containers_get_their_secrets_as_files() -> None:
    secrets = {"DATABASE_URL", "SECRET_KEY", "PASSWORD"}

    given = set(re.findall(r"^ +([A-Z_]+):", COMPOSE, re.MULTILINE))

    assert [name for name in given if any(name.endswith(secret) for secret in secrets)] == []
    assert {f"{PREFIX}DATABASE_URL_FILE", f"{PREFIX}SECRET_KEY_FILE", "POSTGRES_PASSWORD_FILE"} <= given
