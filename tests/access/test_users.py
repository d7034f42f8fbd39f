from __future__ import annotations

from datetime import timedelta

import pytest

from billing.access.models import User
from billing.access.permissions import Role
from billing.access.queries import user_called, user_of, users
from billing.access.signing_in import begin_login, evidence, login_of, sign_in
from billing.access.users import add_user, change_role, disable_user, enable_user, reset_password
from billing.database import Database
from billing.errors import NotFound, Refused
from tests.access.cast import NOON, PASSWORD, Cast, cheaply


def token_for(database: Database, user: User) -> str:
    with database.transaction() as db:
        return begin_login(db, user.id, NOON)


def is_signed_in(database: Database, token: str) -> bool:
    with database.reading() as db:
        return login_of(db, token, NOON) is not None


def test_a_person_is_found_by_e_mail_however_it_is_typed(database: Database) -> None:
    with database.transaction() as db:
        added = add_user(db, "  Ada@Example.ORG ", " Ada Okafor ", Role.OWNER, cheaply())

    with database.reading() as db:
        found = user_called(db, "ADA@example.org")

    assert (found.id, found.email, found.name) == (added.id, "ada@example.org", "Ada Okafor")


def test_two_people_cannot_have_the_same_e_mail(database: Database, cast: Cast) -> None:
    with pytest.raises(Refused, match="has an account already; it can sign in"), database.transaction() as db:
        add_user(db, "BEN@example.org", "Ben Other", Role.BILLER, cheaply())

    with database.reading() as db:
        assert [user.name for user in users(db)] == ["Ada Okafor", "Ben Strand", "Cleo Marsh", "Fay Lindqvist"]


@pytest.mark.parametrize("email", ["", "ada", "ada@", "@example.org", "ada@example", "a da@example.org", "a@b@c.org"])
def test_what_is_not_an_e_mail_address_is_refused(database: Database, email: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address"), database.transaction() as db:
        add_user(db, email, "Ada", Role.OWNER, cheaply())


def test_every_problem_of_a_new_account_is_told_at_once(database: Database) -> None:
    with pytest.raises(Refused) as refusal, database.transaction() as db:
        add_user(db, "ada", "  ", Role.OWNER, cheaply())

    assert [problem.where for problem in refusal.value.problems] == ["field:email", "field:name"]


def test_disabling_a_person_ends_all_their_logins_and_nobody_elses(database: Database, cast: Cast) -> None:
    desk, phone, bens = (token_for(database, user) for user in (cast.fay, cast.fay, cast.ben))

    with database.transaction() as db:
        disable_user(db, cast.fay.id, NOON)

    assert [is_signed_in(database, token) for token in (desk, phone, bens)] == [False, False, True]


def test_a_disabled_person_cannot_sign_in_until_enabled_again(database: Database, cast: Cast) -> None:
    def tried() -> str | None:
        with database.transaction() as db:
            return sign_in(db, evidence(db, cast.fay.email, PASSWORD), NOON)

    with database.transaction() as db:
        disable_user(db, cast.fay.id, NOON)
    while_disabled = tried()
    with database.transaction() as db:
        enable_user(db, cast.fay.id)
    afterwards = tried()

    assert while_disabled is None
    assert afterwards is not None


def test_a_login_from_before_stays_ended_when_the_person_is_enabled_again(database: Database, cast: Cast) -> None:
    token = token_for(database, cast.fay)

    with database.transaction() as db:
        disable_user(db, cast.fay.id, NOON)
        enable_user(db, cast.fay.id)

    assert not is_signed_in(database, token)


def test_the_last_owner_can_be_neither_disabled_nor_given_another_role(database: Database, cast: Cast) -> None:
    token = token_for(database, cast.ada)

    with pytest.raises(Refused, match="the only owner"), database.transaction() as db:
        disable_user(db, cast.ada.id, NOON)
    with pytest.raises(Refused, match="the only owner"), database.transaction() as db:
        change_role(db, cast.ada.id, Role.BILLER, NOON)

    with database.reading() as db:
        ada = user_of(db, cast.ada.id)
    assert (ada.role, ada.disabled_at) == (Role.OWNER, None)
    assert is_signed_in(database, token)


def test_an_owner_who_is_disabled_does_not_count_as_another_owner(database: Database, cast: Cast) -> None:
    with database.transaction() as db:
        change_role(db, cast.cleo.id, Role.OWNER, NOON)
        disable_user(db, cast.cleo.id, NOON)

    with pytest.raises(Refused, match="the only owner"), database.transaction() as db:
        disable_user(db, cast.ada.id, NOON)


def test_an_owner_may_go_when_another_stays(database: Database, cast: Cast) -> None:
    with database.transaction() as db:
        change_role(db, cast.cleo.id, Role.OWNER, NOON)
        disable_user(db, cast.ada.id, NOON)

    with database.reading() as db:
        assert user_of(db, cast.ada.id).disabled_at == NOON


def test_a_new_role_ends_the_logins_that_had_the_old_one(database: Database, cast: Cast) -> None:
    token = token_for(database, cast.ben)

    with database.transaction() as db:
        change_role(db, cast.ben.id, Role.PRACTITIONER, NOON)
    kept = is_signed_in(database, token)
    with database.transaction() as db:
        change_role(db, cast.ben.id, Role.FRONT_DESK, NOON)

    assert kept
    assert not is_signed_in(database, token)


def test_a_reset_replaces_the_password_lifts_a_lock_and_ends_all_logins(database: Database, cast: Cast) -> None:
    token = token_for(database, cast.cleo)
    with database.transaction() as db:
        locked = user_of(db, cast.cleo.id)
        locked.failed_attempts, locked.locked_until = 9, NOON + timedelta(minutes=16)

    with database.transaction() as db:
        reset_password(db, cast.cleo.id, cheaply("a wholly new sentence"), NOON)

    with database.transaction() as db:
        with_the_old = sign_in(db, evidence(db, cast.cleo.email, PASSWORD), NOON)
        with_the_new = sign_in(db, evidence(db, cast.cleo.email, "a wholly new sentence"), NOON)
    assert with_the_old is None
    assert with_the_new is not None
    assert not is_signed_in(database, token)


def test_an_unknown_person_is_not_found(database: Database, cast: Cast) -> None:
    with database.transaction() as db:
        with pytest.raises(NotFound):
            user_called(db, "dov@example.org")
        with pytest.raises(NotFound):
            disable_user(db, 4711, NOON)
