from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from billing.access.models import Login
from billing.access.passwords import STANDARD
from billing.access.permissions import Role
from billing.access.queries import user_of
from billing.access.signing_in import (
    IDLE,
    begin_login,
    evidence,
    is_seen_again,
    login_of,
    note_seen,
    pause_after,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from billing.access.users import reset_password
from billing.database import Database
from tests.access.cast import NOON, PASSWORD, Cast, cheaply

MINUTE = timedelta(minutes=1)


def tried(database: Database, email: str, password: str, at: datetime = NOON) -> str | None:
    with database.reading() as db:
        shown = evidence(db, email, password)
    with database.transaction() as db:
        return sign_in(db, shown, at)


def who_holds(database: Database, token: str, at: datetime = NOON) -> str | None:
    with database.reading() as db:
        who = login_of(db, token, at)
        return who.email if who else None


def fail(database: Database, email: str, times: int, at: datetime = NOON) -> None:
    for _ in range(times):
        assert tried(database, email, "not the password", at) is None


def test_the_right_password_gives_a_token_that_says_who_holds_it(database: Database, cast: Cast) -> None:
    token = tried(database, " BEN@example.org", PASSWORD)

    assert token is not None
    with database.reading() as db:
        who = login_of(db, token, NOON)
    assert who is not None
    assert (who.user_id, who.name, who.role, who.started_at) == (cast.ben.id, "Ben Strand", Role.PRACTITIONER, NOON)


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(database: Database, cast: Cast) -> None:
    assert tried(database, "ben@example.org", "not the password") is None
    assert tried(database, "dov@example.org", PASSWORD) is None
    assert tried(database, "dov@example.org", "nobody's") is None

    with database.reading() as db:
        assert db.scalars(sa.select(Login)).all() == []


def test_every_token_is_new_and_none_fits_by_guess(database: Database, cast: Cast) -> None:
    one, other = tried(database, "ben@example.org", PASSWORD), tried(database, "ben@example.org", PASSWORD)

    assert one != other
    assert who_holds(database, "") is None
    assert who_holds(database, "x" * 43) is None


def test_a_stolen_database_gives_away_neither_tokens_nor_passwords(database: Database, cast: Cast) -> None:
    token = tried(database, "ada@example.org", PASSWORD)

    with database.reading() as db:
        logins = [str(row) for row in db.execute(sa.select(*Login.__table__.columns))]
        kept = [row.token_sha256 for row in db.execute(sa.select(Login.token_sha256))]
        accounts = [str(row) for row in db.execute(sa.text("SELECT * FROM user_account"))]
    assert token is not None
    assert all(token not in row for row in logins)
    assert all(PASSWORD not in row for row in accounts)
    assert [who_holds(database, stolen) for stolen in kept] == [None]


@pytest.mark.parametrize(
    ("wrong", "minutes"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 60), (500, 60)]
)
def test_the_pause_begins_at_the_fifth_wrong_password_and_doubles_up_to_an_hour(wrong: int, minutes: int) -> None:
    assert pause_after(wrong) == minutes * MINUTE


def test_four_wrong_passwords_do_not_lock_and_the_right_one_forgets_them(database: Database, cast: Cast) -> None:
    fail(database, cast.fay.email, 4)

    token = tried(database, cast.fay.email, PASSWORD)

    assert token is not None
    with database.reading() as db:
        assert user_of(db, cast.fay.id).failed_attempts == 0


def test_after_five_wrong_passwords_even_the_right_one_waits_a_minute(database: Database, cast: Cast) -> None:
    fail(database, cast.fay.email, 5)

    too_soon = tried(database, cast.fay.email, PASSWORD, NOON + MINUTE - timedelta(seconds=1))
    in_time = tried(database, cast.fay.email, PASSWORD, NOON + MINUTE)

    assert too_soon is None
    assert in_time is not None


def test_the_next_wrong_password_after_a_pause_doubles_it(database: Database, cast: Cast) -> None:
    fail(database, cast.fay.email, 5)
    later = NOON + MINUTE

    fail(database, cast.fay.email, 1, later)

    assert tried(database, cast.fay.email, PASSWORD, later + MINUTE) is None
    assert tried(database, cast.fay.email, PASSWORD, later + 2 * MINUTE) is not None


