"""Who supervises whom, at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from billing import clock
from billing.practitioners.models import Practitioner, Supervision
from tests.factories import Scene, make_physician, set_scene
from tests.web.desk import Browser, Desk
from tests.web.pages.claims_stage import NOW
from tests.web.pages.settings_stage import after, error_at, mark_on, send, words


@pytest.fixture(autouse=True)
def april(noon: None) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


@pytest.fixture
def people(desk: Desk) -> tuple[Scene, Practitioner]:
    with desk.database.transaction() as db:
        return set_scene(db), make_physician(db)


def kept(desk: Desk) -> list[Supervision]:
    with desk.database.reading() as db:
        return list(db.scalars(select(Supervision)))


def test_a_supervision_is_entered_shown_and_attested(
    desk: Desk, ada: Browser, people: tuple[Scene, Practitioner]
) -> None:
    scene, ida = people
    form = f"/settings/people/{scene.practitioner.id}/supervision/new"
    to = f"/settings/people/{scene.practitioner.id}/supervision"

    page = after(ada, send(ada, form, to, supervisor=str(ida.id), payer="", starts_on="2026-01-01"))
    edit = f"/settings/supervision/{kept(desk)[0].id}"
    later = after(ada, send(
        ada, edit, edit, supervisor=str(ida.id), payer=str(scene.payer.id), starts_on="2026-01-01",
        attested_on="2026-01-05",
    ))  # fmt: skip

    assert "Ida Moreau Every payer that asks for it 1 Jan 2026 goes on Not attested" in page
    assert f"Ida Moreau {scene.payer.name} 1 Jan 2026 goes on 5 Jan 2026" in later
    assert [one.attested_on for one in kept(desk)] == [date(2026, 1, 5)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"supervisor": "999"}, "supervisor"),
        ({"supervisor": "own"}, "supervisor"),
        ({"payer": "999"}, "payer"),
        ({"starts_on": ""}, "starts_on"),
        ({"ends_on": "2025-01-01"}, "ends_on"),
        ({"attested_on": "2026-12-31"}, "attested_on"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    desk: Desk, ada: Browser, people: tuple[Scene, Practitioner], changes: dict[str, str], field: str
) -> None:
    scene, ida = people
    own = str(scene.practitioner.id)
    fields = {"supervisor": str(ida.id), "payer": "", "starts_on": "2026-01-01", **changes}
    fields = {name: own if value == "own" else value for name, value in fields.items()}

    answer = send(ada, f"/settings/people/{own}/supervision/new", f"/settings/people/{own}/supervision", **fields)

    assert answer.status_code == 422
    assert error_at(answer, field)
    assert kept(desk) == []


def test_a_supervision_changed_meanwhile_is_not_overwritten(
    desk: Desk, ada: Browser, people: tuple[Scene, Practitioner]
) -> None:
    scene, ida = people
    own = scene.practitioner.id
    fields = {"supervisor": str(ida.id), "payer": "", "starts_on": "2026-01-01"}
    send(ada, f"/settings/people/{own}/supervision/new", f"/settings/people/{own}/supervision", **fields)
    edit = f"/settings/supervision/{kept(desk)[0].id}"
    mark = mark_on(ada.get(edit))
    send(ada, edit, edit, **{**fields, "attested_on": "2026-01-05"})

    answer = ada.post(edit, **fields, seen=mark)

    assert answer.status_code == 422
    assert [one.attested_on for one in kept(desk)] == [date(2026, 1, 5)]


def test_where_nobody_else_treats_the_form_says_what_to_do(desk: Desk, ada: Browser) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)

    page = words(ada.get(f"/settings/people/{scene.practitioner.id}/supervision/new"))

    assert "Nobody else treats here yet" in page


def test_what_is_not_there_is_not_found(desk: Desk, ada: Browser, people: tuple[Scene, Practitioner]) -> None:
    for path in ("/settings/people/999/supervision/new", "/settings/supervision/999"):
        assert ada.get(path).status_code == 404
    for path in ("/settings/people/999/supervision", "/settings/supervision/999"):
        assert ada.post(path, supervisor="1", starts_on="2026-01-01").status_code == 404
