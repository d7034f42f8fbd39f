"""Entering, renewing, correcting, suspending and lifting."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.practitioners.credential_details import Cover, CredentialDetails, credential_details_of
from billing.practitioners.credentials import (
    add_credential,
    correct_credential,
    lift_suspension,
    renew_credential,
    suspend_credential,
)
from billing.practitioners.licensing import licence_problems
from billing.practitioners.models import CoverForm, Credential, CredentialKind, CredentialStatus, Practitioner
from tests.factories import make_clinic, make_credential, make_practitioner

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
ACTIVE, SUSPENDED, REVOKED = CredentialStatus.ACTIVE, CredentialStatus.SUSPENDED, CredentialStatus.REVOKED


def licence(**changes: Any) -> CredentialDetails:
    cells: dict[str, Any] = {
        "kind": CredentialKind.LICENCE, "issuer": "OR", "number": "AC-1", "valid_from": FIRST, "valid_to": LAST,
    }  # fmt: skip
    return CredentialDetails(**{**cells, **changes})


def on_file(db: Db, **changes: Any) -> tuple[Practitioner, Credential]:
    make_clinic(db)
    ben = make_practitioner(db)
    return ben, make_credential(db, ben, **{"number": "AC-1", "valid_from": FIRST, "valid_to": LAST, **changes})


def spans(db: Db) -> list[tuple[date, date, CredentialStatus]]:
    rows = db.scalars(select(Credential).order_by(Credential.valid_from))
    return [(row.valid_from, row.valid_to, row.status) for row in rows]


def fields(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.where.removeprefix("field:") for problem in refused.value.problems]


def test_a_licence_is_put_on_file(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db)
        made = add_credential(db, ben.id, licence(issuer=" or ", number="  AC  1 "))

    with database.reading() as db:
        kept = db.get_one(Credential, made.id)
        assert (kept.issuer, kept.number, kept.status) == ("OR", "AC 1", ACTIVE)
        assert licence_problems(ben, [kept], "OR", LAST) == []


def test_nobody_is_licensed_who_is_not_there(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(NotFound):
            add_credential(db, 7, licence())


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"valid_to": date(2023, 12, 31)}, ["valid_to"]),
        ({"issuer": "XX"}, ["issuer"]),
        ({"issuer": " ", "number": "-"}, ["issuer", "number"]),
        ({"number": "9" * 101}, ["number"]),
    ],
)
def test_what_no_licence_says_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], wrong: list[str]
) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db)

        with pytest.raises(Refused) as refused:
            add_credential(db, ben.id, licence(**changes))

        assert fields(refused) == wrong
        assert spans(db) == []


def test_a_clinic_elsewhere_names_no_state(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db, time_zone="Europe/London", currency="GBP")
        ben = make_practitioner(db)

        assert add_credential(db, ben.id, licence(issuer="British Acupuncture Council")).id


@pytest.mark.parametrize(
    ("first", "last"),
    [(LAST, date(2028, 1, 1)), (date(2023, 1, 1), FIRST), (date(2025, 1, 1), date(2025, 2, 1)), (FIRST, LAST)],
)
def test_the_same_number_twice_on_one_day_is_refused(sqlite_database: Database, first: date, last: date) -> None:
    with sqlite_database.transaction() as db:
        ben, _ = on_file(db)

        with pytest.raises(Refused, match="2024-01-01 to 2026-12-31 already") as refused:
            add_credential(db, ben.id, licence(number="ac-1", valid_from=first, valid_to=last))

        assert fields(refused) == ["valid_from"]
        assert spans(db) == [(FIRST, LAST, ACTIVE)]


def test_another_number_or_kind_may_overlap(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, _ = on_file(db)

        add_credential(db, ben.id, licence(number="LMT-7"))
        add_credential(db, ben.id, licence(kind=CredentialKind.CERTIFICATION, issuer="Board"))

        assert len(spans(db)) == 3


def test_a_renewal_follows_and_keeps_the_old_entry(database: Database) -> None:
    with database.transaction() as db:
        _, old = on_file(db)
        renew_credential(db, old.id, "AC-1", date(2027, 1, 1), date(2028, 12, 31))

    with database.reading() as db:
        assert spans(db) == [(FIRST, LAST, ACTIVE), (date(2027, 1, 1), date(2028, 12, 31), ACTIVE)]


@pytest.mark.parametrize(
    ("number", "first", "last", "wrong"),
    [
        ("AC-1", LAST, date(2028, 12, 31), ["valid_from"]),
        ("AC-2", date(2025, 1, 1), LAST, ["valid_to"]),
        ("AC-1", date(2027, 1, 1), date(2026, 1, 1), ["valid_to"]),
        ("", date(2027, 1, 1), date(2028, 12, 31), ["number"]),
    ],
)
def test_a_renewal_that_overlaps_or_ends_too_soon_is_refused(
    sqlite_database: Database, number: str, first: date, last: date, wrong: list[str]
) -> None:
    with sqlite_database.transaction() as db:
        _, old = on_file(db)

        with pytest.raises(Refused) as refused:
            renew_credential(db, old.id, number, first, last)

        assert fields(refused) == wrong
        assert spans(db) == [(FIRST, LAST, ACTIVE)]


def test_what_was_taken_away_is_not_renewed(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        _, old = on_file(db, status=REVOKED)

        with pytest.raises(Refused, match="not renewed"):
            renew_credential(db, old.id, "AC-1", date(2027, 1, 1), date(2028, 12, 31))


def test_what_was_typed_wrongly_is_corrected_even_whose_it_is(database: Database) -> None:
    with database.transaction() as db:
        _, kept = on_file(db)
        ida = make_practitioner(db)
        correct_credential(db, kept.id, ida.id, licence(issuer="WA", valid_to=date(2026, 6, 30)))

    with database.reading() as db:
        now = db.get_one(Credential, kept.id)
        assert now.practitioner_id == ida.id
        assert credential_details_of(now) == licence(issuer="WA", valid_to=date(2026, 6, 30))


def test_a_correction_may_not_run_into_the_renewal(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, old = on_file(db)
        renew_credential(db, old.id, "AC-1", date(2027, 1, 1), date(2028, 12, 31))

        with pytest.raises(Refused) as refused:
            correct_credential(db, old.id, ben.id, licence(valid_to=date(2027, 1, 1)))

        assert fields(refused) == ["valid_from"]


def test_a_suspension_parts_the_entry_at_its_days(database: Database) -> None:
    with database.transaction() as db:
        ben, kept = on_file(db)
        suspend_credential(db, kept.id, SUSPENDED, date(2026, 3, 1), date(2026, 3, 31))

    with database.reading() as db:
        assert spans(db) == [
            (FIRST, date(2026, 2, 28), ACTIVE),
            (date(2026, 3, 1), date(2026, 3, 31), SUSPENDED),
            (date(2026, 4, 1), LAST, ACTIVE),
        ]
        entries = list(db.scalars(select(Credential)))
        judged = [licence_problems(ben, entries, "OR", date(2026, month, 15)) for month in (2, 3, 4)]
        assert [[problem.rule for problem in found] for found in judged] == [[], ["licence.suspended"], []]


def test_a_suspension_without_an_end_lasts_as_long_as_the_entry(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        _, kept = on_file(db)

        suspend_credential(db, kept.id, REVOKED, FIRST)

        assert spans(db) == [(FIRST, LAST, REVOKED)]


@pytest.mark.parametrize(
    ("status", "first", "last", "wrong"),
    [
        (ACTIVE, date(2026, 3, 1), None, ["status"]),
        (SUSPENDED, date(2023, 3, 1), None, ["first_day"]),
        (SUSPENDED, date(2027, 1, 1), None, ["first_day"]),
        (SUSPENDED, date(2026, 3, 1), date(2026, 2, 1), ["last_day"]),
        (SUSPENDED, date(2026, 3, 1), date(2027, 2, 1), ["last_day"]),
        (REVOKED, date(2026, 3, 1), date(2026, 4, 1), ["last_day"]),
    ],
)
def test_days_that_no_suspension_has_are_refused(
    sqlite_database: Database, status: CredentialStatus, first: date, last: date | None, wrong: list[str]
) -> None:
    with sqlite_database.transaction() as db:
        _, kept = on_file(db)

        with pytest.raises(Refused) as refused:
            suspend_credential(db, kept.id, status, first, last)

        assert fields(refused) == wrong
        assert spans(db) == [(FIRST, LAST, ACTIVE)]


def test_what_is_suspended_is_not_suspended_again(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        _, kept = on_file(db, status=SUSPENDED)

        with pytest.raises(Refused, match="suspended already"):
            suspend_credential(db, kept.id, REVOKED, date(2026, 3, 1))


def test_a_suspension_is_lifted_from_a_day_on(database: Database) -> None:
    with database.transaction() as db:
        _, kept = on_file(db)
        barred = suspend_credential(db, kept.id, SUSPENDED, date(2026, 3, 1))
        lift_suspension(db, barred.id, date(2026, 5, 1))

    with database.reading() as db:
        assert spans(db) == [
            (FIRST, date(2026, 2, 28), ACTIVE),
            (date(2026, 3, 1), date(2026, 4, 30), SUSPENDED),
            (date(2026, 5, 1), LAST, ACTIVE),
        ]


def test_a_suspension_lifted_on_its_first_day_never_was(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        _, kept = on_file(db)
        barred = suspend_credential(db, kept.id, SUSPENDED, date(2026, 3, 1))

        lift_suspension(db, barred.id, date(2026, 3, 1))

        assert {status for _, _, status in spans(db)} == {ACTIVE}


@pytest.mark.parametrize(("status", "on"), [(ACTIVE, date(2026, 3, 1)), (SUSPENDED, date(2027, 3, 1))])
def test_only_a_suspension_is_lifted_and_only_within_its_days(
    sqlite_database: Database, status: CredentialStatus, on: date
) -> None:
    with sqlite_database.transaction() as db:
        _, kept = on_file(db, status=status)

        with pytest.raises(Refused) as refused:
            lift_suspension(db, kept.id, on)

        assert fields(refused) == ["on"]
        assert spans(db) == [(FIRST, LAST, status)]


def test_a_certificate_of_premises_belongs_to_a_place_and_to_nobody(database: Database) -> None:
    paper = licence(kind=CredentialKind.PREMISES, issuer="Conwy Council")
    with database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db)
        made = add_credential(db, None, paper)
        for holder, details in ((ben.id, paper), (None, licence())):
            with pytest.raises(Refused) as refused:
                add_credential(db, holder, details)
            assert fields(refused) == ["kind"]
        renewed = renew_credential(db, made.id, "AC-1", date(2027, 1, 1), date(2029, 12, 31))

        assert (renewed.practitioner_id, renewed.kind) == (None, CredentialKind.PREMISES)


def test_days_of_one_certificate_of_premises_do_not_overlap(sqlite_database: Database) -> None:
    paper = licence(kind=CredentialKind.PREMISES, issuer="Conwy Council")
    with sqlite_database.transaction() as db:
        make_clinic(db)
        add_credential(db, None, paper)

        with pytest.raises(Refused) as refused:
            add_credential(db, None, paper)

        assert fields(refused) == ["valid_from"]


def test_an_entry_without_its_last_day_is_kept_and_renewed_only_once_it_has_one(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        _, kept = on_file(db, valid_to=None)

        with pytest.raises(Refused) as refused:
            renew_credential(db, kept.id, "AC-1", date(2027, 1, 1), LAST)

        assert "valid_from" in fields(refused)
        correct_credential(db, kept.id, kept.practitioner_id, licence())
        assert renew_credential(db, kept.id, "AC-1", date(2027, 1, 1), None).valid_to is None


def test_nothing_follows_an_entry_whose_end_is_unknown_under_the_same_number(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, _ = on_file(db, valid_to=None)

        for changes in ({"valid_from": date(2027, 1, 1), "valid_to": date(2028, 1, 1)}, {"valid_to": None}):
            with pytest.raises(Refused) as refused:
                add_credential(db, ben.id, licence(**changes))
            assert fields(refused) == ["valid_from"]


def test_a_restriction_splits_the_days_like_a_suspension_and_stays_over_a_renewal(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        _, kept = on_file(db)

        barred = suspend_credential(db, kept.id, CredentialStatus.RESTRICTED, date(2026, 3, 1))
        renewed = renew_credential(db, barred.id, "AC-1", date(2027, 1, 1), date(2028, 12, 31))

        assert spans(db) == [
            (FIRST, date(2026, 2, 28), ACTIVE),
            (date(2026, 3, 1), LAST, CredentialStatus.RESTRICTED),
            (date(2027, 1, 1), date(2028, 12, 31), CredentialStatus.RESTRICTED),
        ]
        assert lift_suspension(db, renewed.id, date(2027, 1, 1)).status is ACTIVE


COVER = Cover(CoverForm.CLAIMS_MADE, date(2020, 1, 1), 1_000_000_00, 3_000_000_00)


def test_a_renewed_policy_keeps_its_terms_and_anything_else_has_none(sqlite_database: Database) -> None:
    policy = licence(kind=CredentialKind.MALPRACTICE, issuer="Example Mutual", cover=COVER)
    with sqlite_database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db)
        made = add_credential(db, ben.id, policy)
        renewed = renew_credential(db, made.id, "AC-2", date(2027, 1, 1), date(2027, 12, 31))
        other = add_credential(db, ben.id, licence(cover=COVER))

        assert credential_details_of(renewed).cover == COVER
        assert credential_details_of(other).cover == Cover()


@pytest.mark.parametrize(
    ("cover", "field"),
    [
        (Cover(CoverForm.CLAIMS_MADE), "retro_date"),
        (Cover(CoverForm.OCCURRENCE, date(2020, 1, 1)), "retro_date"),
        (Cover(None, date(2020, 1, 1)), "retro_date"),
        (Cover(CoverForm.CLAIMS_MADE, date(2027, 1, 1)), "retro_date"),
        (Cover(CoverForm.OCCURRENCE, None, 3_000_000_00, 1_000_000_00), "aggregate"),
    ],
)
def test_terms_that_contradict_each_other_are_refused(sqlite_database: Database, cover: Cover, field: str) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db)

        with pytest.raises(Refused) as refused:
            add_credential(db, ben.id, licence(kind=CredentialKind.MALPRACTICE, cover=cover))

        assert fields(refused) == [field]
