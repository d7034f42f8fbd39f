"""Coverage at the desk: the worklist, one click to ask, every row of the answer, and what is set against it."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from billing import clock
from billing.adapters.memory import MemoryStore
from billing.coverage.benefit_editing import Verified, verify_benefit
from billing.coverage.eligibility.models import EligibilityAnswer, EligibilityOverride, EligibilityQuestion
from billing.coverage.models import Benefit, BenefitSource, Policy
from billing.edi.eligibility_271.answer import Benefit as Row
from billing.edi.eligibility_271.answer import Rejection, Where
from billing.operations.eligibility.sending import asking_at_once
from billing.payers.models import Payer, PayerKind
from billing.relay import relay
from billing.sessions.lifecycle import SessionState
from tests.access.cast import NOON
from tests.factories import Scene, make_benefit, make_patient, make_policy, make_session, set_scene
from tests.operations.eligibility.stage import SETTINGS, Line, answer
from tests.web.desk import Browser, Desk, audit_rows, contents
from tests.web.pages.record_stage import words
from tests.web.pages.test_patients import value_of
from tests.web.statements import counted

SILENT = Row("1", "", ("30",))
ACTIVE = Row("1", "", ("64",), plan="PPO GOLD")
COPAY = Row("B", "", ("64",), period="27", cents=2500, in_network="Y")
OUT = Row("B", "", ("64",), period="27", cents=6000, in_network="N")
WORDS = Row("F", "", ("64",), messages=("20 VISITS PER YEAR",))
LEFT = Row("F", "", ("64",), period="29", quantity_qualifier="VS", quantity=Decimal(7))
MOST_STATEMENTS = 14


@pytest.fixture
def scene(desk: Desk) -> Scene:
    """A clinic whose patient comes today, and of whose cover nobody knows anything."""
    with desk.database.transaction() as db:
        made = set_scene(db)
        db.delete(made.benefit)
        planned(db, made)
        return made


def planned(db, scene: Scene, patient=None, start: str = "13:00"):
    return make_session(
        db, patient or scene.patient, scene.practitioner, NOON.date(), start=start, minutes=45, contact_minutes=20,
        sets=(), diagnoses=(), state=SessionState.BOOKED,
    )  # fmt: skip


def fay(desk: Desk) -> Browser:
    return desk.browser(desk.cast.fay)


def asked(desk: Desk, scene: Scene) -> int:
    """The question that one click leads to."""
    response = fay(desk).post(f"/policies/{scene.policy.id}/check")
    assert response.status_code == 303
    return int(response.location.rpartition("/")[2])


def answered(desk: Desk, *rows: Row, **changes: object) -> None:
    """What a worker does, with a payer that says this."""
    line = Line(lambda inquiry: answer(inquiry, rows, **changes))
    with clock.stopped_at(NOON):
        relay(desk.database, asking_at_once(MemoryStore(), line, SETTINGS))


def shown(desk: Desk, question_id: int) -> str:
    return words(fay(desk).get(f"/coverage/questions/{question_id}"))


def test_the_worklist_shows_whose_coverage_nobody_knows_and_why(desk: Desk, scene: Scene) -> None:
    page = words(fay(desk).get("/coverage"))

    assert "Miri Okoro" in page
    assert "Never asked" in page
    assert "Nobody has asked the payer yet." in page


def test_one_click_asks_and_leads_to_the_question_that_waits_for_its_answer(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)

    page = fay(desk).get(f"/coverage/questions/{question_id}").text

    assert "Waiting for the worker" in page
    assert 'hx-trigger="every 1s"' in page
    assert f"user:{desk.cast.fay.id}" == question(desk, question_id).by


def question(desk: Desk, question_id: int) -> EligibilityQuestion:
    with desk.database.reading() as db:
        return db.get_one(EligibilityQuestion, question_id)


def test_a_click_twice_asks_once(desk: Desk, scene: Scene) -> None:
    assert asked(desk, scene) == asked(desk, scene)


def test_the_answer_is_shown_with_what_was_chosen_why_and_every_row(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, COPAY, OUT, LEFT)

    page = shown(desk, question_id)

    assert "Copay each visit $25.00" in page
    assert "it names acupuncture" in page
    assert "copay · acupuncture · $60.00 · a visit · out of network" in page
    assert "It holds out of network." in page
    assert "Visits left 7" in page
    assert "no guarantee of payment" in page
    assert "It is the first answer about this policy." in page
    assert 'hx-trigger="every 1s"' not in page


def test_what_stands_only_in_words_is_shown_and_not_guessed(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, WORDS)

    page = shown(desk, question_id)

    assert "There may be a limit in the payer's words" in page
    assert "20 VISITS PER YEAR" in page
    with desk.database.reading() as db:
        assert db.scalars(select(Benefit)).one().visits_allowed is None


def test_unknown_is_shown_as_neither_covered_nor_not(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    answered(desk, Row("1", "", ("30",)))

    page, listed = shown(desk, question_id), words(fay(desk).get("/coverage"))

    assert "Acupuncture covered Unknown" in page
    assert "did not say whether acupuncture is covered" in listed


def test_what_changed_since_the_last_answer_is_told(desk: Desk, scene: Scene) -> None:
    asked(desk, scene)
    answered(desk, ACTIVE, COPAY, LEFT)
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, replace(COPAY, cents=3000), LEFT)

    assert "Copay each visit $25.00 → $30.00" in shown(desk, question_id)


def test_a_refusal_of_the_payer_is_told_with_what_to_do(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    answered(desk, rejections=(Rejection(Where.SUBSCRIBER, "72", "C", True),))

    page, listed = shown(desk, question_id), words(fay(desk).get("/coverage"))
    offered = fay(desk).get(f"/coverage/questions/{question_id}").text

    assert f'href="/policies/{scene.policy.id}">Correct the policy' in offered
    assert "The payer did not answer: the member number is missing or wrong" in page
    assert "Compare the member number with the insurance card." in page
    assert "Payer refused" in listed


def test_the_number_of_an_answer_is_not_offered_as_that_of_a_call_of_the_same_day(desk: Desk, scene: Scene) -> None:
    asked(desk, scene)
    answered(desk, ACTIVE, COPAY)

    with clock.stopped_at(NOON):
        form = fay(desk).get(f"/patients/{scene.patient.id}/benefits/{scene.payer.id}").text

    assert value_of(form, "copay") == "25.00"
    assert value_of(form, "reference") == ""


def test_a_fact_is_set_by_hand_with_a_reason_and_taken_back(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, COPAY)
    answer_id = answer_of(desk, question_id)

    fay(desk).post(f"/coverage/answers/{answer_id}/facts", fact="copay", value="15.00", why="The booklet says so.")
    by_hand, copay = shown(desk, question_id), copay_on_file(desk)
    fay(desk).post(f"/coverage/answers/{answer_id}/take-back", fact="copay")

    assert "$15.00 the payer says $25.00" in by_hand
    assert "The booklet says so." in by_hand
    assert (copay, copay_on_file(desk)) == (1500, 2500)
    assert [row.action for row in audit_rows(desk.database)].count("coverage overruled") == 1


def test_5_2_what_is_set_by_hand_is_not_told_as_the_payers_and_taken_back_is_unknown_again(
    desk: Desk, scene: Scene
) -> None:
    question_id = asked(desk, scene)
    answered(desk, SILENT)
    answer_id = answer_of(desk, question_id)

    fay(desk).post(f"/coverage/answers/{answer_id}/facts", fact="covered", value="yes", why="The booklet says so.")
    panel, patient, today = (fay(desk).get(path) for path in _told_at(scene))
    fay(desk).post(f"/coverage/answers/{answer_id}/take-back", fact="covered")

    for page in (panel, patient):
        assert "by electronic answer, with 1 fact set by hand, reference REF-9." in words(page)
    assert f'<a href="/coverage/questions/{question_id}">What was set by hand</a>' in panel.text
    assert f'<a href="/patients/{scene.patient.id}/coverage">What was set by hand</a>' in patient.text
    assert "Covered, set by hand" in words(today)
    for path in _told_at(scene):
        assert "set by hand" not in words(fay(desk).get(path)).partition("What payers have said")[0]
    assert "Miri Okoro" in words(fay(desk).get("/coverage"))


def _told_at(scene: Scene) -> tuple[str, str, str]:
    return f"/patients/{scene.patient.id}/coverage", f"/patients/{scene.patient.id}", "/"


def test_5_2_a_call_that_contradicts_the_answer_is_told_with_both_and_is_not_verified(desk: Desk, scene: Scene) -> None:
    asked(desk, scene)
    answered(desk, Row("I", "", ("64",)))
    called = Verified(covered=True, verified_on=NOON.date(), source=BenefitSource.PHONE, reference="CALL-9")
    with clock.stopped_at(NOON), desk.database.transaction() as db:
        verify_benefit(db, scene.patient.id, scene.payer.id, called, at=NOON)

    panel, patient, today = (words(fay(desk).get(path)) for path in _told_at(scene))
    listed = words(fay(desk).get("/coverage"))

    for page in (panel, patient, listed):
        assert "The payer said both. Covered, on" in page
        assert "by phone, reference CALL-9, which is what counts. But not covered, on" in page
        assert "by electronic answer, reference REF-9." in page
    assert "Payer said both" in today
    assert "Contradictory" in listed


def test_a_payer_of_injuries_is_not_offered_to_be_asked(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        db.get_one(Payer, scene.payer.id).kind = PayerKind.WORKERS_COMP

    for path in (f"/patients/{scene.patient.id}", f"/patients/{scene.patient.id}/coverage"):
        assert "Check coverage" not in words(fay(desk).get(path))


def answer_of(desk: Desk, question_id: int) -> int:
    with desk.database.reading() as db:
        return db.scalars(select(EligibilityAnswer.id).where(EligibilityAnswer.question_id == question_id)).one()


def copay_on_file(desk: Desk) -> int | None:
    with desk.database.reading() as db:
        return db.scalars(select(Benefit.copay_cents)).one()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"fact": "copay", "value": "a lot", "why": "Because."}, "Write an amount like 25.00"),
        ({"fact": "covered", "value": "maybe", "why": "Because."}, "Write yes, no or unknown."),
        ({"fact": "copay", "value": "15.00", "why": ""}, "The reason"),
        ({"fact": "plan", "value": "GOLD", "why": "Because."}, "Choose one of the list."),
        ({"fact": "visits_left", "value": "-1", "why": "Because."}, "Write a whole number"),
    ],
)
def test_a_faulty_correction_is_refused_at_its_field_and_changes_nothing(
    desk: Desk, scene: Scene, fields: dict[str, str], told: str
) -> None:
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, COPAY)
    before = contents(desk.database, without="audit_entry")

    response = fay(desk).post(f"/coverage/answers/{answer_of(desk, question_id)}/facts", **fields)

    assert response.status_code == 422
    assert told in words(response)
    assert contents(desk.database, without="audit_entry") == {**before, **_logins(desk)}


def _logins(desk: Desk) -> dict[str, list[str]]:
    return {name: rows for name, rows in contents(desk.database).items() if name in ("login", "sent_form")}


def test_an_answer_to_no_question_of_ours_cannot_be_corrected(desk: Desk, scene: Scene) -> None:
    assert fay(desk).post("/coverage/answers/999/facts", fact="copay", value="1.00", why="x").status_code == 404


def test_all_that_can_be_asked_is_asked_by_one_click_each_policy_once(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        other = make_patient(db, first_name="Tam")
        make_policy(db, other, scene.payer)
        planned(db, scene, other, start="14:00")
        planned(db, scene, start="16:00")

    fay(desk).post("/coverage/check")

    with desk.database.reading() as db:
        policies = list(db.scalars(select(EligibilityQuestion.policy_id)))
    assert len(policies) == len(set(policies)) == 2
    assert "Asked" in words(fay(desk).get("/coverage"))


def test_a_payer_that_cannot_be_asked_is_to_be_called_and_says_why(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        db.get_one(Payer, scene.payer.id).payer_number = None

    listed = words(fay(desk).get("/coverage"))
    response = fay(desk).post(f"/policies/{scene.policy.id}/check")

    assert "To be called" in listed
    assert response.status_code == 422
    assert "has no electronic number" in words(response)
    with desk.database.reading() as db:
        assert db.scalars(select(EligibilityQuestion)).all() == []


def test_a_session_without_a_policy_is_listed_too(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        db.get_one(Policy, scene.policy.id).effective_to = NOON.date().replace(month=1)

    assert "No policy" in words(fay(desk).get("/coverage"))


def test_a_verified_session_is_not_listed(desk: Desk, scene: Scene) -> None:
    asked(desk, scene)
    answered(desk, ACTIVE, COPAY)

    page = words(fay(desk).get("/coverage"))

    assert "Miri Okoro" not in page
    assert "Everybody's coverage is known" in page


def test_today_offers_to_check_what_nobody_knows_and_stops_offering_once_it_is_known(desk: Desk, scene: Scene) -> None:
    before = fay(desk).get("/").text
    asked(desk, scene)
    answered(desk, ACTIVE, COPAY)

    after = fay(desk).get("/").text

    assert f'action="/policies/{scene.policy.id}/check"' in before
    assert f'action="/policies/{scene.policy.id}/check"' not in after


def test_the_patients_page_offers_to_check(desk: Desk, scene: Scene) -> None:
    assert f'action="/policies/{scene.policy.id}/check"' in fay(desk).get(f"/patients/{scene.patient.id}").text


def test_a_looser_limit_in_the_answer_is_told_and_counts_only_when_a_person_takes_it(desk: Desk, scene: Scene) -> None:
    with desk.database.transaction() as db:
        note = make_benefit(
            db, scene.patient, scene.payer, source=BenefitSource.PHONE, verified_on=NOON.date(), visits_allowed=4
        )
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, LEFT)
    pages = [shown(desk, question_id)]
    pages += [words(fay(desk).get(path)) for path in (f"/patients/{scene.patient.id}", f"/benefits/{note.id}")]

    taken = fay(desk).post(f"/benefits/{note.id}/take-limit")

    assert all("The payer's electronic answer says 7 visits left." in page for page in pages)
    assert taken.location == f"/patients/{scene.patient.id}/coverage"
    after = words(fay(desk).get(taken.location))
    assert "electronic answer says" not in after
    assert "Visits allowed 7 was 4" in after or "7 visits left" in after
    assert fay(desk).post(f"/benefits/{note.id}/take-limit").status_code == 404
    assert ("limit of the answer taken", str(scene.patient.id)) in {
        (one.action, one.subject_id) for one in audit_rows(desk.database)
    }


def test_a_limit_named_for_several_therapies_is_put_on_file_as_shared(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)

    answered(desk, ACTIVE, replace(LEFT, service_types=("64", "33")))

    assert "Visits shared with chiropractic" in shown(desk, question_id)
    assert "visits shared with chiropractic" in words(fay(desk).get(f"/patients/{scene.patient.id}"))


def test_an_answer_about_somebody_else_is_put_on_file_only_when_a_person_says_so(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    line = Line(lambda inquiry: strange(inquiry))
    with clock.stopped_at(NOON):
        relay(desk.database, asking_at_once(MemoryStore(), line, SETTINGS))
    page = shown(desk, question_id)

    fay(desk).post(f"/coverage/answers/{answer_of(desk, question_id)}/apply")

    assert "another birth date" in page
    assert copay_on_file(desk) == 2500


def strange(inquiry):
    told = answer(inquiry, (ACTIVE, COPAY))
    return replace(told, subscriber=replace(told.subscriber, birth_date=NOON.date().replace(year=1950)))


def test_the_worklist_and_the_answer_ask_the_database_little(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, COPAY, LEFT)
    browser = fay(desk)
    browser.get("/coverage")

    with counted(desk.database) as of_list:
        browser.get("/coverage")
    with counted(desk.database) as of_answer:
        browser.get(f"/coverage/questions/{question_id}")

    assert len(of_list) <= MOST_STATEMENTS
    assert len(of_answer) <= MOST_STATEMENTS


def test_every_look_at_an_answer_is_in_the_audit_trail_of_its_patient(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)

    fay(desk).get(f"/coverage/questions/{question_id}")

    last = audit_rows(desk.database)[-1]
    assert (last.action, last.subject_kind, last.subject_id) == ("coverage viewed", "patient", str(scene.patient.id))


def test_nothing_of_the_patient_stands_in_an_address(desk: Desk, scene: Scene) -> None:
    page = fay(desk).get("/coverage").text

    for address in re.findall(r'(?:href|action)="([^"]+)"', page):
        assert "Okoro" not in address


def test_no_override_is_left_behind_by_a_refusal(desk: Desk, scene: Scene) -> None:
    question_id = asked(desk, scene)
    answered(desk, ACTIVE, COPAY)

    fay(desk).post(f"/coverage/answers/{answer_of(desk, question_id)}/facts", fact="copay", value="15.00", why=" ")

    with desk.database.reading() as db:
        assert db.scalars(select(EligibilityOverride)).all() == []
