"""Whether a licence allows a service: only what somebody has entered stops anything."""

from __future__ import annotations

from typing import Any

import pytest

from billing.clinic.places import Workplace
from billing.codes.procedures import procedure
from billing.database import Database
from billing.errors import NotFound, Refused
from billing.practitioners.credentials import renew_credential, suspend_credential
from billing.practitioners.licensing import Clinician, may_serve
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.practitioners.scope_data import FILE, read_scopes, scopes
from billing.practitioners.scope_entering import enter_scope
from tests.factories import DAY, a_credential, a_practitioner, make_clinic, make_credential, make_practitioner

BEN = a_practitioner(id=1)
OREGON, CARDIFF = Workplace("OR", "US"), Workplace("Cardiff, Wales", "GB")
NO_DRY_NEEDLING = {"dry_needling": False}
GOOD = """\
[[service]]
id = "one"
name = "One"
codes = ["97810"]

[[scope]]
id = "us-xx"
name = "Somewhere"
country = "US"
region = "XX"
allows = ["one"]
source = "Its law"
checked_on = 2026-11-21
is_verified = false
"""


def licence(**changes: Any) -> Credential:
    return a_credential(BEN, id=5, **changes)


def stopped(
    *credentials: Credential, codes: tuple[str, ...] = ("97810", "20561"), place: Workplace = OREGON
) -> list[str]:
    return [one.why for one in may_serve(Clinician(BEN, credentials), place, codes, DAY)]


def test_what_nobody_has_entered_stops_nothing() -> None:
    assert stopped(licence()) == []
    assert stopped(licence(scope={"needling": True})) == []


def test_a_service_entered_as_not_allowed_is_stopped_and_led_to_its_field() -> None:
    [problem] = may_serve(
        Clinician(BEN, [licence(scope=NO_DRY_NEEDLING, number="AC-7")]), OREGON, ("97810", "20561"), DAY
    )

    assert (problem.rule, problem.where) == ("licence.service_not_allowed", "licence_services:5")
    assert problem.why.startswith("Dry needling (20561) is not allowed by licence AC-7 (OR)")


def test_other_services_are_left_alone() -> None:
    assert stopped(licence(scope=NO_DRY_NEEDLING), codes=("97810", "97140", "99999")) == []


def test_each_service_is_told_once_with_all_its_codes() -> None:
    [why] = stopped(licence(scope=NO_DRY_NEEDLING), codes=("20560", "20561", "20561"))

    assert "(20560, 20561)" in why


def test_a_second_licence_of_the_state_that_allows_it_is_enough() -> None:
    massage = licence(scope={"dry_needling": True}, number="MT-1")

    assert stopped(licence(scope=NO_DRY_NEEDLING), massage) == []
    assert len(stopped(licence(scope=NO_DRY_NEEDLING), licence(number="MT-1"))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "WA"},
        {"kind": CredentialKind.CERTIFICATION},
        {"status": CredentialStatus.SUSPENDED},
        {"valid_to": DAY.replace(day=1)},
        {"valid_to": None},
    ],
)
def test_only_a_licence_of_the_state_in_force_that_day_says_anything(changes: dict[str, Any]) -> None:
    assert stopped(licence(scope=NO_DRY_NEEDLING, **changes)) == []


def test_where_no_state_licenses_acupuncturists_nothing_is_asked() -> None:
    assert stopped(licence(scope=NO_DRY_NEEDLING, issuer=CARDIFF.state), place=CARDIFF) == []


def test_a_renewal_and_a_suspension_keep_what_it_allows(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        old = make_credential(db, make_practitioner(db), valid_to=DAY)
        enter_scope(db, old.id, NO_DRY_NEEDLING)

        new = renew_credential(db, old.id, old.number, DAY.replace(day=DAY.day + 1), DAY.replace(year=2028))
        barred = suspend_credential(db, new.id, CredentialStatus.SUSPENDED, DAY.replace(month=5))

        assert (old.scope, new.scope, barred.scope) == (NO_DRY_NEEDLING,) * 3


def test_it_counts_from_the_term_on_at_which_it_is_entered(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        old = make_credential(db, make_practitioner(db), valid_to=DAY)
        new = renew_credential(db, old.id, old.number, DAY.replace(day=DAY.day + 1), DAY.replace(year=2028))

        enter_scope(db, new.id, NO_DRY_NEEDLING)
        assert (old.scope, new.scope) == ({}, NO_DRY_NEEDLING)
        enter_scope(db, old.id, {"herbs": True})
        assert (old.scope, new.scope) == ({"herbs": True}, {"herbs": True})


def test_only_a_licence_and_only_known_services_can_be_entered(database: Database) -> None:
    with database.transaction() as db:
        cpr = make_credential(db, make_practitioner(db), kind=CredentialKind.CPR, issuer="Red Cross")

        with pytest.raises(Refused) as refused:
            enter_scope(db, cpr.id, {"surgery": True})
        with pytest.raises(NotFound):
            enter_scope(db, 999, {})

        assert len(refused.value.problems) == 2
        assert cpr.scope == {}


def test_the_states_that_come_along_say_where_they_have_it_from_and_that_it_is_to_be_checked() -> None:
    states = scopes().states

    assert {one.region for one in states} == {"CA", "CO", "FL", "WA"}
    assert all(one.source and not one.is_verified for one in states)
    assert scopes().of_licence("wa", "US") is not None
    assert scopes().of_licence("OR", "US") is None


@pytest.mark.parametrize("code", ["97810", "97811", "97813", "97814", "20560", "20561"])
def test_the_codes_that_an_acupuncturist_bills_have_their_service(code: str) -> None:
    assert procedure(code, DAY) is not None
    assert scopes().of_code(code) is not None


def test_a_good_file_is_read() -> None:
    found = read_scopes(GOOD, "s.toml")

    assert [one.id for one in found.services] == ["one"]
    assert found.states[0].allowed == {"one": True}
    assert read_scopes(FILE.read_text(encoding="utf-8"), "s.toml") == scopes()


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ('name = "One"', 'nome = "One"', "s.toml:3", "no nome"),
        ('name = "One"\n', "", "s.toml:1", "no name"),
        ('["97810"]', '["9781"]', "s.toml:4", "9781 is no procedure code"),
        ('["97810"]', "[97810]", "s.toml:4", "97810 is no procedure code"),
        ('["97810"]', '"97810"', "s.toml:4", "right type"),
        ('allows = ["one"]', 'allows = ["two"]', "s.toml:11", "no service two"),
        ('allows = ["one"]', 'allows = ["one"]\nexcludes = ["one"]', "s.toml:12", "both allowed and excluded"),
        ('source = "Its law"\n', "", "s.toml:6", "no source"),
        ("2026-11-21", '"2026-11-21"', "s.toml:13", "right type"),
        ("is_verified = false", "is_verified = 0", "s.toml:14", "right type"),
        ("[[scope]]", '[[service]]\nid = "one"\nname = "Two"\ncodes = []\n\n[[scope]]', "s.toml:6", "line 1 already"),
        ("[[scope]]", '[[service]]\nid = "two"\nname = "Two"\ncodes = ["97810"]\n\n[[scope]]', "s.toml:9", "one"),
        ("[[service]]", "version = 1\n[[service]]", "s.toml:1", "no version"),
        ('name = "One"', 'name = "One', "s.toml:3", "not TOML"),
    ],
)  # fmt: skip
def test_a_file_with_anything_wrong_is_refused_with_its_line(old: str, new: str, where: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read_scopes(GOOD.replace(old, new, 1), "s.toml")

    assert [one.where for one in refused.value.problems if said in one.why] == [where]
