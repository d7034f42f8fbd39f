"""Papers and kept documents open in the browser's own viewer, drawn when they never were, and are audited."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from billing import clock
from billing.documents.keeping import NewDocument, keep
from billing.documents.models import Document
from billing.invoices.at_desk import take_at_desk
from billing.invoices.models import Paper
from billing.payments.models import PaymentMethod
from billing.sessions.models import BillTo
from billing.wiring import Program
from tests.factories import set_scene
from tests.web.desk import Desk, audit_rows


def a_receipt(desk: Desk) -> Paper:
    """An issued receipt that was never drawn."""
    with desk.database.transaction() as db:
        session = set_scene(db).visit(db, clock.today("America/Los_Angeles"), bill_to=BillTo.SELF)
        return take_at_desk(db, session.id, 165_00, PaymentMethod.CARD, None, at=clock.now()).receipt


def kept(desk: Desk, program: Program, owner: str, name: str, media_type: str, content: bytes) -> int:
    """A kept document's number."""
    sha256 = program.documents.put(content)
    with desk.database.transaction() as db:
        keep(db, [NewDocument(owner, 1, "kind", name, media_type, sha256, len(content))], clock.now())
        return db.scalars(select(Document.id).where(Document.sha256 == sha256)).one()


def documents(desk: Desk) -> int:
    with desk.database.reading() as db:
        return db.scalar(select(func.count()).select_from(Document)) or 0


def is_pdf_in_the_browser(response: TestResponse, name: str) -> bool:
    return (
        response.status_code == 200
        and response.mimetype == "application/pdf"
        and response.headers["Content-Disposition"] == f'inline; filename="{name}"'
        and response.headers["X-Content-Type-Options"] == "nosniff"
        and response.headers["Cache-Control"] == "no-store"
        and response.data.startswith(b"%PDF")
    )


def test_a_paper_is_drawn_at_the_first_look_and_kept(desk: Desk) -> None:
    paper = a_receipt(desk)
    browser = desk.browser(desk.cast.fay)

    first, again = (browser.get(f"/papers/{paper.id}") for _ in range(2))

    assert is_pdf_in_the_browser(first, "RC-000001.pdf")
    assert first.data == again.data
    assert documents(desk) == 1


def test_looking_at_a_paper_is_audited_with_whose_it_is(desk: Desk) -> None:
    paper = a_receipt(desk)

    desk.browser(desk.cast.fay).get(f"/papers/{paper.id}")

    row = audit_rows(desk.database)[-1]
    assert (row.action, row.subject_kind, row.subject_id) == ("paper viewed", "patient", str(paper.patient_id))
    assert row.detail["paper"] == paper.id


def test_the_viewers_policy_lets_it_show_the_document_and_nothing_else(desk: Desk) -> None:
    paper = a_receipt(desk)

    policy = desk.browser(desk.cast.fay).get(f"/papers/{paper.id}").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_kept_document_is_shown_by_its_number(desk: Desk) -> None:
    paper = a_receipt(desk)
    browser = desk.browser(desk.cast.fay)
    browser.get(f"/papers/{paper.id}")

    response = browser.get("/documents/1")

    assert is_pdf_in_the_browser(response, "RC-000001.pdf")
    assert audit_rows(desk.database)[-1].subject_id == str(paper.patient_id)


@pytest.mark.parametrize(
    "name", ['a"; filename="evil.html', "../../secret", "remit\r\nX-Evil: 1.835", "Überweisung für Müller.835", "…"]
)
def test_whatever_is_no_pdf_is_saved_under_a_harmless_name(desk: Desk, program: Program, name: str) -> None:
    number = kept(desk, program, "received_file", name, "text/html", b"<script>alert(1)</script>")

    response = desk.browser(desk.cast.ada).get(f"/documents/{number}")

    assert response.mimetype == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9._-]+"', response.headers["Content-Disposition"])
    assert "X-Evil" not in response.headers


def test_files_exchanged_with_payers_are_not_for_practitioners(desk: Desk, program: Program) -> None:
    number = kept(desk, program, "received_file", "remit.835", "application/edi-x12", b"ISA*")

    by_ben, by_cleo = (desk.browser(who).get(f"/documents/{number}") for who in (desk.cast.ben, desk.cast.cleo))

    assert (by_ben.status_code, by_cleo.status_code) == (403, 200)


def test_a_stranger_sees_no_paper(desk: Desk) -> None:
    paper = a_receipt(desk)

    response = desk.stranger().get(f"/papers/{paper.id}")

    assert response.status_code == 303
    assert documents(desk) == 0


@pytest.mark.parametrize("path", ["/papers/999", "/documents/999"])
def test_what_does_not_exist_is_not_found(desk: Desk, path: str) -> None:
    assert desk.browser(desk.cast.fay).get(path).status_code == 404
