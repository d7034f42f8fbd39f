"""Finding, registering, looking at and changing patients in the browser."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from billing import clock
from billing.claims.models import FiledVersion
from billing.coverage.models import Policy
from billing.database import Database
from billing.patients.models import Patient
from billing.reminders.models import Channel, ConsentGiven
from billing.sessions.lifecycle import SessionState
from tests.claims.office import Office
from tests.factories import make_clinic, make_patient, make_payer, make_policy, set_scene
from tests.web.desk import Browser, Desk, audit_rows, contents
from tests.web.statements import counted

MIRI = {
    "first_name": "Miri", "last_name": "Okoro", "birth_date": "1979-05-11", "sex": "F", "phone": "503-555-0101",
    "email": "miri@example.org", "address1": "2 SE Example St", "city": "Portland", "state": "or", "zip": "97214",
    "sms_consent": "yes", "flag_pacemaker": "yes", "other_flags": "Latex allergy",
}  # fmt: skip
MOST_STATEMENTS = 12


def set_up(desk: Desk, **clinic: Any) -> None:
    with desk.database.transaction() as db:
        make_clinic(db, **clinic)


def patients_on_file(database: Database) -> list[Patient]:
    with database.reading() as db:
        return list(db.scalars(select(Patient).order_by(Patient.id)))


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def value_of(page: str, name: str) -> str:
    """What a field holds."""
    found = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert found is not None, name
    value = re.search(r'\bvalue="([^"]*)"', found[0])
    return html.unescape(value[1]) if value else ""


def seen_in(browser: Browser, path: str) -> str:
    return value_of(browser.get(path).text, "seen")


def errors_in(page: str) -> dict[str, str]:
    """The words below each field that is wrong."""
    return dict(re.findall(r'<p class="error" id="([\w-]+)-error">([^<]*)</p>', page))


def partly(browser: Browser, path: str, **fields: str) -> TestResponse:
    """A form sent by htmx."""
    fields["csrf_token"] = browser.form_token()
    return browser.client.post(path, data=fields, headers={"HX-Request": "true"})


def test_registering_leads_to_the_patients_page_with_everything_on_file(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)

    answer = fay.post("/patients", **MIRI)

    [miri] = patients_on_file(desk.database)
    assert (answer.status_code, answer.location) == (303, f"/patients/{miri.id}")
    assert (miri.phone, miri.state, miri.flags) == ("+15035550101", "OR", ["pacemaker", "latex allergy"])
    assert (miri.sms_consent, miri.email_consent, miri.signature_on_file) == (True, False, False)
    page = text_of(fay.get(answer.location).text)
    assert all(words in page for words in ("Miri Okoro", "(503) 555-0101", "Pacemaker", "Latex allergy", "11 May 1979"))


def test_registering_is_in_the_audit_trail_under_the_new_patient_and_without_a_name(desk: Desk) -> None:
    set_up(desk)

    desk.browser(desk.cast.fay).post("/patients", **MIRI)

    row = audit_rows(desk.database)[-1]
    [miri] = patients_on_file(desk.database)
    assert (row.action, row.subject_kind, row.subject_id) == ("patient registered", "patient", str(miri.id))
    assert "Okoro" not in str(row.detail)


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(desk: Desk) -> None:
    set_up(desk)
    before = contents(desk.database, without="audit_entry")
    fay = desk.browser(desk.cast.fay)
    typed = {
        **MIRI,
        "last_name": " ",
        "birth_date": "1879-05-11",
        "zip": "12",
        "email": "miri@",
        "other_flags": "Keloids",
    }

    answer = fay.post("/patients", **typed)

    assert answer.status_code == 422
    assert set(errors_in(answer.text)) == {"last_name", "birth_date", "zip", "email"}
    assert (value_of(answer.text, "first_name"), value_of(answer.text, "zip")) == ("Miri", "12")
    assert value_of(answer.text, "other_flags") == "Keloids"
    assert 'name="flag_pacemaker" type="checkbox" value="yes" checked' in answer.text
    after = contents(desk.database, without="audit_entry")
    assert {name: rows for name, rows in after.items() if name != "login"} == {
        name: rows for name, rows in before.items() if name != "login"
    }
    again = fay.post("/patients", **{**typed, "last_name": "Okoro", "birth_date": "1979-05-11"})
    assert set(errors_in(again.text)) == {"zip", "email"}


def test_somebody_who_may_be_known_is_shown_with_reasons_before_anything_is_written(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)
    fay.post("/patients", **MIRI)
    twice = {**MIRI, "first_name": "Okoro", "last_name": "Miri", "birth_date": "1979-05-17", "email": ""}

    answer = fay.post("/patients", **twice)

    [known] = patients_on_file(desk.database)
    page = text_of(answer.text)
    assert answer.status_code == 422
    assert "These may be the same person" in page
    assert "Same name with first and last name swapped" in page
    assert "The birth date differs in one place only" in page
    assert f'href="/patients/{known.id}"' in answer.text
    assert value_of(answer.text, "address1") == "2 SE Example St"


def test_somebody_else_is_registered_once_that_is_said(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)
    fay.post("/patients", **MIRI)
    [known] = patients_on_file(desk.database)
    shown = fay.post("/patients", **MIRI)

    answer = fay.post("/patients", **MIRI, somebody_else=value_of(shown.text, "somebody_else"))

    assert value_of(shown.text, "somebody_else") == str(known.id)
    assert answer.status_code == 303
    assert len(patients_on_file(desk.database)) == 2


def test_a_tick_for_one_person_does_not_wave_another_through(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)
    with desk.database.transaction() as db:
        make_patient(db, first_name="Zoe", last_name="Quill")
        make_patient(db)

    answer = fay.post("/patients", **MIRI, somebody_else="999 x")

    assert answer.status_code == 422
    assert len(patients_on_file(desk.database)) == 2


def test_a_registration_that_is_sent_twice_is_done_once(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)
    key = value_of(fay.get("/patients/new").text, "form_key")

    first = fay.post("/patients", **MIRI, form_key=key)
    second = fay.post("/patients", **MIRI, form_key=key)

    assert first.location == second.location
    assert len(patients_on_file(desk.database)) == 1


def test_the_insurance_card_can_be_entered_with_the_person(desk: Desk) -> None:
    set_up(desk)
    with desk.database.transaction() as db:
        payer = make_payer(db)
    card = {
        "payer": str(payer.id), "member_id": "MEM-1", "rank": "1", "relationship": "self",
        "effective_from": "2026-01-01",
    }  # fmt: skip

    answer = desk.browser(desk.cast.fay).post("/patients", **MIRI, **card)

    with desk.database.reading() as db:
        [policy] = db.scalars(select(Policy)).all()
    assert answer.location == f"/patients/{policy.patient_id}"
    assert (policy.payer_id, policy.member_id) == (payer.id, "MEM-1")


def test_what_is_wrong_with_the_person_and_with_the_card_is_told_at_once(desk: Desk) -> None:
    set_up(desk)
    with desk.database.transaction() as db:
        payer = make_payer(db)
    card = {
        "payer": str(payer.id),
        "member_id": "",
        "rank": "1",
        "relationship": "self",
        "effective_from": "2026-01-01",
    }
    wrong = {"state": "Oregon", "zip": "12", "email": "miri@", "phone": "970-555-0", "other_flags": "x" * 201}

    answer = desk.browser(desk.cast.fay).post("/patients", **{**MIRI, **wrong}, **card)

    errors = errors_in(answer.text)
    assert set(errors) == {"state", "zip", "email", "phone", "member_id", "other_flags"}
    assert "with the area code" in errors["phone"]
    assert errors["other_flags"].startswith("Anything else has 201 characters")
    assert patients_on_file(desk.database) == []


def test_with_a_wrong_card_nobody_is_registered(desk: Desk) -> None:
    set_up(desk)
    with desk.database.transaction() as db:
        payer = make_payer(db)

    answer = desk.browser(desk.cast.fay).post(
        "/patients", **MIRI, payer=str(payer.id), rank="1", relationship="child", effective_from="2026-01-01"
    )

    assert answer.status_code == 422
    assert set(errors_in(answer.text)) == {"member_id", "subscriber_first_name", "subscriber_last_name"}
    assert patients_on_file(desk.database) == []


def test_a_holder_of_the_same_member_number_is_shown_at_registration(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        scene.patient.first_name, scene.patient.last_name = "Zoe", "Quill"
        scene.patient.birth_date, scene.patient.phone, scene.patient.email = date(2001, 1, 1), None, None

    answer = desk.browser(desk.cast.fay).post(
        "/patients", **MIRI, payer=str(scene.payer.id), member_id=scene.policy.member_id.lower(), rank="1",
        relationship="self", effective_from="2026-01-01",
    )  # fmt: skip

    assert "Same member number on the insurance card" in text_of(answer.text)


def test_a_clinic_in_london_asks_for_no_state_and_no_insurance(desk: Desk) -> None:
    set_up(desk, time_zone="Europe/London", currency="GBP")
    fay = desk.browser(desk.cast.fay)

    form = text_of(fay.get("/patients/new").text)
    answer = fay.post("/patients", **{**MIRI, "state": "Kent", "zip": "ct1 2ab", "phone": "020 7946 0000"})

    assert "Postcode" in form
    assert "Insur" not in form
    [miri] = patients_on_file(desk.database)
    assert (answer.status_code, miri.zip, miri.phone) == (303, "CT1 2AB", "+442079460000")
    page = text_of(fay.get(answer.location).text)
    assert "020 7946 0000" in page
    assert "nsurance" not in page


def test_before_there_is_a_clinic_nobody_can_be_registered(desk: Desk) -> None:
    answer = desk.browser(desk.cast.ada).get("/patients/new")

    assert answer.status_code in (303, 422)


def test_a_patient_is_changed_and_the_page_shows_it(desk: Desk) -> None:
    with desk.database.transaction() as db:
        patient = set_scene(db).patient
    path = f"/patients/{patient.id}"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(f"{path}/edit", **{**MIRI, "last_name": "Okoro-Lund"}, seen=seen_in(fay, f"{path}/edit"))

    assert (answer.status_code, answer.location) == (303, path)
    assert "Okoro-Lund" in fay.get(path).text
    assert [row.action for row in audit_rows(desk.database) if row.subject_id == str(patient.id)][-2:] == [
        "patient changed", "patient viewed",
    ]  # fmt: skip


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    with desk.database.transaction() as db:
        patient = set_scene(db).patient
    path = f"/patients/{patient.id}/edit"
    fay, ben = desk.browser(desk.cast.fay), desk.browser(desk.cast.ben)
    old = seen_in(fay, path)
    ben.post(path, **{**MIRI, "phone": "503-555-0199"}, seen=seen_in(ben, path))

    refused = fay.post(path, **{**MIRI, "last_name": "Okoro-Lund"}, seen=old)

    assert refused.status_code == 422
    assert "Somebody changed this" in refused.text
    assert value_of(refused.text, "last_name") == "Okoro-Lund"
    [kept] = patients_on_file(desk.database)
    assert (kept.last_name, kept.phone) == ("Okoro", "+15035550199")
    again = fay.post(path, **{**MIRI, "last_name": "Okoro-Lund"}, seen=value_of(refused.text, "seen"))
    assert again.status_code == 303


def test_a_mistake_in_a_change_keeps_what_was_typed_and_changes_nothing(desk: Desk) -> None:
    with desk.database.transaction() as db:
        patient = set_scene(db).patient
    path = f"/patients/{patient.id}/edit"
    fay = desk.browser(desk.cast.fay)

    answer = fay.post(path, **{**MIRI, "zip": "nowhere", "last_name": "Okoro-Lund"}, seen=seen_in(fay, path))

    assert set(errors_in(answer.text)) == {"zip"}
    assert value_of(answer.text, "last_name") == "Okoro-Lund"
    assert patients_on_file(desk.database)[0].last_name == "Okoro"


def test_an_edited_patient_leaves_filed_claims_as_they_were_filed(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
    office = Office(desk.database, scene)
    office.visit()
    office.bill()
    with desk.database.reading() as db:
        filed = db.scalars(select(FiledVersion.snapshot)).all()
    fay = desk.browser(desk.cast.fay)
    path = f"/patients/{scene.patient.id}/edit"
    policy = f"/policies/{scene.policy.id}"

    changed = fay.post(path, **{**MIRI, "last_name": "Lund", "address1": "9 Other St"}, seen=seen_in(fay, path))
    corrected = fay.post(
        policy, member_id="ANOTHER-9", rank="1", relationship="self", effective_from="2023-01-01",
        seen=seen_in(fay, policy),
    )  # fmt: skip

    office.bill()

    assert (changed.status_code, corrected.status_code) == (303, 303)
    with desk.database.reading() as db:
        assert len(filed) == 1
        assert db.scalars(select(FiledVersion.snapshot)).all() == filed
    assert "OKORO" in str(filed).upper()
    assert "LUND" not in str(filed).upper()


def test_the_page_of_a_patient_tells_what_comes_and_what_is_left(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        scene.benefit.visits_allowed, scene.benefit.reference = 12, "CALL-44"
        scene.visit(db, date(2026, 2, 3), pain_score=7)
        scene.visit(db, date(2026, 2, 10), pain_score=4)
        scene.visit(db, date(2026, 3, 4), state=SessionState.BOOKED, sets=(), diagnoses=())

    answer = desk.browser(desk.cast.fay).get(f"/patients/{scene.patient.id}")

    page = text_of(answer.text)
    assert "Wed 4 Mar 2026, 09:00" in page
    assert "10 visits left" in page
    assert "12 allowed \u2212 2 here = 10 left, from 1 Jan 2026 to 31 Dec 2026. 1 of them booked." in page
    assert "Verified 10 days ago, reference CALL-44." in page
    assert 'aria-label="Pain 7 of 10 on 3 Feb 2026, 4 on 10 Feb 2026' in answer.text


def test_an_unverified_benefit_is_unknown_on_the_page(desk: Desk) -> None:
    with desk.database.transaction() as db:
        make_clinic(db)
        patient = make_patient(db)
        make_policy(db, patient, make_payer(db))

    page = text_of(desk.browser(desk.cast.fay).get(f"/patients/{patient.id}").text)

    assert "Coverage unknown" in page
    assert "Nobody has asked the payer yet." in page
    assert "Covered" not in page
    assert "Not covered" not in page


def test_a_patients_page_needs_few_statements_however_much_is_on_file(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        make_policy(db, scene.patient, make_payer(db), rank=2)
        for day in range(1, 25):
            scene.visit(db, date(2026, 1, day), pain_score=5)
    office = Office(desk.database, scene)
    office.bill()
    fay = desk.browser(desk.cast.fay)
    fay.get(f"/patients/{scene.patient.id}")

    with counted(desk.database) as statements:
        answer = fay.get(f"/patients/{scene.patient.id}")

    assert answer.status_code == 200
    assert len(statements) <= MOST_STATEMENTS, statements


def test_looking_at_a_patient_is_audited_and_a_stranger_sees_nothing(desk: Desk) -> None:
    with desk.database.transaction() as db:
        patient = set_scene(db).patient

    desk.browser(desk.cast.ben).get(f"/patients/{patient.id}")
    answer = desk.stranger().get(f"/patients/{patient.id}")

    row = audit_rows(desk.database)[-1]
    assert (row.action, row.subject_kind, row.subject_id, row.actor_id) == (
        "patient viewed", "patient", str(patient.id), str(desk.cast.ben.id),
    )  # fmt: skip
    assert answer.status_code == 303
    assert "Okoro" not in answer.text


@pytest.mark.parametrize("path", ["/patients/999", "/patients/999/edit"])
def test_nobody_unknown_has_a_page(desk: Desk, path: str) -> None:
    set_up(desk)

    assert desk.browser(desk.cast.ada).get(path).status_code == 404


def people(desk: Desk, names: list[str]) -> dict[str, int]:
    with desk.database.transaction() as db:
        make_clinic(db)
        return {name: make_patient(db, last_name=name).id for name in names}


def listed(page: str) -> list[str]:
    """The last names in the table, in order."""
    return [html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^,<]*),', page)]


def test_all_patients_stand_in_the_order_of_their_names_page_by_page(desk: Desk) -> None:
    names = ["Özdemir", "okoro", "Zielińska", "de Vries", "Ångström", *(f"Name{place:02d}" for place in range(60))]
    people(desk, names)
    fay = desk.browser(desk.cast.fay)
    order = ["Ångström", "de Vries", *(f"Name{place:02d}" for place in range(60)), "okoro", "Özdemir", "Zielińska"]

    first = fay.get("/patients?view=all").text
    after = re.search(r"/patients\?view=all&amp;after=(\d+)", first)
    assert after is not None
    second = fay.get(f"/patients?view=all&after={after[1]}").text
    before = re.search(r"/patients\?view=all&amp;before=(\d+)", second)
    assert before is not None

    assert listed(first) + listed(second) == order
    assert listed(fay.get(f"/patients?view=all&before={before[1]}").text) == order[:50]
    assert listed(fay.get("/patients?view=all&letter=O").text) == ["okoro", "Özdemir", "Zielińska"]


def test_a_page_that_begins_behind_nobody_begins_at_the_top(desk: Desk) -> None:
    people(desk, ["Adams", "Brandt"])

    page = desk.browser(desk.cast.fay).get("/patients?view=all&after=999&before=x").text

    assert listed(page) == ["Adams", "Brandt"]


def test_the_list_begins_with_those_seen_lately_in_a_few_statements(desk: Desk) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        scene.visit(db, date(2026, 2, 24))
        scene.visit(db, date(2026, 3, 9), state=SessionState.BOOKED, sets=(), diagnoses=())
        make_patient(db, last_name="Never")
    fay = desk.browser(desk.cast.fay)
    fay.get("/patients")

    with counted(desk.database) as statements:
        page = fay.get("/patients").text

    assert listed(page) == ["Okoro"]
    assert "Tue 24 Feb 2026" in page
    assert "Mon 9 Mar 2026" in page
    assert len(statements) <= MOST_STATEMENTS, statements
    assert listed(fay.get("/patients?view=new").text) == ["Never", "Okoro"]


def test_typing_filters_the_list_without_a_word_of_it_in_the_address_or_the_audit_trail(desk: Desk) -> None:
    people(desk, ["Okoro", "Quill"])
    fay = desk.browser(desk.cast.fay)

    whole = fay.post("/patients/find", q="okro")
    rows = partly(fay, "/patients/find", q="okro")

    assert listed(whole.text) == listed(rows.text) == ["Okoro"]
    assert "<html" in whole.text
    assert "<html" not in rows.text
    assert "Name spelled nearly so" in rows.text
    assert all("okro" not in str(row.detail) for row in audit_rows(desk.database))
    assert [row.action for row in audit_rows(desk.database)][-1] == "patients searched"


def test_nobody_found_is_said_with_what_to_do(desk: Desk) -> None:
    people(desk, ["Okoro"])

    page = partly(desk.browser(desk.cast.fay), "/patients/find", q="xyzzy").text

    assert "Nobody fits what you typed" in page
    assert "/patients/new" in page


def test_an_empty_text_shows_those_seen_lately_again(desk: Desk) -> None:
    with desk.database.transaction() as db:
        set_scene(db).visit(db, date(2026, 2, 24))

    assert listed(partly(desk.browser(desk.cast.fay), "/patients/find", q=" ").text) == ["Okoro"]


def test_names_are_shown_as_text_and_never_as_markup(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)

    answer = fay.post("/patients", **{**MIRI, "first_name": "<b>Miri</b>", "other_flags": "<script>x</script>"})

    page = fay.get(answer.location).text
    assert "&lt;b&gt;Miri" in page
    assert "<b>Miri" not in page
    assert "<script>x" not in page


def test_the_clinics_own_day_decides_what_is_in_the_future(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)

    answer = fay.post("/patients", **{**MIRI, "birth_date": "2026-03-03"})

    assert set(errors_in(answer.text)) == {"birth_date"}
    assert clock.now().date() == date(2026, 3, 2)
    with desk.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Patient)) == 0


def test_consent_is_kept_with_the_words_the_form_shows_whenever_it_changes(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)
    form = html.unescape(fay.get("/patients/new").text)
    fay.post("/patients", **MIRI)
    (miri,) = patients_on_file(desk.database)
    path = f"/patients/{miri.id}/edit"
    without = {name: value for name, value in MIRI.items() if name != "sms_consent"}

    fay.post(path, **MIRI, middle_name="Ann", seen=seen_in(fay, path))
    fay.post(path, **without, email_consent="yes", seen=seen_in(fay, path))

    with desk.database.reading() as db:
        kept = list(db.scalars(select(ConsentGiven).order_by(ConsentGiven.id)))
    assert [(one.channel, one.address, one.is_given) for one in kept] == [
        (Channel.TEXT, "+15035550101", True),
        (Channel.TEXT, "+15035550101", False),
        (Channel.EMAIL, "miri@example.org", True),
    ]
    assert {one.by.partition(":")[0] for one in kept} == {"user"}
    assert all(one.wording in form for one in kept)
