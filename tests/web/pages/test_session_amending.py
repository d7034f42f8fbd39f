"""Amending at the desk: a reason, a new version, and what was filed stays what it was."""

from __future__ import annotations

from sqlalchemy import select

from billing.access.permissions import Role
from billing.charges.models import Charge
from billing.claims.models import Claim, FiledVersion
from billing.database import Base
from billing.sessions.models import Note
from tests.claims.office import Office
from tests.factories import DAY
from tests.sessions.notes import WHOLE, charted
from tests.web.desk import Desk, contents
from tests.web.pages.session_stage import TYPED, Stage, signed, staged

WHY = "The pain score was mistyped."


def amend(stage: Stage, **changes: str) -> tuple[int, str]:
    ben = stage.ben()
    answer = ben.post(f"{stage.path}/amend", seen=stage.seen(ben, "/amend"), **{**TYPED, "why": WHY, **changes})
    return answer.status_code, answer.text


def test_an_amendment_is_signed_as_the_next_version_and_tells_what_changed(desk: Desk) -> None:
    stage = signed(desk)

    status, _ = amend(stage, pain="3", plan="Every other week.")

    assert status == 303
    assert stage.kept()[1].pain == 3
    page = stage.ben().get(stage.path).text
    for text in ("Version 2", "Version 1", WHY, "<del>Weekly, four more.</del>", "<ins>Every other week.</ins>"):
        assert text in page


def test_the_form_of_an_amendment_is_filled_with_what_is_signed(desk: Desk) -> None:
    stage = signed(desk)

    page = stage.ben().get(f"{stage.path}/amend").text

    for text in ("Low back pain since September.", 'value="BL23, BL40"', 'value="M54.50"', 'value="5" checked'):
        assert text in page


def test_an_amendment_without_a_reason_is_refused_at_its_field_and_keeps_what_was_typed(desk: Desk) -> None:
    stage = signed(desk)
    before = contents(desk.database, without="audit_entry")

    status, page = amend(stage, why="", pain="3", plan="Every other week.")

    assert status == 422
    assert 'id="why-error"' in page
    assert "Every other week." in page
    assert 'value="3" checked' in page
    after = contents(desk.database, without="audit_entry")
    assert {name: rows for name, rows in after.items() if name != "login"} == {
        name: rows for name, rows in before.items() if name != "login"
    }


def test_two_amendments_from_the_same_state_do_not_overwrite_each_other(desk: Desk) -> None:
    stage = signed(desk)
    ben = stage.ben()
    seen = stage.seen(ben, "/amend")
    ben.post(f"{stage.path}/amend", seen=seen, **{**TYPED, "why": WHY, "pain": "3"})

    answer = ben.post(f"{stage.path}/amend", seen=seen, **{**TYPED, "why": WHY, "pain": "2"})

    assert answer.status_code == 422
    assert stage.kept()[1] == charted(pain=3)


def test_only_who_signs_notes_amends_them(desk: Desk) -> None:
    stage = signed(desk)

    for role in (Role.OWNER, Role.BILLER, Role.FRONT_DESK):
        browser = desk.browser(desk.cast.of(role))
        assert f"{stage.path}/amend" not in browser.get(stage.path).text
        assert browser.get(f"{stage.path}/amend").status_code == 403
        assert browser.post(f"{stage.path}/amend", **{**TYPED, "why": WHY}).status_code == 403
    with desk.database.reading() as db:
        assert len(db.scalars(select(Note)).all()) == 1
    assert stage.kept()[1] == WHOLE


def test_a_note_that_is_not_signed_has_nothing_to_amend(desk: Desk) -> None:
    stage = staged(desk)

    answer = stage.ben().get(f"{stage.path}/amend")

    assert (answer.status_code, answer.location) == (303, stage.path)


def test_after_filing_the_amendment_says_that_the_filed_claim_says_something_else(desk: Desk) -> None:
    stage = signed(desk)
    office = Office(desk.database, stage.scene)
    office.bill()
    filed = rows(stage, Claim), rows(stage, FiledVersion)

    form = stage.ben().get(f"{stage.path}/amend").text
    status, _ = amend(stage, **{"set-2-estim": "yes"})
    page = stage.ben().get(stage.path).text
    office.bill()

    assert "A claim for this session is filed." in form
    assert status == 303
    assert "Claim filed" in page
    assert filed == (rows(stage, Claim), rows(stage, FiledVersion))


def test_the_flash_after_amending_a_filed_session_asks_for_a_corrected_claim(desk: Desk) -> None:
    stage = signed(desk)
    Office(desk.database, stage.scene).bill()
    ben = stage.ben()

    ben.post(f"{stage.path}/amend", seen=stage.seen(ben, "/amend"), **{**TYPED, "why": WHY, "pain": "3"})

    assert "The claim already filed says something else; a corrected claim is needed." in ben.get(stage.path).text


def test_what_is_not_filed_yet_is_billed_as_it_was_amended(desk: Desk) -> None:
    stage = signed(desk)

    amend(stage, **{"set-2-estim": "yes"})
    Office(desk.database, stage.scene).bill()

    with desk.database.reading() as db:
        assert db.scalars(select(Charge.code).order_by(Charge.position)).all() == ["97810", "97814"]


def test_the_preview_of_an_amendment_tells_only_what_it_brings(desk: Desk) -> None:
    stage = signed(desk)
    with desk.database.transaction() as db:
        db.merge(stage.scene.licence).valid_to = DAY.replace(day=1)
    ben = stage.ben()

    answer = ben.post(f"{stage.path}/preview", do="codes", **{**TYPED, "why": WHY, "diagnosis-0-code": "M54.5"})

    assert "Amend the note of" in answer.text
    stops, holds = answer.text.split("Before it can be signed")[1].split("Holds the claim")
    assert "M54.5 " in stops
    assert "ended on Sun 1 Mar 2026" in holds


def rows(stage: Stage, table: type[Base]) -> list[str]:
    with stage.desk.database.reading() as db:
        return sorted(str(row) for row in db.execute(table.__table__.select()))
