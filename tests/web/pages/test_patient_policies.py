"""Policies, verified benefits and authorisations in the browser."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from sqlalchemy import select

from billing.coverage.models import Authorisation, Benefit, BenefitSource, Policy, Relationship
from billing.database import Database
from billing.patients.models import Sex
from tests.factories import make_authorisation, make_patient, make_payer, make_policy, set_scene
from tests.web.desk import Browser, Desk, audit_rows

CALL = {
    "covered": "yes", "source": "phone", "verified_on": "2026-03-02", "period": "calendar_year",
    "copay": "$30.00", "coinsurance": "12.5", "deductible_remaining": "0", "out_of_pocket_remaining": "1,500.00",
    "visits_allowed": "20", "visits_used_elsewhere": "3", "authorisation_required": "yes",
    "representative": "Dana", "reference": "REF-9", "remarks": "Low back pain only.\r\nAsk again in July.",
}  # fmt: skip


def value_of(page: str, name: str) -> str:
    """What a field holds."""
    found = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert found is not None, name
    value = re.search(r'\bvalue="([^"]*)"', found[0])
    return html.unescape(value[1]) if value else ""


def seen_in(browser: Browser, path: str) -> str:
    return value_of(browser.get(path).text, "seen")


def errors_in(page: str) -> set[str]:
    return set(re.findall(r'<p class="error" id="([\w-]+)-error">', page))


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def policies(database: Database) -> list[Policy]:
    with database.reading() as db:
        return list(db.scalars(select(Policy).order_by(Policy.id)))


def benefits(database: Database) -> list[Benefit]:
    with database.reading() as db:
        return list(db.scalars(select(Benefit).order_by(Benefit.id)))


def test_a_second_card_is_put_on_file_with_its_subscriber(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        other = make_payer(db)
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(
        f"/patients/{scene.patient.id}/policies", payer=str(other.id), member_id="SMH 1", rank="2",
        relationship="spouse", effective_from="2026-01-01", subscriber_first_name="Yasmin",
        subscriber_last_name="Okoro", subscriber_birth_date="1980-02-01", subscriber_sex="F", subscriber_state="or",
    )  # fmt: skip

    [_, made] = policies(desk.database)
    assert (answer.status_code, answer.location) == (303, f"/patients/{scene.patient.id}")
    assert (made.relationship, made.subscriber_last_name, made.subscriber_sex) == (Relationship.SPOUSE, "Okoro", Sex.F)
    assert "through the spouse, Yasmin Okoro" in text_of(fay.get(answer.location).text)
    assert [row.action for row in audit_rows(desk.database) if row.action == "policy added"] == ["policy added"]


def test_a_place_that_is_taken_is_told_and_what_was_typed_is_kept(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        other = make_payer(db)
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(
        f"/patients/{scene.patient.id}/policies", payer=str(other.id), member_id="SMH 1", rank="1",
        relationship="self", effective_from="2026-01-01", group_number="G7",
    )  # fmt: skip

    assert answer.status_code == 422
    assert errors_in(answer.text) == {"rank"}
    assert f"{scene.payer.name} pays first already" in text_of(answer.text)
    assert value_of(answer.text, "group_number") == "G7"
    assert len(policies(desk.database)) == 1


@pytest.mark.parametrize("payer", ["999", "abc", "", "-1", "9" * 30])
def test_an_insurer_that_is_not_on_the_list_is_refused(desk: Desk, payer: str) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)

    answer = desk.browser(desk.cast.fay).post(
        f"/patients/{scene.patient.id}/policies", payer=payer, member_id="SMH 1", rank="2", relationship="self",
        effective_from="2026-01-01",
    )  # fmt: skip

    assert (answer.status_code, errors_in(answer.text)) == (422, {"payer"})
    assert len(policies(desk.database)) == 1


def test_a_policy_is_corrected_and_its_insurer_cannot_be_smuggled_in(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        other = make_payer(db)
    path = f"/policies/{scene.policy.id}"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(
        path, payer=str(other.id), member_id="NEW-1", rank="1", relationship="self", effective_from="2023-01-01",
        seen=seen_in(fay, path),
    )  # fmt: skip

    [kept] = policies(desk.database)
    assert answer.status_code == 303
    assert (kept.payer_id, kept.member_id) == (scene.payer.id, "NEW-1")


def test_a_policy_that_was_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/policies/{scene.policy.id}"
    card = {"rank": "1", "relationship": "self", "effective_from": "2023-01-01"}
    fay, ben = desk.browser(desk.cast.fay), desk.browser(desk.cast.ben)
    old = seen_in(fay, path)
    ben.post(path, **card, member_id="BENS-1", seen=seen_in(ben, path))

    answer = fay.post(path, **card, member_id="FAYS-1", seen=old)

    assert answer.status_code == 422
    assert "Somebody changed this" in answer.text
    assert value_of(answer.text, "member_id") == "FAYS-1"
    assert [one.member_id for one in policies(desk.database)] == ["BENS-1"]


def test_a_policy_ends_and_is_still_told_of(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/policies/{scene.policy.id}/end"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(path, effective_to="2026-02-28", seen=seen_in(fay, path))

    [kept] = policies(desk.database)
    page = text_of(fay.get(answer.location).text)
    assert kept.effective_to == date(2026, 2, 28)
    assert "Not in force" in page
    assert "No insurance in force" in page


def test_a_policy_cannot_end_before_it_began(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/policies/{scene.policy.id}/end"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(path, effective_to="2022-12-31", seen=seen_in(fay, path))

    assert (answer.status_code, errors_in(answer.text)) == (422, {"effective_to"})
    assert value_of(answer.text, "effective_to") == "2022-12-31"
    assert policies(desk.database)[0].effective_to is None


def test_the_same_member_number_on_somebody_else_is_pointed_out(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        twin = make_patient(db, first_name="Zoe")
        make_policy(db, twin, scene.payer, member_id="SAME-1")
    path = f"/policies/{scene.policy.id}"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(
        path, member_id="same 1", rank="1", relationship="self", effective_from="2023-01-01", seen=seen_in(fay, path)
    )

    page = text_of(fay.get(answer.location).text)
    assert "Somebody else on file has the same member number" in page
    assert "Zoe" not in page


def test_what_was_heard_on_the_phone_is_kept_and_shown_with_who_said_it(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(path, **CALL, seen=seen_in(fay, path))

    [kept] = benefits(desk.database)
    assert answer.status_code == 303
    assert (kept.copay_cents, kept.coinsurance_basis_points, kept.out_of_pocket_remaining_cents) == (3000, 1250, 150000)
    assert (kept.source, kept.remarks) == (BenefitSource.PHONE, "Low back pain only.\nAsk again in July.")
    page = text_of(fay.get(answer.location).text)
    assert "Verified today by phone with Dana, reference REF-9." in page
    assert all(words in page for words in ("12.5%", "$30.00", "$1,500.00", "17 visits left", "Authorisation missing"))


def test_what_was_not_said_stays_unknown(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"
    fay = desk.browser(desk.cast.fay)
    silent = {"covered": "no", "source": "portal", "verified_on": "2026-03-01", "period": "plan_year"}

    fay.post(path, **silent, seen=seen_in(fay, path))

    [kept] = benefits(desk.database)
    page = text_of(fay.get(f"/patients/{scene.patient.id}").text)
    assert (kept.covered, kept.copay_cents, kept.visits_allowed) == (False, None, None)
    assert "Copay not known" in page
    assert "not covered" in page


def test_a_slip_in_the_call_form_keeps_everything_that_was_typed(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"
    fay = desk.browser(desk.cast.fay)
    wrong = {"copay": "thirty", "coinsurance": "120", "verified_on": "2026-03-03", "covered": "perhaps"}

    answer = fay.post(path, **{**CALL, **wrong}, seen=seen_in(fay, path))

    assert errors_in(answer.text) == {"copay", "coinsurance", "verified_on", "covered"}
    assert [value_of(answer.text, name) for name in ("copay", "coinsurance", "reference")] == ["thirty", "120", "REF-9"]
    assert "Ask again in July." in answer.text
    assert benefits(desk.database)[0].reference == "CALL-1"


def test_visits_elsewhere_that_nobody_could_tell_count_as_none(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(path, **{**CALL, "visits_used_elsewhere": ""}, seen=seen_in(fay, path))

    [kept] = benefits(desk.database)
    assert (answer.status_code, kept.visits_allowed, kept.visits_used_elsewhere) == (303, 20, 0)
    assert "Empty counts as none" in fay.get(path).text


def test_what_changes_is_asked_anew_and_what_was_noted_today_can_be_corrected(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"
    fay = desk.browser(desk.cast.fay)

    before = fay.get(path).text
    fay.post(path, **CALL, seen=value_of(before, "seen"))
    after = fay.get(path).text

    assert (value_of(before, "copay"), value_of(before, "deductible_remaining")) == ("25.00", "")
    assert "Last time: yes." in before
    assert "checked" not in before
    assert [value_of(after, name) for name in ("copay", "deductible_remaining", "reference")] == [
        "30.00",
        "0.00",
        "REF-9",
    ]
    assert "checked" in after


def test_of_a_call_somebody_or_some_number_is_noted(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    path = f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(path, **{**CALL, "representative": "", "reference": " "}, seen=seen_in(fay, path))

    assert errors_in(answer.text) == {"reference"}


def test_two_calls_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        other = make_payer(db)
        make_policy(db, scene.patient, other, rank=2)
    path = f"/patients/{scene.patient.id}/benefits/{other.id}"
    fay, ben = desk.browser(desk.cast.fay), desk.browser(desk.cast.ben)
    old = seen_in(fay, path)
    ben.post(path, **{**CALL, "reference": "BENS"}, seen=seen_in(ben, path))

    answer = fay.post(path, **{**CALL, "reference": "FAYS"}, seen=old)

    assert answer.status_code == 422
    assert "Somebody changed this" in answer.text
    assert [one.reference for one in benefits(desk.database)] == ["CALL-1", "BENS"]


def test_a_benefit_is_reached_by_its_own_number_for_links(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    fay = desk.browser(desk.cast.fay)

    page = fay.get(f"/benefits/{scene.benefit.id}")

    assert f'action="/patients/{scene.patient.id}/benefits/{scene.payer.id}"' in page.text
    row = audit_rows(desk.database)[-1]
    assert (row.action, row.subject_kind, row.subject_id) == ("patient viewed", "patient", str(scene.patient.id))


def test_an_insurer_of_somebody_else_says_nothing_about_this_patient(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        stranger = make_payer(db)
    fay = desk.browser(desk.cast.fay)
    path = f"/patients/{scene.patient.id}/benefits/{stranger.id}"
    permit = {"number": "VA-1", "visits": "12", "valid_from": "2026-03-01", "valid_to": "2026-06-30"}

    answers = [
        fay.get(path),
        fay.post(path, **CALL),
        fay.get(f"/patients/{scene.patient.id}/authorisations/new?payer={stranger.id}"),
        fay.post(f"/patients/{scene.patient.id}/authorisations", payer=str(stranger.id), **permit),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    assert len(benefits(desk.database)) == 1


def test_an_authorisation_is_entered_shown_and_corrected(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.authorisation_required = True
    fay = desk.browser(desk.cast.fay)
    permit = {"number": "VA-1", "visits": "12", "valid_from": "2026-03-01", "valid_to": "2026-06-30"}

    made = fay.post(f"/patients/{scene.patient.id}/authorisations", payer=str(scene.payer.id), **permit)
    with desk.database.reading() as db:
        [kept] = db.scalars(select(Authorisation)).all()
    shown = text_of(fay.get(made.location).text)
    path = f"/authorisations/{kept.id}"
    corrected = fay.post(path, **{**permit, "visits": "8"}, seen=seen_in(fay, path))

    assert (made.status_code, corrected.status_code) == (303, 303)
    assert "12 of 12 visits left, from 1 Mar 2026 to 30 Jun 2026" in shown
    assert "8 of 8 visits left" in text_of(fay.get(corrected.location).text)


def test_a_wrong_authorisation_is_shown_again_for_the_same_insurer(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        make_authorisation(db, scene.patient, scene.payer, number="VA-1")
    fay = desk.browser(desk.cast.fay)
    permit = {"number": "VA-1", "visits": "0", "valid_from": "2026-03-01", "valid_to": "2026-02-01"}
    path = f"/patients/{scene.patient.id}/authorisations"

    first = fay.post(path, payer=str(scene.payer.id), **permit)
    second = fay.post(path, payer=str(scene.payer.id), **{**permit, "visits": "3"})

    assert errors_in(first.text) == {"visits"}
    assert errors_in(second.text) == {"number", "valid_to"}
    assert value_of(second.text, "payer") == str(scene.payer.id)


@pytest.mark.parametrize("path", ["/policies/999", "/policies/999/end", "/benefits/999", "/authorisations/999"])
def test_what_is_not_on_file_has_no_form(desk: Desk, path: str) -> None:
    with desk.database.transaction() as db:
        set_scene(db)

    assert desk.browser(desk.cast.ada).get(path).status_code == 404
