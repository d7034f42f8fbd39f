"""Other people's answers (999, 997, 277CA, 277, 271), many of them faulty, are all read.

What some of them say was worked out by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from billing.edi.acknowledgements.answer import Decision, GroupAnswer, SegmentError, SetAnswer
from billing.edi.acknowledgements.judging import acknowledge
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.acknowledgements.writer import encode_999, encode_ta1
from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_status.reader import read_status
from billing.edi.claim_status.status import Level, Statement, Status, StatusReport
from billing.edi.eligibility_271.answer import Rejection, Where
from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.edi.kinds import kind_of
from billing.edi.parties import Person
from billing.edi.segments import Source
from billing.errors import Severity
from tests.edi.answers_on_stage import TO_US, TODAY
from tests.peers.samples import sample, samples

Reader = Callable[[Source, list[Finding]], list[object]]
READERS: dict[str, Reader] = {
    "acknowledgements": lambda source, findings: [*read_acknowledgements(source, findings)],
    "claim status": lambda source, findings: [*read_status(source, findings)],
    "eligibility": lambda source, findings: [*read_271(source, findings)],
}
OF_KIND = {"999": "acknowledgements", "997": "acknowledgements", "277CA": "claim status", "277": "claim status"}
OF_KIND["271"] = "eligibility"


@pytest.mark.parametrize("reader", READERS)
def test_every_sample_of_every_kind_goes_through_every_reader(reader: str) -> None:
    for path in samples():
        findings: list[Finding] = []

        read = READERS[reader](path.read_bytes(), findings)

        kind = path.parent.name
        passed_over = any(finding.rule == "transaction.other_kind" for finding in findings)
        assert bool(read) == (OF_KIND.get(kind) == reader), path.name
        assert passed_over == (OF_KIND.get(kind) != reader), path.name


def test_every_sample_is_known_for_what_it_is() -> None:
    for path in samples():
        assert kind_of(path.read_bytes()) == path.parent.name.rstrip("IP"), path.name


def test_no_answer_in_the_samples_had_to_be_left_out() -> None:
    for path in samples(*OF_KIND):
        findings: list[Finding] = []

        READERS[OF_KIND[path.parent.name]](path.read_bytes(), findings)

        assert [finding for finding in findings if finding.severity is Severity.BLOCK] == [], path.name


def test_every_status_and_every_benefit_row_of_the_samples_is_read() -> None:
    for path in samples("277", "277CA", "271"):
        content = path.read_bytes()

        statements = sum(
            len(report.statements) + sum(len(said) for _, said in report.line_statements)
            for file in read_status(content, [])
            for report in file.reports
        )
        rows = sum(len(answer.benefits) for answer in read_271(content, []))

        assert statements == content.count(b"\nSTC*") + content.count(b"~STC*"), path.name
        assert rows == content.count(b"\nEB*") + content.count(b"~EB*"), path.name


def test_a_sample_reads_the_same_in_pieces_as_at_once() -> None:
    for path in samples(*OF_KIND):
        content, read = path.read_bytes(), READERS[OF_KIND[path.parent.name]]
        pieces = (content[start : start + 100] for start in range(0, len(content), 100))

        assert read(pieces, []) == read(content, []), path.name


def test_every_claim_sample_can_be_acknowledged_and_the_acknowledgement_read() -> None:
    for path in samples("837P", "837I", "837"):
        content = path.read_bytes()
        _, noticed = read_837p(content)
        answers = acknowledge(content, noticed, today=TODAY)
        findings: list[Finding] = []

        if answers.groups:
            read = read_acknowledgements(encode_999(answers.groups, TO_US), findings)
            assert [one.sets for one in read if isinstance(one, GroupAnswer)] == [one.sets for one in answers.groups]
        if answers.interchanges:
            assert len(read_acknowledgements(encode_ta1(answers.interchanges, TO_US), findings)) > 0

        assert findings == [], path.name


def test_of_three_claim_files_one_was_accepted_and_two_were_rejected() -> None:
    content = sample("999", "kputnam__response-to-functional-group-containing-3-837s.edi")

    assert read_acknowledgements(content, []) == [
        GroupAnswer(
            functional_id="HC",
            control_number="17456",
            version="005010X222A2",
            decision=Decision.PARTLY_ACCEPTED,
            sets=(
                SetAnswer("837", "0001", Decision.ACCEPTED),
                SetAnswer("837", "0002", Decision.REJECTED, ("5",), (SegmentError("CLM", 22, "", "8", (("2", "1"),)),)),
                SetAnswer("837", "0003", Decision.REJECTED, ("5",), (SegmentError("REF", 57, "", "3"),)),
            ),
            included=3,
            received=3,
            accepted=1,
            answered_on=date(2008, 5, 3),
            reference="000010216-20213-2870001",
        )
    ]


def test_the_older_acknowledgement_says_the_same_things() -> None:
    content = sample("997", "kputnam__response-to-functional-group-containing-837s.edi")

    (answer,) = read_acknowledgements(content, [])

    assert isinstance(answer, GroupAnswer)
    assert [one.decision for one in answer.sets] == [Decision.ACCEPTED, Decision.REJECTED]
    assert answer.sets[1].errors == (SegmentError("CLM", 22, "", "8", (("1", "1"),)),)


def test_a_claim_that_a_payer_accepted_is_read_with_the_payers_number() -> None:
    (file,) = read_status(sample("277CA", "imsweb__x12_277CA_accepted.txt"), [])

    on = date(2011, 3, 11)
    assert (file.kind, file.reference, file.produced_on) == ("277CA", "000000674", on)
    assert file.reports == (
        StatusReport(Level.RECEIVER, "000000674", (Statement((Status("A1", "20"),), on, "WQ", 12500),)),
        StatusReport(
            Level.CLAIM,
            "5781",
            (Statement((Status("A2", "20"),), on, "WQ", 12500),),
            payer_claim_number="1107000000014420",
        ),
    )


def test_a_claim_that_a_payer_rejected_is_rejected_by_category_though_the_action_says_otherwise() -> None:
    (file,) = read_status(sample("277CA", "imsweb__x12_277CA_rejected.txt"), [])

    claim = file.reports[-1]
    assert (claim.trace_number, claim.payer_claim_number) == ("3920394930203", "1107000000001120")
    assert claim.statements == (Statement((Status("A7", "562", "85"),), date(2011, 3, 11), "WQ", 19914),)


def test_a_status_response_speaks_of_subscribers_dependents_and_lines() -> None:
    (file,) = read_status(sample("277", "kputnam__claim-response.edi"), [])

    assert [(report.trace_number, report.control_number) for report in file.reports] == [
        ("ABCXYZ1", "SM123456"),
        ("ABCXYZ2", "JO234567"),
        ("ABCXYC3", "MA345678"),
    ]
    assert [report.statements[0].statuses[0].category for report in file.reports] == ["P3", "F0", "F2"]
    (line,) = file.reports[2].line_statements
    assert line[1][0].statuses == (Status("F2", "88", "QC"),)


def test_a_clearinghouse_sends_a_chain_of_levels_for_each_claim() -> None:
    (file,) = read_status(sample("277", "imsweb__x12_277_x212.txt"), [])

    assert [report.trace_number for report in file.reports] == [f"000000{number}" for number in range(1, 9)]
    assert {report.statements[0].message for report in file.reports} == {"PAYER ACKNOWLEDGED RECEIPT OF THE CLAIM"}


def test_a_dependents_benefits_are_those_of_the_dependent() -> None:
    name = "kputnam__response-to-generic-request-by-physician-for-patient-_dependent_-eligibility.edi"

    (answer,) = read_271(sample("271", name), [])

    assert answer.subscriber is not None
    assert answer.dependent is not None
    assert answer.subscriber.identity.name == Person("SMITH", "JOHN")
    assert answer.dependent.identity.name == Person("SMITH", "MARY")
    assert answer.dependent.relationship == "19"
    assert [trace.number for trace in answer.traces] == ["93175-012547"]
    assert [(row.information, row.cents, row.in_network) for row in answer.benefits] == [
        ("1", None, ""),
        ("L", None, ""),
        ("1", None, ""),
        ("B", 1000, "Y"),
        ("B", 3000, "N"),
    ]
    assert answer.benefits[3].service_types == ("1", "33", "35", "47", "86", "88", "98", "AL", "MH", "UC")
    assert answer.benefits[3].period == "27"


def test_a_clinic_that_may_not_ask_is_told_so_without_a_person() -> None:
    name = "kputnam__error-response-from-payer-to-clinic-not-eligible-for-inquiries-with-payer.edi"

    (answer,) = read_271(sample("271", name), [])

    assert answer.patient is None
    assert answer.rejections == (Rejection(Where.RECEIVER, "50", "N", True),)
