"""A clinic is brought in through the browser: sent, checked, brought in, and what was refused is told row by row."""

from __future__ import annotations

import io
import zipfile

import pytest
import sqlalchemy as sa

from billing import clock
from billing.clinic.models import Clinic
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand
from billing.patients.models import Patient
from billing.wiring import Program
from tests.operations.importing.folders import GOOD
from tests.operations.test_errands_import import a_zip, as_csv
from tests.web.desk import Browser, Desk, audit_rows, contents, do_what_is_due
from tests.web.pages.uploads import key_in, send, words

BAD = {**GOOD["patients.csv"], "id": "A2", "birth_date": "11 May 1979"}
WITH_A_BAD_ROW = a_zip(patients=as_csv(GOOD["patients.csv"], BAD))


@pytest.fixture
def owner(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


def patients(desk: Desk) -> int:
    with desk.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(Patient)) or 0


def errands(desk: Desk) -> int:
    with desk.database.reading() as db:
        return db.query(Errand).count()


def sent_in(program: Program, browser: Browser, content: bytes, **fields: str) -> str:
    """Send a zip file in, have it worked on, and give the errand's address."""
    answer = send(browser, "/import", ("clinic.zip", content), **fields)
    assert answer.status_code == 303
    do_what_is_due(program)
    return answer.location


def test_an_empty_desk_offers_the_import_and_says_what_it_may_hold(owner: Browser) -> None:
    page = words(owner.get("/import").text)

    assert "There is no clinic here yet" in page
    assert all(name in page for name in GOOD)


def test_a_zip_file_becomes_a_clinic(desk: Desk, program: Program, owner: Browser) -> None:
    address = sent_in(program, owner, a_zip(), do="import")

    led_on = owner.get(address)
    report = words(owner.get(led_on.location).text)

    assert (led_on.status_code, led_on.location) == (303, address.replace("errands", "import"))
    assert "Everything went in" in report
    assert "patients.csv 1 1 0 0 0" in report
    assert patients(desk) == 1


def test_a_browser_that_watches_is_led_on_to_the_report(program: Program, owner: Browser) -> None:
    address = sent_in(program, owner, a_zip(), do="import")

    answer = owner.client.get(address, headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == address.replace("errands", "import")


def test_checking_only_changes_nothing_and_can_be_brought_in_from_its_report(
    desk: Desk, program: Program, owner: Browser
) -> None:
    address = sent_in(program, owner, a_zip(), do="check").replace("errands", "import")

    report = words(owner.get(address).text)
    checked = patients(desk)
    asked = owner.post(f"{address}/bring-in")
    do_what_is_due(program)

    assert "Nothing has been changed" in report
    assert checked == 0
    assert patients(desk) == 1
    assert "What was imported" in owner.get(asked.location.replace("errands", "import")).text


def test_without_saying_which_nothing_is_brought_in(desk: Desk, program: Program, owner: Browser) -> None:
    sent_in(program, owner, a_zip())

    assert patients(desk) == 0


def test_csv_files_can_be_sent_as_they_are(desk: Desk, program: Program, owner: Browser) -> None:
    files = [(name.upper(), as_csv(row)) for name, row in GOOD.items()]

    answer = send(owner, "/import", *files, do="import")
    do_what_is_due(program)

    assert answer.status_code == 303
    assert patients(desk) == 1


def test_refused_rows_are_told_with_the_remedy_and_can_be_downloaded(program: Program, owner: Browser) -> None:
    address = sent_in(program, owner, WITH_A_BAD_ROW, do="import").replace("errands", "import")

    report = owner.get(address)
    downloaded = owner.get(f"{address}/refused.csv")

    assert "patients.csv 3 A2 birth_date" in words(report.text)
    assert 'data-filter="#refused"' in report.text
    header, row, *_ = downloaded.data.decode("utf-8-sig").splitlines()
    assert header == "file,line,id,column,reason,fix"
    assert row.startswith("patients.csv,3,A2,birth_date,")
    assert downloaded.headers["Content-Disposition"].endswith('.csv"')
    actions = [one.action for one in audit_rows(program.database)]
    assert actions[-2:] == ["import report viewed", "import report downloaded"]


def test_corrected_and_sent_again_only_the_missing_row_is_new(desk: Desk, program: Program, owner: Browser) -> None:
    sent_in(program, owner, WITH_A_BAD_ROW, do="import")
    corrected = a_zip(patients=as_csv(GOOD["patients.csv"], {**BAD, "birth_date": "1979-05-11"}))

    address = sent_in(program, owner, corrected, do="import").replace("errands", "import")

    assert "patients.csv 2 1 0 1 0" in words(owner.get(address).text)
    assert patients(desk) == 2


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([], "no file was chosen"),
        ([("patients.csv", b"")], "patients.csv is empty"),
        ([("people.csv", b"id\n")], "people.csv is no file of an import"),
        ([("patients.csv", b"id\n"), ("Patients.csv", b"id\n")], "chosen twice"),
        ([("a.zip", a_zip()), ("patients.csv", b"id\n")], "together with other files"),
    ],
)
def test_what_cannot_be_an_import_is_told_at_the_field(
    desk: Desk, owner: Browser, files: list[tuple[str, bytes]], told: str
) -> None:
    answer = send(owner, "/import", *files, do="import")

    assert answer.status_code == 422
    assert told in answer.text
    assert errands(desk) == 0