def test_wrong_passwords_while_locked_do_not_lengthen_the_pause(database: Database, cast: Cast) -> None:
    fail(database, cast.fay.email, 5)

    fail(database, cast.fay.email, 6, NOON + timedelta(seconds=30))

    assert tried(database, cast.fay.email, PASSWORD, NOON + MINUTE) is not None


def test_one_persons_lock_does_not_lock_another(database: Database, cast: Cast) -> None:
    fail(database, cast.fay.email, 5)

    assert tried(database, cast.ben.email, PASSWORD) is not None


def test_a_password_reset_between_the_check_and_the_login_is_not_overtaken(database: Database, cast: Cast) -> None:
    with database.reading() as db:
        shown = evidence(db, cast.ben.email, PASSWORD)
    with database.transaction() as db:
        reset_password(db, cast.ben.id, cheaply("a wholly new sentence"), NOON)

    with database.transaction() as db:
        token = sign_in(db, shown, NOON)

    assert token is None


def test_signing_in_renews_a_hash_of_an_older_cost(database: Database, cast: Cast) -> None:
    assert tried(database, cast.ben.email, PASSWORD) is not None

    with database.reading() as db:
        assert not STANDARD.check_needs_rehash(user_of(db, cast.ben.id).password_hash)
    assert tried(database, cast.ben.email, PASSWORD) is not None


def test_a_login_that_idles_fifteen_minutes_is_over(database: Database, cast: Cast) -> None:
    token = tried(database, cast.ben.email, PASSWORD)

    assert token is not None
    assert timedelta(minutes=15) == IDLE
    assert who_holds(database, token, NOON + IDLE - timedelta(seconds=1)) == "ben@example.org"
    assert who_holds(database, token, NOON + IDLE) is None


def test_a_login_in_use_does_not_idle_and_is_not_noted_at_every_request(database: Database, cast: Cast) -> None:
    token = tried(database, cast.ben.email, PASSWORD)
    assert token is not None
    soon, later = NOON + timedelta(seconds=29), NOON + 10 * MINUTE

    with database.transaction() as db:
        who = login_of(db, token, later)
        assert who is not None
        at_once, after_a_while = is_seen_again(who, soon), is_seen_again(who, later)
        note_seen(db, who, later)

    assert (at_once, after_a_while) == (False, True)
    assert who_holds(database, token, NOON + 20 * MINUTE) == "ben@example.org"
    assert who_holds(database, token, NOON + 25 * MINUTE) is None


def test_noting_an_older_instant_does_not_turn_the_clock_back(database: Database, cast: Cast) -> None:
    with database.transaction() as db:
        token = begin_login(db, cast.ben.id, NOON)
        who = login_of(db, token, NOON)
        assert who is not None
        note_seen(db, who, NOON - 10 * MINUTE)

    assert who_holds(database, token, NOON + 10 * MINUTE) == "ben@example.org"


def test_signing_out_ends_this_login_and_leaves_the_other(database: Database, cast: Cast) -> None:
    with database.transaction() as db:
        here, there = begin_login(db, cast.ben.id, NOON), begin_login(db, cast.ben.id, NOON)
        who = login_of(db, here, NOON)
        assert who is not None
        sign_out(db, who, NOON)

    assert who_holds(database, here) is None
    assert who_holds(database, there) == "ben@example.org"


def test_signing_out_everywhere_ends_all_of_ones_logins_and_nobody_elses(database: Database, cast: Cast) -> None:
    with database.transaction() as db:
        bens = [begin_login(db, cast.ben.id, NOON) for _ in range(3)]
        adas = begin_login(db, cast.ada.id, NOON)

    with database.transaction() as db:
        sign_out_everywhere(db, cast.ben.id, NOON)

    assert [who_holds(database, token) for token in bens] == [None, None, None]
    assert who_holds(database, adas) == "ada@example.org"


def test_signing_out_everywhere_else_keeps_the_login_in_use(database: Database, cast: Cast) -> None:
    with database.transaction() as db:
        here, there = begin_login(db, cast.ben.id, NOON), begin_login(db, cast.ben.id, NOON)
        who = login_of(db, here, NOON)

    with database.transaction() as db:
        sign_out_everywhere(db, cast.ben.id, NOON, but=who)

    assert (who_holds(database, here), who_holds(database, there)) == ("ben@example.org", None)
