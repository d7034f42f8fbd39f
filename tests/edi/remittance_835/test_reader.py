"""What is read from payments that are as the guide has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from billing.edi.envelope_writer import Usage
from billing.edi.findings import Finding
from billing.edi.remittance_835.reader import read_835
from billing.edi.remittance_835.remittance import Adjustment, Procedure, ProviderAdjustment
from tests.edi.remittances_on_stage import (
    CHECK,
    DECIDED_CLAIM,
    DENIED,
    OTHER_CLAIM,
    RECOVERY,
    REVERSAL_AND_CORRECTION,
    TWO_CLAIMS_LESS_A_RECOVERY,
    copies,
    file_with,
    read_all,
    read_one,
    text_of,
)

CLP = "CLP*MER0000011*1*150*56*44*12*CED2026031"
NM1 = "NM1*QC*1*FINCH*ROSA****MI*CH100200300"
SVC = "SVC*HC:97810*150*56**1"
CAS = "CAS*CO*45*50"
CAS_OF_PATIENT = "CAS*PR*1*30**2*14"


def test_a_check_for_two_claims_less_a_recovery_is_read_whole() -> None:
    payment = read_one(text_of(TWO_CLAIMS_LESS_A_RECOVERY))

    assert payment.header == CHECK
    assert payment.claims == (DECIDED_CLAIM, OTHER_CLAIM)
    assert payment.provider_adjustments == (RECOVERY,)
    assert payment.balance.is_balanced
    assert payment.rules == []


def test_a_reversal_and_its_correction_are_two_claims_in_the_order_of_the_file() -> None:
    payment = read_one(text_of(REVERSAL_AND_CORRECTION))

    reversal, correction = payment.claims
    assert [(one.ordinal, one.control_number, one.status) for one in payment.claims] == [
        (1, "MER0000011", "22"),
        (2, "MER0000011", "1"),
    ]
    assert (reversal.charge_cents, reversal.paid_cents, reversal.patient_cents) == (-15000, -5600, -4400)
    assert reversal.lines[0].adjustments[0] == Adjustment("CO", "45", -5000)
    assert (correction.paid_cents, correction.interest_cents) == (8600, 125)
    assert payment.balance.is_balanced


def test_a_denial_without_lines_keeps_its_adjustments_at_the_claim() -> None:
    payment = read_one(text_of(DENIED))

    assert (payment.header.method, payment.header.handling, payment.header.paid_cents) == ("NON", "H", 0)
    assert payment.claims[0].adjustments == (Adjustment("CO", "29", 15000),)
    assert payment.claims[0].lines == ()
    assert payment.balance.is_balanced


def test_every_payment_of_a_file_is_read_with_its_own_claims_and_ordinals() -> None:
    payments = read_all(text_of(copies(2), DENIED, TWO_CLAIMS_LESS_A_RECOVERY))

    assert [len(payment.claims) for payment in payments] == [2, 1, 2]
    assert [claim.ordinal for payment in payments for claim in payment.claims] == [1, 2, 1, 1, 2]
    assert [payment.header.trace_number for payment in payments] == ["CK-880012", "NO-17", "CK-880012"]


def test_a_payment_knows_its_envelopes_and_its_place() -> None:
    text = text_of(DENIED, DENIED)

    _, second = read_835(text, [])

    assert second.interchange is not None
    assert (second.interchange.sender_id, second.interchange.usage) == ("CEDAR1", Usage.TEST)
    assert second.group is not None
    assert second.group.version == "005010X221A1"
    assert (second.set_id, second.control_number) == ("835", "0002")
    assert text.split("~\n")[second.position - 1] == "ST*835*0002"


def test_claims_are_handed_out_before_the_rest_of_the_file_is_asked_for() -> None:
    text = text_of(copies(500)).encode()
    given: list[int] = []

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(text), 4096):
            given.append(start)
            yield text[start : start + 4096]

    first = next(next(read_835(pieces(), [])).claims())

    assert first.control_number == "MER0000011"
    assert max(given) < len(text) / 4


def test_asking_for_the_next_payment_reads_the_rest_of_the_one_before() -> None:
    payments = read_835(text_of(TWO_CLAIMS_LESS_A_RECOVERY, DENIED), [])

    first = next(payments)
    next(first.claims())
    next(payments)

    assert first.balance.claims == 2
    assert first.provider_adjustments == [RECOVERY]
    assert first.balance.is_balanced


def test_a_claim_says_where_in_the_file_it_stands() -> None:
    text = file_with("LX*1", CLP, NM1, SVC, CAS, CAS_OF_PATIENT)

    (claim,) = next(read_835(text, [])).claims()

    assert text.split("~\n")[claim.position - 1] == CLP


def test_six_adjustments_go_into_one_segment_with_their_quantities() -> None:
    full = "CAS*PR*1*10*1*2*10**3*10*2*66*10**119*2**137*2"

    (claim,) = read_one(file_with("LX*1", CLP, NM1, SVC, CAS, full)).claims

    assert claim.lines[0].adjustments[1:] == (
        Adjustment("PR", "1", 1000, "1"),
        Adjustment("PR", "2", 1000),
        Adjustment("PR", "3", 1000, "2"),
        Adjustment("PR", "66", 1000),
        Adjustment("PR", "119", 200),
        Adjustment("PR", "137", 200),
    )


def test_every_group_and_every_code_is_kept_as_it_was_sent() -> None:
    adjusted = ["CAS*CO*45*50", "CAS*OA*23*10", "CAS*PI*16*20", "CAS*PR*3*13.5", "CAS*QQ*ZZ99*.5"]

    payment = read_one(file_with("LX*1", CLP, NM1, SVC, *adjusted))

    assert payment.claims[0].lines[0].adjustments == (
        Adjustment("CO", "45", 5000),
        Adjustment("OA", "23", 1000),
        Adjustment("PI", "16", 2000),
        Adjustment("PR", "3", 1350),
        Adjustment("QQ", "ZZ99", 50),
    )
    assert payment.balance.is_balanced
    assert payment.rules == []


def test_every_provider_adjustment_is_read_whichever_way_its_money_goes() -> None:
    sent = ["PLB*1234567893*20261231*WO:CED1*10*L6*-1.25*72:CED2*3", "PLB*1679576722*20261231*FB:OLD*-2*CS*4*AP:A*5"]

    payment = read_one(file_with("LX*1", CLP, NM1, SVC, CAS, CAS_OF_PATIENT, *sent, paid="37.25"))

    assert payment.provider_adjustments == (
        ProviderAdjustment("1234567893", "WO", "CED1", 1000),
        ProviderAdjustment("1234567893", "L6", "", -125),
        ProviderAdjustment("1234567893", "72", "CED2", 300),
        ProviderAdjustment("1679576722", "FB", "OLD", -200),
        ProviderAdjustment("1679576722", "CS", "", 400),
        ProviderAdjustment("1679576722", "AP", "A", 500),
    )
    assert payment.balance.is_balanced


def test_a_changed_procedure_is_read_beside_the_one_that_was_billed() -> None:
    changed = "SVC*HC:97810:GP:59*150*56**1*HC:97813:GP*2"

    (claim,) = read_one(file_with("LX*1", CLP, NM1, changed, CAS, CAS_OF_PATIENT)).claims

    assert claim.lines[0].procedure == Procedure("HC", "97810", ("GP", "59"))
    assert claim.lines[0].submitted == Procedure("HC", "97813", ("GP",))


def test_a_line_of_several_days_begins_and_ends() -> None:
    days = ["DTM*150*20260302", "DTM*151*20260304"]

    (claim,) = read_one(file_with("LX*1", CLP, NM1, SVC, *days, CAS, CAS_OF_PATIENT)).claims

    assert (claim.lines[0].service_on, claim.lines[0].service_through) == (date(2026, 3, 2), date(2026, 3, 4))


def test_remarks_are_read_from_the_claim_and_from_its_lines() -> None:
    said = ["MIA*0****MA07***************N1*N2", "MOA***MA01*MA18", SVC, CAS, CAS_OF_PATIENT, "LQ*HE*N19", "LQ*RX*99"]

    (claim,) = read_one(file_with("LX*1", CLP, NM1, *said)).claims

    assert claim.remarks == ("MA07", "N1", "N2", "MA01", "MA18")
    assert claim.lines[0].remarks == ("N19",)


def test_the_member_number_is_the_patients_or_else_the_insureds() -> None:
    without = "NM1*QC*1*FINCH*ROSA"
    insured = "NM1*IL*1*FINCH*PAUL****MI*CH777"

    (of_patient,) = read_one(file_with("LX*1", CLP, NM1, insured, SVC, CAS, CAS_OF_PATIENT)).claims
    (of_insured,) = read_one(file_with("LX*1", CLP, without, insured, SVC, CAS, CAS_OF_PATIENT)).claims

    assert of_patient.patient_identifier == "CH100200300"
    assert (of_insured.patient_identifier, of_insured.patient_first_name) == ("CH777", "ROSA")


def test_the_payer_that_a_claim_was_passed_on_to_is_read() -> None:
    forwarded = CLP.replace("*1*150", "*19*150")

    (claim,) = read_one(
        file_with("LX*1", forwarded, NM1, "NM1*TT*2*MAPLE MUTUAL*****PI*MAPLE", SVC, CAS, CAS_OF_PATIENT)
    ).claims

    assert (claim.status, claim.forwarded_to) == ("19", "MAPLE MUTUAL")


def test_the_identifier_in_the_payers_name_comes_before_the_one_below_it() -> None:
    text = text_of(DENIED)

    assert read_one(text.replace("N1*PR*CEDAR HEALTH PLAN", "N1*PR*CEDAR HEALTH PLAN*XV*77")).header == (
        DENIED.header._replace(payer_identifier="77")
    )


def test_what_is_lawful_and_not_needed_is_no_finding() -> None:
    head = text_of(DENIED).replace("N1*PE", "PER*CX**TE*8005550100~\nPER*IC**UR*CEDAR.EXAMPLE~\nN1*PE")
    text = head.replace("LX*1", "LX*1~\nTS3*1234567893*11*20261231*1*150").replace("SE*16", "SE*19")
    findings: list[Finding] = []

    read_all(text, findings)

    assert findings == []


def test_a_claim_of_the_next_header_number_is_one_more_claim_of_the_payment() -> None:
    claim = (CLP, NM1, SVC, CAS, CAS_OF_PATIENT)

    payment = read_one(file_with("LX*1", *claim, "LX*2", *claim, paid="112"))

    assert [one.ordinal for one in payment.claims] == [1, 2]
    assert payment.balance.is_balanced
