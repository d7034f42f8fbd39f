"""What covers a patient on a day, in the record."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from billing.coverage.models import Authorisation, Benefit, BenefitVersion
from billing.payers.models import PayerKind
from tests.factories import DAY, a_physician, make_authorisation, make_payer, make_policy, set_scene
from tests.web.desk import Desk, audit_rows
from tests.web.pages.settings_stage import error_at, send, words
from tests.web.pages.test_patient_policies import CALL
from tests.web.statements import counted


def test_a_day_shows_limits_rules_and_sources(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(12, 0, -1):
            scene.visit(db, DAY - timedelta(weeks=week))

    page = words(desk.browser(desk.cast.fay).get(f"/patients/{scene.patient.id}/coverage?day={DAY}"))

    assert "Judged by Medicare" in page
    assert "Twenty visits a year: visit 13 of 20" in page
    assert "Stops This is visit 13 since Tue 9 Dec 2025; from the thirteenth on Medicare wants" in page
    assert "CMS NCD 30.3.3, checked on 20 Nov 2026" in page
    assert [row.subject_id for row in audit_rows(desk.database) if row.action == "patient coverage viewed"] == [
        str(scene.patient.id)
    ]


def test_the_twelfth_visit_tells_that_the_next_one_needs_improvement(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(11, 0, -1):
            scene.visit(db, DAY - timedelta(weeks=week))

    page = words(desk.browser(desk.cast.fay).get(f"/patients/{scene.patient.id}/coverage?day={DAY}"))

    assert "Until improvement must be on record: visit 12 of 12" in page
    assert "What the next one, on " in page
    assert "This is visit 13 since" in page


def test_a_missing_authorisation_leads_to_where_one_is_added(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        db.get_one(Benefit, scene.benefit.id).authorisation_required = True

    page = desk.browser(desk.cast.fay).get(f"/patients/{scene.patient.id}/coverage?day={DAY}").text

    form = f'href="/patients/{scene.patient.id}/authorisations/new?payer={scene.payer.id}"'
    assert f'<a class="go" {form}>Add an authorisation</a>' in page
    assert "Open the patient</a>" not in page


def test_the_policy_of_the_day_is_shown_and_the_other_is_not_in_force(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        scene.policy.effective_to = date(2026, 1, 31)
        later = make_payer(db, name="Later Health")
        make_policy(db, scene.patient, later, effective_from=date(2026, 2, 1))
    fay, path = desk.browser(desk.cast.fay), f"/patients/{scene.patient.id}/coverage"

    before, now = (words(fay.get(f"{path}?day={day}")) for day in ("2026-01-15", "2026-02-15"))

    assert f"{scene.payer.name} No limit of visits is known" in before
    assert "Later Health No limit of visits is known" in now
    assert "The payer was asked" not in now
    assert "Coverage unknown" in now


def test_without_a_policy_self_pay_is_explained(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        scene.policy.effective_to = DAY - timedelta(days=1)

    page = words(desk.browser(desk.cast.fay).get(f"/patients/{scene.patient.id}/coverage?day={DAY}"))

    assert "No policy is in force that day" in page
    assert "good-faith estimate" in page


def test_the_order_that_contradicts_the_rules_is_told(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICAID)
        make_policy(db, scene.patient, make_payer(db, name="Work Plan"), rank=2)

    page = words(desk.browser(desk.cast.fay).get(f"/patients/{scene.patient.id}/coverage?day={DAY}"))

    assert "pays before Work Plan on file; Medicaid pays last" in page


def test_each_verification_and_what_it_changed_is_told(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    fay, path = desk.browser(desk.cast.fay), f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"
    send(fay, path, path, **CALL)
    changes = {
        "copay": "35", "covered": "unknown", "network": "in", "shared_with_massage": "yes", "visits_remaining": "9",
        "referral_required": "yes", "family_deductible_remaining": "250", "copay_waives_deductible": "yes",
        "plan_name": "Gold PPO", "copay_per": "service", "reference": "REF-10",
    }  # fmt: skip

    answer = send(fay, path, path, **{**CALL, **changes, "visits_used_elsewhere": ""})

    assert answer.status_code == 303, words(answer)
    page = words(fay.get(f"/patients/{scene.patient.id}/coverage"))
    for told in (
        "Acupuncture covered unknown was yes", "Copay $35.00 was $30.00", "Shared with massage was none",
        "Plan Gold PPO was unknown", "Visits used elsewhere 11 was 3", "with Dana, reference REF-10", "Noted",
        "Family deductible left $250.00 was unknown", "Copay instead of deductible yes was no",
    ):  # fmt: skip
        assert told in page, told
    with desk.database.reading() as db:
        kept = db.scalars(select(Benefit)).one()
        assert (kept.covered, kept.referral_required, kept.visits_remaining) == (None, True, 9)
        assert [one.by for one in db.scalars(select(BenefitVersion))] == [f"user:{desk.cast.fay.id}"] * 2


def test_of_each_payer_the_first_time_is_told_as_the_first(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        second = make_payer(db, name="Second Health")
        make_policy(db, scene.patient, second, rank=2)
    fay = desk.browser(desk.cast.fay)

    for payer in (scene.payer, second, second):
        path = f"/patients/{scene.patient.id}/benefits/{payer.id}"
        send(fay, path, path, **CALL)

    page = words(fay.get(f"/patients/{scene.patient.id}/coverage"))
    assert page.count("The first time it was noted here.") == 2
    assert page.count("Nothing changed since the time before.") == 1


def test_what_nobody_said_looks_neither_covered_nor_not_covered(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.covered = None
    fay = desk.browser(desk.cast.fay)

    summary = words(fay.get(f"/patients/{scene.patient.id}"))
    form = words(fay.get(f"/patients/{scene.patient.id}/benefits/{scene.payer.id}"))

    assert "coverage unknown" in summary
    assert ": covered" not in summary
    assert ": not covered" not in summary
    assert "Last time: not told." in form


def test_an_authorisation_is_kept_with_its_limits(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    fay, path = desk.browser(desk.cast.fay), f"/patients/{scene.patient.id}/authorisations"
    typed = {
        "payer": str(scene.payer.id), "number": "VA-77", "valid_from": "2026-03-01", "valid_to": "2026-04-29",
        "visits": "12", "seoc_name": "Acupuncture Initial", "units_per_visit": "2", "codes_allowed": "97810, 97811",
        "diagnoses": "m54.50", "referring_npi": "1993000042", "used_before": "3",
    }  # fmt: skip

    bad = fay.post(path, **{**typed, "codes_allowed": "needles!", "used_before": "13", "referring_npi": "123"})
    good = fay.post(path, **{**typed, "referring_npi": ""})

    assert bad.status_code == 422
    assert all(error_at(bad, name) for name in ("codes_allowed", "used_before", "referring_npi"))
    assert good.status_code == 303
    with desk.database.reading() as db:
        kept = db.scalars(select(Authorisation)).one()
    assert (kept.seoc_name, kept.units_per_visit, kept.used_before) == ("Acupuncture Initial", 2, 3)
    assert (kept.codes_allowed, kept.diagnoses, kept.referring_npi) == (["97810", "97811"], ["M54.50"], None)


def test_the_page_asks_few_questions_however_much_there_is(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        for week in range(15, 0, -1):
            scene.visit(db, DAY - timedelta(weeks=week))
            make_authorisation(db, scene.patient, scene.payer)
    fay = desk.browser(desk.cast.fay)

    with counted(desk.database) as statements:
        fay.get(f"/patients/{scene.patient.id}/coverage")

    assert len(statements) <= 20


def test_a_patient_there_is_none_of_is_not_found(desk: Desk) -> None:
    with desk.database.transaction() as db:
        set_scene(db)

    assert desk.browser(desk.cast.fay).get("/patients/999/coverage").status_code == 404


def test_a_plan_names_the_pack_it_is_judged_by(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    fay, path = desk.browser(desk.cast.fay), f"/policies/{scene.policy.id}"
    card = {"member_id": "MEM1", "rank": "1", "relationship": "self", "effective_from": "2023-01-01"}

    unknown = send(fay, path, path, **card, rule_pack="no-such-pack")
    made = send(fay, path, path, **card, rule_pack="commercial-example-a")

    assert error_at(unknown, "rule_pack")
    assert made.status_code == 303
    assert "Judged by Commercial plan with conditions (example A)" in words(
        fay.get(f"/patients/{scene.patient.id}/coverage")
    )
