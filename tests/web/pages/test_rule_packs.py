"""Rule packs in the settings, and the test bench."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from billing.coverage.models import RulePack
from billing.coverage.rules.keeping import the_shelf
from billing.coverage.rules.shelf import shipped_texts
from billing.payers.models import Payer, PayerKind
from tests.factories import DAY, Scene, a_physician, set_scene
from tests.web.desk import Browser, Desk, audit_rows
from tests.web.pages.settings_stage import after, error_at, mark_on, send, words

PACKS = "/settings/rule-packs"
MEDICARE = "medicare-ncd-30-3-3"
PLAN = {
    "name": "Aspen Gold 2026", "source": "the plan's booklet of 2026", "valid_from": "2026-01-01", "visits": "12",
    "window": "calendar_year", "conditions": "M54.5, G43", "units": "2", "benefit_after_weeks": "4",
    "needs_authorisation": "yes", "excludes_maintenance": "yes", "stops": "yes",
}  # fmt: skip


@pytest.fixture
def scene(desk: Desk) -> Scene:
    with desk.database.transaction() as db:
        return set_scene(db, PayerKind.MEDICARE, a_physician())


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


def kept(desk: Desk) -> list[RulePack]:
    with desk.database.reading() as db:
        return list(db.scalars(select(RulePack).order_by(RulePack.id)))


def test_what_comes_along_is_listed_with_whom_it_judges(ada: Browser, scene: Scene) -> None:
    page = words(ada.get(PACKS))

    assert f"Medicare {scene.payer.name} From 21 Jan 2020 CMS NCD 30.3.3" in page
    assert "To be checked" in page


def test_a_pack_that_should_have_been_reviewed_is_told(desk: Desk, ada: Browser, scene: Scene) -> None:
    send(ada, f"{PACKS}/new", PACKS, **PLAN)
    path = f"{PACKS}/aspen-gold-2026"
    overdue = re.sub("review_by = .*", "review_by = 2026-03-02", kept(desk)[-1].text)

    made = send(ada, path, path, text=overdue)

    assert made.status_code == 303, words(made)
    assert "1 wait for a review" in words(ada.get(PACKS))


def test_a_short_form_becomes_a_pack_in_force(desk: Desk, ada: Browser, scene: Scene) -> None:
    page = after(ada, send(ada, f"{PACKS}/new", PACKS, **PLAN))

    [row] = kept(desk)
    with desk.database.reading() as db:
        pack = the_shelf(db).packs["aspen-gold-2026"]
    assert [rule.kind.value for rule in pack.latest.rules] == [
        "authorisation", "diagnoses", "visits", "units", "improvement", "maintenance",
    ]  # fmt: skip
    assert (row.version, row.by) == (1, f"user:{desk.cast.ada.id}")
    assert "12 visits" in page
    assert [one.action for one in audit_rows(desk.database) if one.action == "rule pack added"] != []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"), ({"name": "Medicare NCD 30.3.3"}, "name"), ({"source": ""}, "source"),
        ({"valid_from": "soon"}, "valid_from"), ({"visits": "0"}, "visits"), ({"window": "decade"}, "window"),
        ({"conditions": "M54.5 ???"}, "conditions"), ({"payer_kind": "dental"}, "payer_kind"),
    ],
)  # fmt: skip
def test_a_slip_in_the_short_form_is_told_at_its_field(
    desk: Desk, ada: Browser, scene: Scene, changes: dict[str, str], field: str
) -> None:
    answer = send(ada, f"{PACKS}/new", PACKS, **{**PLAN, **changes})

    assert answer.status_code == 422
    assert error_at(answer, field)
    assert kept(desk) == []


def test_a_changed_text_is_in_force_and_the_one_before_is_kept(desk: Desk, ada: Browser, scene: Scene) -> None:
    text = shipped_texts()[MEDICARE].replace("visits = 20", "visits = 24")

    page = after(ada, send(ada, f"{PACKS}/{MEDICARE}", f"{PACKS}/{MEDICARE}", text=text))

    assert "version 1. It stands in place of the one that comes with Meridian" in page
    assert [one.version for one in kept(desk)] == [1]


FORM = f"{PACKS}/aspen-gold-2026/form"
CHANGED = {**{name: value for name, value in PLAN.items() if name != "name"}, "visits": "18"}


def test_a_pack_is_changed_in_the_form_and_keeps_what_the_form_does_not_know(
    desk: Desk, ada: Browser, scene: Scene
) -> None:
    send(ada, f"{PACKS}/new", PACKS, **PLAN)
    path = f"{PACKS}/aspen-gold-2026"
    own = '[[edition.rule]]\nkind = "note"\ntitle = "Telehealth"\nwhy = "Not by telephone."\n'
    send(ada, path, path, text=f"{kept(desk)[-1].text}\n{own}")

    form, page = words(ada.get(FORM)), after(ada, send(ada, FORM, FORM, **CHANGED, review_by="2026-12-01"))

    assert "The form cannot show these rules; they stay as they are" in form
    assert "Telehealth" in form
    assert "18 visits" in page
    assert "review by 1 Dec 2026" in page
    assert [one.version for one in kept(desk)] == [1, 2, 3]
    assert own in kept(desk)[-1].text


def test_a_new_edition_of_a_pack_is_begun_in_the_form(desk: Desk, ada: Browser, scene: Scene) -> None:
    send(ada, f"{PACKS}/new", PACKS, **PLAN)
    later = {**CHANGED, "valid_from": "2027-01-01", "is_new_edition": "yes"}

    page = after(ada, send(ada, FORM, FORM, **later))

    assert "From 1 Jan 2027" in page
    assert "From 1 Jan 2026 to 31 Dec 2026" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visits": "0"}, "visits"), ({"valid_to": "2025-12-31"}, "valid_to"),
        ({"is_new_edition": "yes"}, "valid_from"), ({"source": ""}, "source"),
    ],
)  # fmt: skip
def test_a_slip_in_the_form_of_a_pack_changes_nothing(
    desk: Desk, ada: Browser, scene: Scene, changes: dict[str, str], field: str
) -> None:
    send(ada, f"{PACKS}/new", PACKS, **PLAN)

    answer = send(ada, FORM, FORM, **{**CHANGED, **changes})

    assert answer.status_code == 422
    assert error_at(answer, field)
    assert len(kept(desk)) == 1


def test_the_form_of_a_pack_that_was_changed_meanwhile_does_not_overwrite_it(
    desk: Desk, ada: Browser, scene: Scene
) -> None:
    send(ada, f"{PACKS}/new", PACKS, **PLAN)
    stale = mark_on(ada.get(FORM))
    send(ada, FORM, FORM, **CHANGED)

    answer = ada.post(FORM, **{**CHANGED, "visits": "30", "seen": stale})

    assert answer.status_code == 422
    assert "visits = 18" in kept(desk)[-1].text


def test_a_text_with_a_slip_changes_nothing_and_names_its_line(desk: Desk, ada: Browser, scene: Scene) -> None:
    text = shipped_texts()[MEDICARE].replace("visits = 20", "visit = 20")
    line = text.splitlines().index("visit = 20") + 1

    answer = send(ada, f"{PACKS}/{MEDICARE}", f"{PACKS}/{MEDICARE}", text=text)

    assert answer.status_code == 422
    assert f"Line {line}: 'visit' is no key of this table." in words(answer)
    assert "visit = 20" in answer.text
    assert kept(desk) == []


def test_a_pack_that_was_changed_meanwhile_is_not_overwritten(desk: Desk, ada: Browser, scene: Scene) -> None:
    path = f"{PACKS}/{MEDICARE}"
    old = mark_on(ada.get(path))
    send(ada, path, path, text=shipped_texts()[MEDICARE].replace("visits = 20", "visits = 24"))

    answer = ada.post(path, text=shipped_texts()[MEDICARE], seen=old)

    assert answer.status_code == 422
    assert len(kept(desk)) == 1


def test_ones_own_pack_is_withdrawn(desk: Desk, ada: Browser, scene: Scene) -> None:
    path = f"{PACKS}/{MEDICARE}"
    send(ada, path, path, text=shipped_texts()[MEDICARE].replace("visits = 20", "visits = 24"))

    page = after(ada, ada.post(f"{path}/withdraw"))

    assert "Comes with Meridian" in page
    assert [one.text == "" for one in kept(desk)] == [False, True]
    assert ada.post(f"{path}/withdraw").status_code == 404


def test_a_payer_is_given_its_pack(desk: Desk, ada: Browser, scene: Scene) -> None:
    name = f"pack_{scene.payer.id}"

    after(ada, ada.post(f"{PACKS}/payers", **{name: "commercial-example-a"}))
    refused = ada.post(f"{PACKS}/payers", **{name: "no-such-pack", "pack_999": "self-pay"})

    with desk.database.reading() as db:
        assert db.get_one(Payer, scene.payer.id).rule_pack == "commercial-example-a"
    assert refused.status_code == 422


def test_this_patient_this_day_what_would_it_say(desk: Desk, ada: Browser, scene: Scene) -> None:
    with desk.database.transaction() as db:
        for week in range(12, 0, -1):
            scene.visit(db, DAY - timedelta(weeks=week))

    answer = ada.post(f"{PACKS}/{MEDICARE}/bench", patient="Okoro", day=DAY.isoformat())

    page = words(answer)
    assert answer.status_code == 200
    assert "Eight more for those who improve This is visit 13 since Tue 9 Dec 2025" in page
    assert "Visit 13 of 20 from Tue 9 Dec 2025" in page
    assert "CMS NCD 30.3.3, checked on 20 Nov 2026" in page
    seen = [one for one in audit_rows(desk.database) if one.action == "rule pack tried"]
    assert [(one.subject_kind, one.subject_id) for one in seen] == [("patient", str(scene.patient.id))]


def test_a_text_is_tried_before_it_is_put_in_force(desk: Desk, ada: Browser, scene: Scene) -> None:
    text = shipped_texts()[MEDICARE].replace("visits = 20", "visits = 1")
    with desk.database.transaction() as db:
        scene.visit(db, DAY - timedelta(weeks=1))

    page = words(ada.post(f"{PACKS}/{MEDICARE}/bench", patient="Okoro", day=DAY.isoformat(), text=text))

    assert "Medicare pays 1 until" in page
    assert kept(desk) == []


def test_a_text_that_cannot_be_read_is_not_tried(desk: Desk, ada: Browser, scene: Scene) -> None:
    page = words(ada.post(f"{PACKS}/{MEDICARE}/bench", patient="Okoro", text="key = "))

    assert "The text cannot be read" in page
    assert "Line 1" in page


@pytest.mark.parametrize(("typed", "said"), [("Nobody At All", "Nobody fits Nobody At All"), ("", "Say which patient")])
def test_the_bench_says_when_nobody_is_meant(ada: Browser, scene: Scene, typed: str, said: str) -> None:
    assert said in words(ada.post(f"{PACKS}/{MEDICARE}/bench", patient=typed))


def test_a_pack_there_is_none_of_is_not_found(ada: Browser, scene: Scene) -> None:
    assert ada.get(f"{PACKS}/no-such-pack").status_code == 404
    assert ada.post(f"{PACKS}/no-such-pack/bench", patient="Okoro").status_code == 404
