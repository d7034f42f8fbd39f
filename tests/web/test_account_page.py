from __future__ import annotations

from sqlalchemy import select

from billing.access.models import User
from billing.access.signing_in import evidence
from tests.access.cast import PASSWORD
from tests.web.desk import Browser, Desk, audit_rows

NEW = "a wholly new sentence"


def change(browser: Browser, current: str = PASSWORD, password: str = NEW, repeated: str = NEW) -> tuple[int, str]:
    answer = browser.post("/account/password", current=current, password=password, repeated=repeated)
    return answer.status_code, answer.text


def fits(desk: Desk, password: str) -> bool:
    with desk.database.reading() as db:
        return evidence(db, "ben@example.org", password).password_fits


def test_a_new_password_replaces_the_old_and_signs_out_everywhere_else(desk: Desk) -> None:
    here, there = desk.browser(desk.cast.ben), desk.browser(desk.cast.ben)

    status, _ = change(here)

    assert status == 303
    assert (fits(desk, PASSWORD), fits(desk, NEW)) == (False, True)
    assert "Your password is changed." in here.get("/account").text
    assert there.get("/account").status_code == 303


def test_a_wrong_present_password_changes_nothing_and_is_told_beside_its_field(desk: Desk) -> None:
    status, page = change(desk.browser(desk.cast.ben), current="not the password")

    assert status == 422
    assert 'id="current-error">This is not your present password' in page
    assert fits(desk, PASSWORD)


def test_at_a_borrowed_desk_the_password_cannot_be_guessed_without_end(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ben)
    for _ in range(5):
        change(browser, current="not the password")

    status, _ = change(browser)

    assert status == 422
    assert fits(desk, PASSWORD)


def test_everything_wrong_with_the_new_password_is_told_at_once(desk: Desk) -> None:
    status, page = change(desk.browser(desk.cast.ben), password="short", repeated="shirt")

    assert status == 422
    assert 'id="password-error">The password has fewer than 12 characters.' in page
    assert 'id="repeated-error">The two new passwords differ.' in page
    assert "short" not in page
    assert fits(desk, PASSWORD)


def test_a_changed_password_is_on_record_without_the_password(desk: Desk) -> None:
    change(desk.browser(desk.cast.ben), current="not the password")
    change(desk.browser(desk.cast.ben))

    rows = audit_rows(desk.database)
    assert [(row.action, row.subject_kind, row.subject_id, row.detail["outcome"]) for row in rows] == [
        ("password change tried", "user", str(desk.cast.ben.id), "turned away"),
        ("password change tried", "user", str(desk.cast.ben.id), "changed"),
    ]
    assert NEW not in str([row.detail for row in rows])


def test_one_can_sign_out_everywhere_else_and_stay_here(desk: Desk) -> None:
    here, there, adas = desk.browser(desk.cast.ben), desk.browser(desk.cast.ben), desk.browser(desk.cast.ada)
    before = here.get("/account").text

    here.post("/account/sign-out-elsewhere")

    assert "You are signed in at 1 other place." in before
    assert [browser.get("/account").status_code for browser in (here, there, adas)] == [200, 303, 200]
    assert "You are signed in nowhere else." in here.get("/account").text


def test_a_form_shown_again_is_still_in_the_persons_own_frame(desk: Desk) -> None:
    _, page = change(desk.browser(desk.cast.ben), current="not the password")

    assert "Ben Strand" in page
    with desk.database.reading() as db:
        hashes = db.scalars(select(User.password_hash)).all()
    assert not any(kept in page for kept in hashes)
