"""Commands about the people who may sign in."""

from __future__ import annotations

from collections.abc import Callable

import click

from billing import clock
from billing.access.models import User
from billing.access.passwords import PasswordHash, hashed
from billing.access.permissions import Role
from billing.access.queries import user_called
from billing.access.users import add_user, disable_user, enable_user, reset_password
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.cli.console import DONE, Console, command
from billing.database import Db

_password = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when left out."
)


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@_password
@command
def add(console: Console, email: str, name: str, role: str, password: str) -> int:
    """Give a person an account."""
    password_hash = hashed(password)
    return _do(console, "account added", lambda db: add_user(db, email, name, Role(role), password_hash))


@user.command()
@click.argument("email")
@command
def disable(console: Console, email: str) -> int:
    """Shut a person's account and end all its logins."""

    def act(db: Db) -> User:
        person = user_called(db, email)
        disable_user(db, person.id, clock.now())
        return person

    return _do(console, "account disabled", act)


@user.command()
@click.argument("email")
@command
def enable(console: Console, email: str) -> int:
    """Open a disabled account again."""

    def act(db: Db) -> User:
        person = user_called(db, email)
        enable_user(db, person.id)
        return person

    return _do(console, "account enabled", act)


@user.command()
@click.argument("email")
@_password
@command
def reset(console: Console, email: str, password: str) -> int:
    """Give a person a new password, lift a lock-out and end all logins."""
    password_hash: PasswordHash = hashed(password)

    def act(db: Db) -> User:
        person = user_called(db, email)
        reset_password(db, person.id, password_hash, clock.now())
        return person

    return _do(console, "password reset", act)


def _do(console: Console, action: str, act: Callable[[Db], User]) -> int:
    with console.program.database.transaction() as db:
        person = act(db)
        record(db, Actor(ActorKind.COMMAND, "user"), action, Subject("user", str(person.id)), clock.now())
        email = person.email
    console.report({"user": email, "done": action}, f"{email}: {action}.")
    return DONE
