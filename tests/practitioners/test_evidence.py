"""Documents that prove credentials."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.database import Database
from billing.documents.models import Document
from billing.errors import NotFound, Refused
from billing.practitioners.evidence import Evidence, Proof, add_evidence, evidence_of, kind_of, proof
from tests.factories import DAY, NOW, a_credential, a_practitioner, make_credential, make_practitioner

SCAN = Evidence("ab" * 32, 1234, "application/pdf", "pdf")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 ...", ("application/pdf", "pdf")),
        (b"\x89PNG\r\n\x1a\n...", ("image/png", "png")),
        (b"\xff\xd8\xff\xe0...", ("image/jpeg", "jpg")),
    ],
)
def test_a_pdf_or_a_picture_is_told_by_its_beginning(content: bytes, kind: tuple[str, str]) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize("content", [b"<html>", b"", b"MZ", b" %PDF-"])
def test_anything_else_is_refused_at_its_field(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        kind_of(content)

    assert [one.where for one in refused.value.problems] == ["field:file"]


def test_each_further_document_is_a_version_and_none_is_lost(database: Database) -> None:
    with database.transaction() as db:
        licence = make_credential(db, make_practitioner(db))
        add_evidence(db, licence.id, SCAN, NOW)
        add_evidence(db, licence.id, Evidence("cd" * 32, 99, "image/png", "png"), NOW + timedelta(minutes=1))

    with database.reading() as db:
        kept = evidence_of(db, [licence])
        assert [(one.version, one.file_name) for one in kept] == [
            (2, f"licence-{licence.id}-2.png"),
            (1, f"licence-{licence.id}-1.pdf"),
        ]


def test_what_is_not_there_is_not_proven(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db, pytest.raises(NotFound):
        add_evidence(db, 999, SCAN, NOW)


def test_evidence_of_an_earlier_term_only_is_told_from_none() -> None:
    ben = a_practitioner(id=1)
    old, new = a_credential(ben, id=5), a_credential(ben, id=6)
    scans = {number: Document(owner_kind="credential", owner_id=number) for number in (5, 6)}

    assert proof(new, [old, new], [], DAY) is Proof.MISSING
    assert proof(new, [old, new], [scans[5]], DAY) is Proof.OF_AN_EARLIER_TERM
    assert proof(new, [old, new], [scans[5], scans[6]], DAY) is Proof.KEPT


def test_evidence_of_a_term_that_is_over_proves_nothing_of_the_day() -> None:
    licence = a_credential(a_practitioner(id=1), id=5, valid_to=DAY)
    scan = Document(owner_kind="credential", owner_id=5)

    assert proof(licence, [licence], [scan], DAY) is Proof.KEPT
    assert proof(licence, [licence], [scan], DAY + timedelta(days=1)) is Proof.OF_AN_EARLIER_TERM
