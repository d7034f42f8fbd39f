"""Entering, correcting and ending policies."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from billing import clock
from billing.coverage.member_numbers import holders_of, members_like
from billing.coverage.models import Policy, Relationship
from billing.coverage.policy_editing import PolicyDetails, add_policy, edit_policy, end_policy, policy_details_of
from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.patients.models import Sex
from tests.factories import NOW, make_clinic, make_patient, make_payer, make_policy


def card(payer_id: int, **changes: Any) -> PolicyDetails:
    """An insurance card of the patient's own."""
    cells: dict[str, Any] = {
        "rank": 1, "member_id": "MEM 00-7", "relationship": Relationship.SELF, "effective_from": date(2026, 1, 1),
    }  # fmt: skip
    return PolicyDetails(**{**cells, "payer_id": payer_id, **changes})


def fields(refused: Refused) -> list[str]:
    return [problem.where.removeprefix("field:") for problem in refused.problems]


def test_a_card_is_put_on_file(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        make_clinic(db)
        patient, payer = make_patient(db), make_payer(db)
        made = add_policy(
            db,
            patient.id,
            card(
                payer.id,
                relationship=Relationship.SPOUSE,
                subscriber_first_name=" Yasmin ",
                subscriber_last_name="Okoro",
                subscriber_birth_date=date(1980, 2, 1),
                subscriber_sex=Sex.F,
                subscriber_state="or",
            ),
        )

    with database.reading() as db:
        kept = db.get_one(Policy, made.id)
        assert (kept.patient_id, kept.payer_id, kept.member_id) == (patient.id, payer.id, "MEM 00-7")
        assert (kept.subscriber_first_name, kept.subscriber_state, kept.group_number) == ("Yasmin", "OR", None)


def test_who_is_insured_themselves_has_no_subscriber_left_on_file(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)
        patient, payer = make_patient(db), make_payer(db)

        made = add_policy(db, patient.id, card(payer.id, subscriber_first_name="Yasmin", subscriber_sex=Sex.F))

        assert (made.subscriber_first_name, made.subscriber_sex) == (None, None)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"member_id": " - "}, ["member_id"]),
        ({"rank": 4}, ["rank"]),
        ({"effective_to": date(2025, 12, 31)}, ["effective_to"]),
        ({"relationship": Relationship.CHILD}, ["subscriber_first_name", "subscriber_last_name"]),
        ({"relationship": Relationship.CHILD, "subscriber_first_name": "A", "subscriber_last_name": "B",
          "subscriber_birth_date": date(2030, 1, 1), "subscriber_zip": "12"},
         ["subscriber_birth_date", "subscriber_zip"]),
        ({"group_number": "9" * 201}, ["group_number"]),
    ],
)  # fmt: skip
def test_what_no_card_says_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], wrong: list[str]
) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)
        patient, payer = make_patient(db), make_payer(db)

        with pytest.raises(Refused) as caught:
            add_policy(db, patient.id, card(payer.id, **changes))

        assert fields(caught.value) == wrong
        assert db.scalars(select(Policy)).all() == []


def with_policy(db: Db, **changes: Any) -> tuple[int, int, int]:
    """A patient with one policy that pays first since 2025; another insurer; and that policy."""
    make_clinic(db)
    patient, first, other = make_patient(db), make_payer(db, name="Aspen Health"), make_payer(db)
    policy = make_policy(db, patient, first, **{"effective_from": date(2025, 1, 1), **changes})
    return patient.id, other.id, policy.id


def test_two_policies_cannot_pay_in_the_same_place_on_one_day(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        patient_id, other_id, _ = with_policy(db)

        with pytest.raises(Refused) as caught:
            add_policy(db, patient_id, card(other_id))

    assert fields(caught.value) == ["rank"]
    assert "Aspen Health pays first already, from 1 Jan 2025 on" in str(caught.value)


def test_two_policies_with_one_insurer_would_hide_each_other(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        patient_id, _, policy_id = with_policy(db)
        same = db.get_one(Policy, policy_id).payer_id

        with pytest.raises(Refused) as caught:
            add_policy(db, patient_id, card(same, rank=2))

    assert fields(caught.value) == ["payer"]


def test_the_next_place_and_the_time_after_are_free(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        patient_id, other_id, _ = with_policy(db, effective_to=date(2026, 1, 31))

        add_policy(db, patient_id, card(other_id, rank=2, effective_to=date(2026, 1, 31)))
        add_policy(db, patient_id, card(other_id, effective_from=date(2026, 2, 1)))

        assert len(db.scalars(select(Policy)).all()) == 3


def test_an_insurer_that_is_unknown_is_refused_and_a_patient_is_not_found(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        patient_id, _, _ = with_policy(db)

        with pytest.raises(Refused):
            add_policy(db, patient_id, card(999, rank=2))
        with pytest.raises(NotFound):
            add_policy(db, 999, card(1))


def test_a_policy_is_corrected_but_its_insurer_stays(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        _, other_id, policy_id = with_policy(db)
        details = policy_details_of(db.get_one(Policy, policy_id))

        edit_policy(db, policy_id, card(details.payer_id, effective_from=date(2025, 1, 1), group_number="G8"))
        with pytest.raises(Refused) as caught:
            edit_policy(db, policy_id, card(other_id, effective_from=date(2025, 1, 1)))

    assert fields(caught.value) == ["payer"]
    with database.reading() as db:
        kept = db.get_one(Policy, policy_id)
        assert (kept.payer_id, kept.group_number, kept.member_id) == (details.payer_id, "G8", "MEM 00-7")


def test_a_policy_ends_and_stays_on_file(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        _, _, policy_id = with_policy(db)

        assert end_policy(db, policy_id, date(2026, 3, 31)).effective_to == date(2026, 3, 31)
        with pytest.raises(Refused):
            end_policy(db, policy_id, date(2024, 12, 31))


def test_a_clinic_in_london_asks_for_no_state(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db, time_zone="Europe/London", currency="GBP")
        patient, payer = make_patient(db), make_payer(db)
        other = {"subscriber_first_name": "A", "subscriber_last_name": "B", "subscriber_zip": "N1 9GU"}

        made = add_policy(db, patient.id, card(payer.id, relationship=Relationship.OTHER, **other))

        assert made.subscriber_zip == "N1 9GU"


def test_a_member_number_is_known_however_it_is_spaced(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        make_clinic(db)
        patient, payer = make_patient(db), make_payer(db)
        make_policy(db, patient, payer, member_id="smh 22-6310 771")

        assert holders_of(db, "SMH226310771") == {patient.id}
        assert holders_of(db, "SMH226310771", but=patient.id) == set()
        assert holders_of(db, " - ") == set()
        assert [one.patient_id for one in members_like(db, "6310 77", 5)] == [patient.id]


@pytest.mark.parametrize("typed", ["771", "smh", "SMH_226310771", "%%%%7"])
def test_too_little_of_a_member_number_or_a_wildcard_finds_nobody(sqlite_database: Database, typed: str) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)
        make_policy(db, make_patient(db), make_payer(db), member_id="SMH226310771")

        assert members_like(db, typed, 5) == []
