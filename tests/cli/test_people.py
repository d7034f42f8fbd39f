"""People who may sign in are added, shut out, let in again and given new passwords from the command line."""

from __future__ import annotations

import json

import sqlalchemy as sa

from billing.access.models import User
from billing.access.permissions import Role
from billing.audit.models import AuditEntry
from tests.cli.conftest import Shell

PASSWORD = "seven quiet needles"
ADD = ("user", "add", "Ada@Example.org", "--name", "Ada Okafor", "--role", "owner", "--password", PASSWORD)


def people(shell: Shell) -> dict[str, User]:
    with shell.database.reading() as db:
        return {user.email: user for user in db.scalars(sa.select(User))}


def test_somebody_can_be_added(shell: Shell) -> None:
    result = shell.run(*ADD)

    (ada,) = people(shell).values()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "ada@example.org: account added.\n", "")
    assert (ada.email, ada.name, ada.role) == ("ada@example.org", "Ada Okafor", Role.OWNER)
    assert ada.password_hash.startswith("$argon2")


def test_adding_is_told_as_json(shell: Shell) -> None:
    assert shell.ask(*ADD) == {"user": "ada@example.org", "done": "account added"}


def test_a_taken_address_is_refused_and_changes_nothing(shell: Shell) -> None:
    shell.run(*ADD)
    before = people(shell)["ada@example.org"].password_hash

    result = shell.run(
        "user", "add", "ADA@example.org", "--name", "B", "--role", "biller", "--password", PASSWORD[::-1]
    )

    assert result.exit_code == 1
    assert [user.password_hash for user in people(shell).values()] == [before]


def test_a_poor_password_is_refused(shell: Shell) -> None:
    result = shell.run(*ADD[:-1], "short")

    assert result.exit_code == 1
    assert people(shell) == {}


def test_a_password_left_out_is_asked_for_twice_and_not_echoed(shell: Shell) -> None:
    result = shell.run(*ADD[:-2], typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert len(people(shell)) == 1


def test_somebody_can_be_shut_out_and_let_in_again(shell: Shell) -> None:
    shell.run(*ADD)
    shell.run("user", "add", "cleo@example.org", "--name", "Cleo", "--role", "biller", "--password", PASSWORD)

    disabled = shell.run("user", "disable", "cleo@example.org")
    shut = people(shell)["cleo@example.org"].disabled_at
    enabled = shell.run("user", "enable", "CLEO@example.org")

    assert (disabled.exit_code, enabled.exit_code) == (0, 0)
    assert shut is not None
    assert people(shell)["cleo@example.org"].disabled_at is None


def test_the_last_owner_cannot_be_shut_out(shell: Shell) -> None:
    shell.run(*ADD)

    result = shell.run("user", "disable", "ada@example.org", "--json")

    assert result.exit_code == 1
    assert list(json.loads(result.stdout)) == ["error"]
    assert people(shell)["ada@example.org"].disabled_at is None


def test_a_reset_gives_a_new_password(shell: Shell) -> None:
    shell.run(*ADD)
    before = people(shell)["ada@example.org"].password_hash

    result = shell.run("user", "reset", "ada@example.org", "--password", "nine quieter needles")

    assert result.exit_code == 0
    assert people(shell)["ada@example.org"].password_hash != before


def test_nobody_is_not_found(shell: Shell) -> None:
    for words in (("disable",), ("enable",), ("reset", "--password", PASSWORD)):
        result = shell.run("user", *words, "nobody@example.org")

        assert (result.exit_code, result.stdout) == (1, "")
        assert "nobody@example.org" in result.stderr


def test_every_change_is_audited_without_the_password(shell: Shell) -> None:
    shell.run(*ADD)
    shell.run("user", "reset", "ada@example.org", "--password", "nine quieter needles")

    with shell.database.reading() as db:
        rows = db.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()

    assert [(row.actor_id, row.action) for row in rows] == [("user", "account added"), ("user", "password reset")]
    assert "needles" not in "".join(str(row.detail) for row in rows)
