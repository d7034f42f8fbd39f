"""The clinic's own packs: versions are kept, and what is wrong changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from billing.coverage.models import RulePack
from billing.coverage.rules.keeping import (
    assign_pack,
    keep_pack,
    text_of_pack,
    the_shelf,
    versions_of_pack,
    withdraw_pack,
)
from billing.coverage.rules.shelf import shelf, shipped, shipped_texts
from billing.database import Database
from billing.errors import NotFound, Refused
from tests.coverage.rules.test_reading import GOOD
from tests.factories import NOW, make_payer

MEDICARE = "medicare-ncd-30-3-3"


def keep(database: Database, text: str, key: str = "") -> None:
    with database.transaction() as db:
        keep_pack(db, text, by="user:1", at=NOW, key=key)


def test_a_changed_pack_stands_in_place_of_the_one_before_and_both_are_kept(database: Database) -> None:
    keep(database, GOOD)
    keep(database, GOOD.replace("visits = 12", "visits = 15"), "our-plan")

    with database.reading() as db:
        assert [one.version for one in versions_of_pack(db, "our-plan")] == [2, 1]
        assert the_shelf(db).packs["our-plan"].latest.rules[0].visits == 15
        assert "visits = 12" in versions_of_pack(db, "our-plan")[1].text


def test_a_slip_leaves_the_old_one_in_force_and_names_the_line(database: Database) -> None:
    keep(database, GOOD)

    with pytest.raises(Refused) as caught:
        keep(database, GOOD.replace("visits = 12", "visit = 12"), "our-plan")

    assert "Line 14" in str(caught.value)
    with database.reading() as db:
        assert the_shelf(db).packs["our-plan"].latest.rules[0].visits == 12
        assert len(versions_of_pack(db, "our-plan")) == 1


def test_overlapping_dates_leave_the_old_one_in_force(sqlite_database: Database) -> None:
    keep(sqlite_database, GOOD)

    with pytest.raises(Refused, match="while another lasts"):
        keep(sqlite_database, f"{GOOD}\n{GOOD[GOOD.index('[[edition]]') :]}", "our-plan")

    with sqlite_database.reading() as db:
        assert len(the_shelf(db).packs["our-plan"].editions) == 1


def test_a_pack_keeps_its_key(sqlite_database: Database) -> None:
    keep(sqlite_database, GOOD)

    with pytest.raises(Refused, match="key would change"):
        keep(sqlite_database, GOOD.replace("our-plan", "their-plan"), "our-plan")


def test_two_own_packs_for_one_kind_of_payer_are_refused(sqlite_database: Database) -> None:
    keep(sqlite_database, GOOD)

    with pytest.raises(Refused, match="is for commercial payers already"):
        keep(sqlite_database, GOOD.replace("our-plan", "their-plan"))

    keep(sqlite_database, GOOD.replace("our-plan", "their-plan").replace('["commercial"]', "[]"))


def test_ones_own_version_of_what_comes_along_counts_until_it_is_withdrawn(database: Database) -> None:
    keep(database, shipped_texts()[MEDICARE].replace("visits = 20", "visits = 24"), MEDICARE)
    with database.reading() as db:
        changed = the_shelf(db)
    with database.transaction() as db:
        withdraw_pack(db, MEDICARE, by="user:1", at=NOW)
    with database.reading() as db:
        again, text = the_shelf(db), text_of_pack(db, MEDICARE)

    assert changed.own == {MEDICARE}
    assert [rule.visits for rule in changed.packs[MEDICARE].latest.rules if rule.visits] == [24]
    assert (again.own, again.packs[MEDICARE]) == (frozenset(), shipped()[MEDICARE])
    assert text == shipped_texts()[MEDICARE]


def test_what_is_not_the_clinics_own_cannot_be_withdrawn(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db, pytest.raises(NotFound):
        withdraw_pack(db, MEDICARE, by="user:1", at=NOW)


def test_a_text_that_cannot_be_read_any_more_is_not_in_force(sqlite_database: Database) -> None:
    found = shelf([RulePack(key=MEDICARE, version=1, text="old words", by="user:1", at=NOW)])

    assert found.packs[MEDICARE] is shipped()[MEDICARE]


def test_a_payer_is_judged_by_the_pack_that_is_named_for_it(database: Database) -> None:
    with database.transaction() as db:
        payer = make_payer(db)
        assign_pack(db, payer.id, "commercial-example-a")
        named = the_shelf(db).for_plan(payer, None, "OR")
        with pytest.raises(Refused):
            assign_pack(db, payer.id, "no-such-pack")
        assign_pack(db, payer.id, "")
        unnamed = the_shelf(db).for_plan(payer, None, "OR")

        assert (named and named.key, unnamed) == ("commercial-example-a", None)
        assert db.scalars(select(RulePack)).all() == []
