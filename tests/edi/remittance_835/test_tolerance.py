"""What payers send though the guide has it otherwise: all of it is read, and what is wrong is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.findings import Finding
from billing.edi.remittance_835.notes import MOST_OF_A_KIND
from billing.edi.remittance_835.reader import read_835
from billing.errors import Severity
from tests.edi.remittances_on_stage import (
    DECIDED_CLAIM,
    DENIED,
    OTHER_CLAIM,
    REVERSAL_AND_CORRECTION,
    TWO_CLAIMS_LESS_A_RECOVERY,
    copies,
    read_all,
    read_one,
    text_of,
)

TEXT = text_of(TWO_CLAIMS_LESS_A_RECOVERY)
EVERYTHING = text_of(TWO_CLAIMS_LESS_A_RECOVERY, REVERSAL_AND_CORRECTION, DENIED)
WHOLE = (DECIDED_CLAIM, OTHER_CLAIM)


def changed(right: str, wrong: str) -> str:
    """The file with its first ``right`` replaced, which must be there; a segment more or less is counted."""
    assert right in TEXT
    more = wrong.count("~") - right.count("~")
    return TEXT.replace(right, wrong, 1).replace("SE*34*", f"SE*{34 + more}*")


def weighed(source: str | bytes) -> list[tuple[str, Severity]]:
    """Rule and weight of each finding about a file."""
    findings: list[Finding] = []
    read_all(source, findings)
    return [(finding.rule, finding.severity) for finding in findings]


WRITTEN_OTHERWISE = {
    "one long line": TEXT.replace("\n", ""),
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "lines wrapped anywhere": "\n".join(TEXT.replace("\n", "")[at : at + 80] for at in range(0, len(TEXT), 80)),
    "lines end the segments": TEXT.replace("~\n", "\n"),
    "carriage returns end the segments": TEXT.replace("~\n", "\r"),
    "bars and stars": TEXT.replace("*", "|").replace(":", "*"),
    "plus and greater": TEXT.replace("*", "+").replace(":", ">").replace("~", "!"),
    "unprintable separators": TEXT.replace("*", "\x1d").replace(":", "\x1f").replace("~", "\x1c"),
    "a byte order mark": "\ufeff" + TEXT,
    "blank lines around": "\r\n \n" + TEXT + "\n\n\n",
    "blanks before the segments": TEXT.replace("~\n", "~\n   "),
    "zeros after the amounts": TEXT.replace("*150*56*44*", "*150.00*56.*0044.0*"),
}


@pytest.mark.parametrize("way", WRITTEN_OTHERWISE)
def test_the_same_payment_written_otherwise_is_the_same_payment(way: str) -> None:
    payment = read_one(WRITTEN_OTHERWISE[way].encode())

    assert payment.claims == WHOLE
    assert payment.header == TWO_CLAIMS_LESS_A_RECOVERY.header
    assert payment.balance.is_balanced
    assert payment.rules == []


@pytest.mark.parametrize(
    ("source", "rules"),
    [
        (
            TEXT[TEXT.index("GS*") :],
            ["separators.guessed", "interchange.header_missing", "interchange.header_missing"],
        ),
        (
            TEXT[TEXT.index("ST*") :],
            ["separators.guessed", "group.header_missing", "group.header_missing", "interchange.header_missing"],
        ),
        (TEXT[TEXT.index("ST*") : TEXT.index("GE*")], ["separators.guessed", "group.header_missing"]),
        (changed("ST*835*0001~\n", ""), ["transaction.header_missing"]),
        (TEXT[: TEXT.index("GE*")], ["group.trailer_missing", "interchange.trailer_missing"]),
        (TEXT.replace("SE*34*", "SE*33*"), ["transaction.count_wrong"]),
        (TEXT.replace("SE*34*0001", "SE*34*0009"), ["transaction.number_differs"]),
    ],
)
def test_faulty_envelopes_cost_no_claim_and_weigh_little(source: str, rules: list[str]) -> None:
    payment = read_one(source)

    assert payment.claims == WHOLE
    assert payment.balance.is_balanced
    assert weighed(source) == [(rule, Severity.WARN) for rule in rules]


@pytest.mark.parametrize("end", ["SE*", "PLB*", "CLP*MER0000012", "REF*6R*L12", "LX*"])
def test_a_payment_that_is_cut_off_cannot_be_relied_on(end: str) -> None:
    cut_off = TEXT[: TEXT.index(end)]

    payment = read_one(cut_off)

    assert payment.claims[:1] == WHOLE[: len(payment.claims[:1])]
    assert ("transaction.trailer_missing", Severity.BLOCK) in weighed(cut_off)
    assert "transaction.trailer_missing" in payment.rules


def test_a_payment_without_either_end_cannot_be_relied_on() -> None:
    endless = TEXT.replace("ST*835*0001~\n", "").replace("SE*34*0001~\n", "")

    assert ("transaction.trailer_missing", Severity.BLOCK) in weighed(endless)


@pytest.mark.parametrize(
    ("right", "wrong", "rule", "weight"),
    [
        ("*150*56*44*", "*150*56.005*44*", "amount.not_cents", Severity.BLOCK),
        ("CAS*CO*45*50", "CAS*CO*45*50.000", "amount.not_cents", Severity.BLOCK),
        ("CAS*CO*45*50", "CAS*CO*45*5O", "amount.not_cents", Severity.BLOCK),
        ("CAS*CO*45*50", "CAS*CO*45*1,000", "amount.not_cents", Severity.BLOCK),
        ("BPR*I*90*", "BPR*I*ninety*", "amount.not_cents", Severity.BLOCK),
        ("*WO:CED2025999*10~", "*WO:CED2025999*10.001~", "amount.not_cents", Severity.BLOCK),
        ("*150*56*44*", "**56*44*", "amount.missing", Severity.BLOCK),
        ("SVC*HC:97810*150*56*", "SVC*HC:97810*150**", "amount.missing", Severity.WARN),
        ("BPR*I*90*", "BPR*I**", "amount.missing", Severity.BLOCK),
        ("DTM*472*20260302", "DTM*472*19000101", "date.implausible", Severity.BLOCK),
        ("DTM*472*20260302", "DTM*472*29991231", "date.implausible", Severity.BLOCK),
        ("DTM*472*20260302", "DTM*472*20260230", "date.unreadable", Severity.BLOCK),
        ("DTM*472*20260302", "DTM*472*260302", "date.unreadable", Severity.BLOCK),
        ("DTM*232*20260302", "DTM*232*yesterday", "date.unreadable", Severity.BLOCK),
        ("***20260331~", "***00000000~", "date.unreadable", Severity.BLOCK),
        ("***20260331~", "~", "date.missing", Severity.WARN),
        ("CAS*CO*45*50", "CAS**45*50", "segment.unreadable", Severity.BLOCK),
        ("CAS*CO*45*50", "CAS*CO**50", "segment.unreadable", Severity.BLOCK),
        ("CAS*CO*45*50", "CAS*CO*45", "segment.unreadable", Severity.BLOCK),
        ("CAS*CO*45*50", "CAS*CO" + "*45*10*" * 7, "segment.unreadable", Severity.BLOCK),
        ("*20261231*WO:CED2025999*10~", "*20261231*WO:CED2025999*10*L6~", "segment.unreadable", Severity.BLOCK),
        ("*20261231*WO:CED2025999*10~", "*20261231**10~", "segment.unreadable", Severity.BLOCK),
        ("*20261231*WO:CED2025999*10~", "~", "segment.unreadable", Severity.BLOCK),
        ("TRN*1*CK-880012*1930000077~\n", "", "segment.missing", Severity.BLOCK),
        ("TRN*1*CK-880012*1930000077~", "TRN*1~", "segment.unreadable", Severity.BLOCK),
        ("BPR*I*90*C*CHK************20260331~\n", "", "segment.missing", Severity.BLOCK),
        ("PER*BL*PROVIDER SERVICES*TE*5035550100~\n", "", "segment.missing", Severity.WARN),
        ("N1*PE*WILLOW BARK ACUPUNCTURE*XX*1234567893~\n", "", "segment.missing", Severity.WARN),
        ("DTM*405*20260330", "TRN*1*CK-880013*1930000077", "segment.repeated", Severity.BLOCK),
        ("DTM*405*20260330", "CAS*CO*45*50", "segment.unexpected", Severity.BLOCK),
        ("DTM*405*20260330", "ZZZ*1", "segment.unexpected", Severity.WARN),
        ("REF*6R*L11", "HI*BK:M5450", "segment.unexpected", Severity.WARN),
        ("CLP*MER0000011*1*150*56*44*12*CED2026031~\n", "", "segment.unexpected", Severity.BLOCK),
        ("REF*6R*L11", "NM1*82*1*BANKS*CLEO****XX*1679576722", "segment.out_of_order", Severity.WARN),
    ],
)
def test_a_fault_is_found_and_weighed_as_its_money_depends_on_it(
    right: str, wrong: str, rule: str, weight: Severity
) -> None:
    assert (rule, weight) in weighed(changed(right, wrong))


def test_an_amount_that_is_none_is_read_as_zero_and_its_sum_tells() -> None:
    payment = read_one(changed("CAS*CO*45*50", "CAS*CO*45*50.001"))

    assert payment.claims[0].lines[0].adjustments[0].cents == 0
    assert not payment.balance.is_balanced
    assert payment.claims[1] == OTHER_CLAIM


def test_a_day_that_is_none_is_left_out_and_its_line_read() -> None:
    payment = read_one(changed("DTM*472*20260302", "DTM*472*19000101"))

    assert payment.claims[0].lines[0] == DECIDED_CLAIM.lines[0]._replace(service_on=None)


def test_amounts_of_a_line_may_be_left_empty_for_zero() -> None:
    text = changed("SVC*HC:97810*150*56**1", "SVC*HC:97810*150***1").replace("CAS*CO*45*50", "CAS*CO*45*106")
    payment = read_one(text.replace("*150*56*44*", "*150*0*44*").replace("BPR*I*90*", "BPR*I*34*"))

    assert payment.claims[0].lines[0].paid_cents == 0
    assert payment.balance.is_balanced


def test_provider_adjustments_before_the_claims_cost_neither() -> None:
    plb, first = TEXT[TEXT.index("PLB*") : TEXT.index("SE*")], TEXT.index("LX*1")
    early = TEXT.replace(plb, "")[:first] + plb + TEXT.replace(plb, "")[first:]

    payment = read_one(early)

    assert payment.claims == WHOLE
    assert payment.balance.is_balanced
    assert payment.rules == ["segment.out_of_order", "segment.out_of_order"]


def test_a_file_of_three_hundred_and_twelve_interchanges_is_read_to_its_end() -> None:
    separators = [("*", ":", "~"), ("|", "*", "!"), ("+", ">", "~"), ("\x1d", "\x1f", "\x1c")]
    files = []
    for number in range(312):
        element, component, terminator = separators[number % len(separators)]
        own = TEXT.replace("CK-880012", f"CK-{number}").translate(
            {ord("*"): element, ord(":"): component, ord("~"): terminator}
        )
        files.append(own if number % 2 else own.replace("\n", ""))
    findings: list[Finding] = []

    payments = read_all("".join(files).encode(), findings)

    assert [payment.header.trace_number for payment in payments] == [f"CK-{number}" for number in range(312)]
    assert all(payment.claims == WHOLE and payment.balance.is_balanced for payment in payments)
    assert findings == []


def test_one_faulty_payment_does_not_spoil_its_neighbours() -> None:
    faulty = changed("CAS*CO*45*50", "CAS*CO*45*fifty")

    before, wrong, after = read_all(TEXT + faulty + TEXT)

    assert (before.rules, wrong.rules, after.rules) == ([], ["amount.not_cents"], [])
    assert before.claims == after.claims == WHOLE
    assert [payment.balance.is_balanced for payment in (before, wrong, after)] == [True, False, True]


def test_transactions_of_other_kinds_are_passed_over_and_told() -> None:
    other = TEXT.replace("ST*835*", "ST*820*")
    findings: list[Finding] = []

    payments = read_all(other + TEXT, findings)

    assert [payment.claims for payment in payments] == [WHOLE]
    assert [(finding.rule, finding.severity) for finding in findings] == [("transaction.other_kind", Severity.WARN)]


def test_a_fault_that_repeats_is_told_some_times_and_then_counted() -> None:
    text = text_of(copies(MOST_OF_A_KIND + 5)).replace("DTM*472*20260302", "DTM*472*19000101")
    findings: list[Finding] = []

    read_all(text, findings)

    assert len(findings) == MOST_OF_A_KIND + 1
    assert findings[-1].why == "There are 5 more like this about DTM."


def test_no_finding_repeats_what_an_element_says() -> None:
    secret = "XYZZY"
    text = EVERYTHING
    for element in ("FINCH", "CH100200300", "*150*", "20260302", "97810", "CED2026031"):
        text = text.replace(element, f"*{secret}*" if element.startswith("*") else secret)
    findings: list[Finding] = []

    read_all(text, findings)

    assert findings
    assert [finding for finding in findings if secret in finding.why + finding.segment] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xef\xbb\xbf",
        b"\x00\xff\x07\x80" * 999,
        bytes(range(256)) * 40,
        b"%PDF-1.7 no X12 at all",
        b"PK\x03\x04" + b"\x9c" * 5000,
        b"ISA",
        b"ISA*" * 500,
        b"~" * 500,
        TEXT.encode("utf-16"),
    ],
)
def test_what_is_no_payment_gives_none(content: bytes) -> None:
    assert read_all(content) == []


def test_an_empty_transaction_is_a_payment_without_anything() -> None:
    payment = read_one("ST*835*0001~SE*2*0001~")

    assert (payment.header.trace_number, payment.claims, payment.provider_adjustments) == ("", (), ())
    assert "segment.missing" in payment.rules


@pytest.mark.parametrize("length", range(0, len(TEXT), 29))
def test_a_file_cut_off_anywhere_says_no_more_than_the_whole(length: int) -> None:
    findings: list[Finding] = []

    payments = read_all(TEXT[:length].encode(), findings)

    assert len(payments) <= 1
    assert [claim.control_number for payment in payments for claim in payment.claims[:-1]] in ([], ["MER0000011"])
    assert findings or length == 0


def test_a_file_reads_the_same_in_pieces_as_at_once() -> None:
    pieces = (EVERYTHING[start : start + 7].encode() for start in range(0, len(EVERYTHING), 7))

    in_pieces, at_once = read_all(pieces), read_all(EVERYTHING)

    assert [payment[:3] for payment in in_pieces] == [payment[:3] for payment in at_once]


@given(st.data())
def test_no_damage_to_a_file_makes_the_reader_fail(data: st.DataObject) -> None:
    segments = EVERYTHING.split("~\n")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(segments) - 1))
        match data.draw(st.sampled_from(["lose", "double", "swap", "scramble"])):
            case "lose" if len(segments) > 1:
                del segments[place]
            case "double":
                segments.insert(place, segments[place])
            case "swap":
                segments[place], segments[-1] = segments[-1], segments[place]
            case _:
                parts = segments[place].split("*")
                parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.text(max_size=9))
                segments[place] = "*".join(parts)
    findings: list[Finding] = []

    for payment in read_835("~\n".join(segments).encode("utf-8", "replace"), findings):
        claims = list(payment.claims())

        assert payment.balance.claims == len(claims)
        assert [claim.ordinal for claim in claims] == list(range(1, len(claims) + 1))