def test_what_is_no_zip_file_fails_in_words_and_leads_back(program: Program, owner: Browser) -> None:
    address = sent_in(program, owner, b"PK\x03\x04 and then nonsense", do="import")

    page = owner.get(address).text

    assert "cannot be opened" in page
    assert "Ask for it again" in page


def test_a_zip_file_that_leads_out_of_its_folder_writes_nothing(desk: Desk, program: Program, owner: Browser) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../clinic.csv", as_csv(GOOD["clinic.csv"]))

    address = sent_in(program, owner, made.getvalue(), do="import")

    assert "leads out of its folder" in owner.get(address).text
    with desk.database.reading() as db:
        assert db.get(Clinic, 1) is None


def test_the_same_form_sent_twice_is_one_import(desk: Desk, owner: Browser) -> None:
    key = key_in(owner.get("/import").text)

    first, second = (send(owner, "/import", ("c.zip", a_zip()), do="import", form_key=key) for _ in range(2))

    assert first.location == second.location
    assert errands(desk) == 1


def test_a_report_is_that_of_an_import_that_has_ended(desk: Desk, program: Program, owner: Browser) -> None:
    waiting = send(owner, "/import", ("c.zip", a_zip()), do="check").location.replace("errands", "import")
    with desk.database.transaction() as db:
        other = ask(db, ErrandKind.FETCH, {}, desk.cast.ada.id, clock.now())

    assert owner.get(waiting).location == waiting.replace("import", "errands")
    assert owner.get(f"{waiting}/refused.csv").status_code == 422
    assert owner.post(f"{waiting}/bring-in").status_code == 422
    assert owner.get(f"/import/{other.id}").status_code == 422
    assert owner.get("/import/4711").status_code == 404


def test_only_the_owner_imports(desk: Desk, program: Program, owner: Browser) -> None:
    address = sent_in(program, owner, a_zip(), do="check").replace("errands", "import")
    before = contents(desk.database, without="audit_entry")

    for user in (desk.cast.ben, desk.cast.cleo, desk.cast.fay):
        browser = desk.browser(user)
        codes = [browser.get(path).status_code for path in ("/import", address, f"{address}/refused.csv")]
        codes += [browser.post(f"{address}/bring-in").status_code]
        codes += [send(browser, "/import", ("c.zip", a_zip()), do="import").status_code]
        assert codes == [403] * 5

    after = contents(desk.database, without="audit_entry")
    assert {name for name in after if after[name] != before[name]} == {"login"}
