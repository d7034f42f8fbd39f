"""The search box of every page."""

from __future__ import annotations

import html
import re

import pytest
from werkzeug.test import TestResponse

from billing.access.permissions import Role
from tests.factories import make_adjudication, set_scene
from tests.reports.test_search import filed_claim
from tests.web.desk import Browser, Desk, audit_rows


def in_the_palette(browser: Browser, text: str) -> TestResponse:
    fields = {"q": text, "csrf_token": browser.form_token()}
    return browser.client.post("/search", data=fields, headers={"HX-Request": "true"})


def links(page: str) -> list[tuple[str, str]]:
    """Where each hit leads, and what it says."""
    return [
        (address, " ".join(html.unescape(re.sub(r"<[^>]*>", " ", inside)).split()))
        for address, inside in re.findall(r'<li>\s*<a href="([^"]*)">(.*?)</a>', page, re.DOTALL)
    ]


def test_the_palette_gets_a_list_of_links_and_no_page(desk: Desk) -> None:
    with desk.database.transaction() as db:
        patient = set_scene(db).patient

    answer = in_the_palette(desk.browser(desk.cast.fay), "okro")

    assert "<html" not in answer.text
    assert links(answer.text) == [
        (f"/patients/{patient.id}",
         "Patient: Miri Okoro born 11 May 1979 · (503) 555-0101 · Portland Name spelled nearly so"),
    ]  # fmt: skip


def test_without_a_script_there_is_a_page_with_the_text_in_its_box(desk: Desk) -> None:
    with desk.database.transaction() as db:
        patient = set_scene(db).patient

    answer = desk.browser(desk.cast.fay).post("/search", q="miri ok")

    assert "<html" in answer.text
    assert 'value="miri ok"' in answer.text
    assert [address for address, _ in links(answer.text) if address.startswith("/patients/")][-1:] == [
        f"/patients/{patient.id}"
    ]


def test_a_search_is_audited_without_its_text(desk: Desk) -> None:
    with desk.database.transaction() as db:
        set_scene(db)

    in_the_palette(desk.browser(desk.cast.fay), "okoro")

    row = audit_rows(desk.database)[-1]
    assert row.action == "searched"
    assert "okoro" not in str(row.detail).lower()


@pytest.mark.parametrize("role", list(Role))
def test_claims_are_found_by_those_who_may_see_them(desk: Desk, role: Role) -> None:
    with desk.database.transaction() as db:
        scene = set_scene(db)
        make_adjudication(db, filed_claim(db, scene), {}, payer_claim_number="ICN-55")

    found = in_the_palette(desk.browser(desk.cast.of(role)), "icn-55").text

    assert ("MX00012" in found) is (role is not Role.PRACTITIONER)


def test_nothing_found_is_said_in_both_places(desk: Desk) -> None:
    with desk.database.transaction() as db:
        set_scene(db)
    fay = desk.browser(desk.cast.fay)

    assert "Nothing fits" in in_the_palette(fay, "xyzzy%").text
    assert "Nothing fits what you typed" in fay.post("/search", q="xyzzy%").text


def test_an_empty_box_finds_nothing_and_says_so(desk: Desk) -> None:
    with desk.database.transaction() as db:
        set_scene(db)
    fay = desk.browser(desk.cast.fay)

    assert links(in_the_palette(fay, "  ").text) == []
    assert "Type what you know" in fay.post("/search", q="").text


def test_what_is_typed_is_shown_as_text(desk: Desk) -> None:
    with desk.database.transaction() as db:
        set_scene(db)

    page = desk.browser(desk.cast.fay).post("/search", q='"><script>x</script>').text

    assert "<script>x" not in page
