"""Code sets in the settings: seen, loaded from the publisher's file, and what they change told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from billing import clock
from billing.codes.diagnoses import billable_codes
from billing.codes.sets import shelf as sets
from billing.operations.models import Errand, ErrandState
from billing.wiring import Program
from tests.codes.published import AT, BEFORE, CAPS_HEAD, caps_known, order_file, zipped
from tests.factories import Scene, set_scene
from tests.web.desk import Browser, Desk, audit_rows, do_what_is_due
from tests.web.pages.settings_stage import words
from tests.web.pages.uploads import key_in, send

SETS = "/settings/code-sets"
NEXT_YEAR = (billable_codes(BEFORE) - {"M5450"}) | {"M5455"}
YEAR = ("2027-code-descriptions.zip", zipped(icd10cm_order_2027__txt=order_file(NEXT_YEAR)))
CAPS = ("MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", (CAPS_HEAD + caps_known(c97811=3)).encode())


@pytest.fixture(autouse=True)
def _in_autumn() -> Iterator[None]:
    with clock.stopped_at(AT):
        yield
    sets.use(None)


@pytest.fixture
def scene(desk: Desk) -> Scene:
    with desk.database.transaction() as db:
        return set_scene(db)


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


def errands(desk: Desk) -> list[Errand]:
    with desk.database.reading() as db:
        return list(db.query(Errand).order_by(Errand.id))


def load(program: Program, browser: Browser, file: tuple[str, bytes], **fields: str) -> str:
    """Send a file in, have it loaded, and say what the errand's page tells."""
    answer = send(browser, SETS, file, **fields)
    assert answer.status_code == 303, words(answer)
    do_what_is_due(program)
    return words(browser.get(answer.location))


def test_what_comes_along_is_shown_with_what_is_overdue(ada: Browser, scene: Scene) -> None:
    page = words(ada.get(SETS))

    assert "ICD-10-CM of FY2027 began on 1 October 2026 and is not loaded; what counts is that of April 2026." in page
    assert "Load the publisher's file under Load an edition." in page
    assert "Load it in Settings" not in page
    assert "ICD-10-CM April 2026 Overdue As it comes along, every code Meridian" in page
    assert "Of the pair edits only those are kept whose two codes" in page


def test_code_sets_are_among_the_settings(ada: Browser, scene: Scene) -> None:
    assert re.search(r'aria-current="page">(?:(?!</a>).)*Settings', ada.get(SETS).text, re.DOTALL)


def test_a_loaded_year_is_in_force_and_its_changes_are_told(
    desk: Desk, program: Program, ada: Browser, scene: Scene
) -> None:
    with desk.database.transaction() as db:
        session = scene.visit(db, date(2026, 10, 6), diagnoses=["M54.50"])

    said = load(program, ada, YEAR, kind="icd10cm")

    assert "ICD-10-CM of fiscal year 2027 is loaded: 74,719 of 74,719 rows kept" in said
    assert "Ended M54.50" in said
    assert f"{scene.patient.last_name}, {scene.patient.first_name}, Tue 6 Oct 2026 Diagnosis: not billable" in said
    assert f'href="/sessions/{session.id}"' in ada.get(f"/errands/{errands(desk)[-1].id}").text
    assert "ICD-10-CM Fiscal year 2027 1 Oct 2026 2027-code-descriptions.zip 74,719" in words(ada.get(SETS))


def test_the_page_of_a_kind_tells_what_each_edition_changed(program: Program, ada: Browser, scene: Scene) -> None:
    load(program, ada, CAPS, kind="mue")

    page = words(ada.get(f"{SETS}/mue"))

    assert "In force today: the fourth quarter of 2026" in page
    assert "by Ada" in page
    assert "97811 Changed 2 a day 3 a day" in page
    assert "0 added, 0 ended, 1 changed" in page


def test_a_kind_of_which_nothing_was_loaded_says_what_counts(ada: Browser, scene: Scene) -> None:
    assert "No edition was loaded" in words(ada.get(f"{SETS}/ncci-ptp"))
    assert ada.get(f"{SETS}/nonsense").status_code == 404


def test_a_file_that_is_refused_is_told_with_its_lines_and_changes_nothing(
    desk: Desk, program: Program, ada: Browser, scene: Scene
) -> None:
    file = (CAPS[0], CAPS[1] + b"97810,none,3 x,y\n")

    said = load(program, ada, file, kind="mue")

    assert "nothing of it was taken" in said
    assert "line 44: 'none' is no number of units." in said
    assert errands(desk)[-1].state is ErrandState.FAILED
    assert "Unit caps The third quarter of 2024" in words(ada.get(SETS))


def test_a_file_of_another_kind_is_told_what_it_is(program: Program, ada: Browser, scene: Scene) -> None:
    assert "it looks like a file of Unit caps" in load(program, ada, CAPS, kind="icd10cm")


def test_a_name_that_tells_no_edition_needs_a_day(program: Program, ada: Browser, scene: Scene) -> None:
    without = load(program, ada, ("caps.csv", CAPS[1]), kind="mue")
    with_day = load(program, ada, ("caps.csv", CAPS[1]), kind="mue", **{"from": "2026-10-01"})

    assert "does not tell which edition it is" in without
    assert "rows kept, for sessions from 1 October 2026 on." in with_day


def test_the_same_files_again_change_nothing(program: Program, ada: Browser, scene: Scene) -> None:
    load(program, ada, CAPS, kind="mue")

    assert "Nothing was changed" in load(program, ada, CAPS, kind="mue")


@pytest.mark.parametrize("kind", ["", "nonsense", "ICD10CM"])
def test_without_a_kind_or_a_file_nothing_is_asked_for(desk: Desk, ada: Browser, scene: Scene, kind: str) -> None:
    assert send(ada, SETS, CAPS, kind=kind).status_code == 422
    assert send(ada, SETS, kind="mue").status_code == 422
    assert errands(desk) == []


def test_a_form_sent_twice_asks_once(desk: Desk, ada: Browser, scene: Scene) -> None:
    key = key_in(ada.get(SETS).text)

    first = send(ada, SETS, CAPS, kind="mue", form_key=key)
    second = send(ada, SETS, CAPS, kind="mue", form_key=key)

    assert (first.location, len(errands(desk))) == (second.location, 1)


def test_who_sent_a_set_is_in_the_audit_trail(desk: Desk, program: Program, ada: Browser, scene: Scene) -> None:
    load(program, ada, CAPS, kind="mue")

    actions = [one.action for one in audit_rows(desk.database)]
    assert "code set sent" in actions
    assert "code set loaded" in actions


@pytest.mark.parametrize("person", ["ben", "cleo", "fay"])
def test_only_an_owner_loads_code_sets(desk: Desk, scene: Scene, person: str) -> None:
    browser = desk.browser(getattr(desk.cast, person))

    assert browser.get(SETS).status_code == 403
    assert send(browser, SETS, CAPS, kind="mue").status_code == 403
    assert errands(desk) == []
