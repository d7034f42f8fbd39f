from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer, SegmentError, SetAnswer
from billing.edi.acknowledgements.judging import MOST_ERRORS, acknowledge, reply_envelope
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.acknowledgements.writer import encode_999, encode_ta1
from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.envelope_writer import Usage
from billing.edi.findings import Finding
from billing.errors import Severity
from tests.edi.answers_on_stage import PARTLY, TO_US, TODAY
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, batch_of

SOUND = encode_837p(batch_of(BACK_PAIN), replace(ENVELOPE, acknowledgement_requested=True)).decode()
BEGIN, TRAILER = SOUND.index("ST*"), SOUND.index("GE*")
ONE_SET = SOUND[BEGIN:TRAILER]
OTHER_SET = ONE_SET.replace("*0001", "*0002")
VERSION = "005010X222A1"


def with_sets(*sets: str) -> str:
    """The file with these transaction sets in its group."""
    return SOUND[:BEGIN] + "".join(sets) + SOUND[TRAILER:].replace("GE*1", f"GE*{len(sets)}")


def judged(text: str) -> tuple[list[InterchangeAnswer], list[GroupAnswer]]:
    """What a claim file is answered by someone who reads it as we do."""
    _, findings = read_837p(text)
    answers = acknowledge(text, findings, today=TODAY)
    return answers.interchanges, answers.groups


def the_group(text: str) -> GroupAnswer:
    (group,) = judged(text)[1]
    return group


def the_set(text: str) -> SetAnswer:
    (one,) = the_group(text).sets
    return one


def test_a_sound_file_is_accepted() -> None:
    interchanges, groups = judged(SOUND)

    assert interchanges == [InterchangeAnswer("000000042", Decision.ACCEPTED, "000", TODAY, "", "260331", "1705")]
    assert groups == [
        GroupAnswer(
            functional_id="HC",
            control_number="42",
            version=VERSION,
            decision=Decision.ACCEPTED,
            sets=(SetAnswer("837", "0001", Decision.ACCEPTED, version=VERSION),),
            included=1,
            received=1,
            accepted=1,
            answered_on=TODAY,
            reference="",
        )
    ]


def test_a_ta1_is_made_only_where_it_was_asked_for() -> None:
    asked = SOUND
    unasked = encode_837p(batch_of(BACK_PAIN), ENVELOPE).decode()

    interchanges, groups = judged(asked + unasked)

    assert len(interchanges) == 1
    assert len(groups) == 2


@pytest.mark.parametrize(
    ("right", "wrong", "codes"),
    [
        ("SE*34*0001", "SE*33*0001", ("4",)),
        ("SE*34*0001", "SE*34*0009", ("3",)),
        ("SE*34*0001", "SE*33*0009", ("4", "3")),
    ],
)
def test_a_wrong_trailer_is_an_error_but_what_was_read_is_accepted(
    right: str, wrong: str, codes: tuple[str, ...]
) -> None:
    group = the_group(SOUND.replace(right, wrong))

    assert group.decision is Decision.ACCEPTED_WITH_ERRORS
    assert group.accepted == 1
    assert group.sets == (SetAnswer("837", "0001", Decision.ACCEPTED_WITH_ERRORS, codes, (), VERSION),)


def test_a_set_without_its_trailer_is_rejected() -> None:
    group = the_group(SOUND.replace("SE*34*0001~\n", ""))

    assert (group.decision, group.accepted) == (Decision.REJECTED, 0)
    assert [one.codes for one in group.sets] == [("2", "5")]
    assert [one.errors for one in group.sets] == [(SegmentError("SE", 1, "", "3"),)]


def test_of_two_sets_the_faulty_one_alone_is_rejected() -> None:
    group = the_group(with_sets(ONE_SET, OTHER_SET.replace("CLM*", "CLM*" + "9" * 40)))

    assert [one.decision for one in group.sets] == [Decision.ACCEPTED, Decision.REJECTED]
    assert (group.decision, group.included, group.received, group.accepted) == (Decision.PARTLY_ACCEPTED, 2, 2, 1)


def test_a_number_used_twice_is_told_at_the_second_set() -> None:
    group = the_group(with_sets(ONE_SET, ONE_SET))

    assert [one.codes for one in group.sets] == [(), ("23",)]


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("CLM*", "CLM*" + "9" * 40, SegmentError("CLM", 22, "", "8", (("1", "I12"),))),
        ("SV1*HC:97810*", "SV1*QQ:97810*", SegmentError("SV1", 27, "", "8", (("1:1", "7"),))),
        ("BHT*0019*00*BATCH-7", "BHT*0019*00*", SegmentError("BHT", 2, "", "8", (("3", "1"),))),
        ("SBR*P*18*", "SBR*P*18*LONG*NAME*12*X*", SegmentError("SBR", 14, "", "8", (("6", "I10"), ("7", "I10")))),
        ("HI*", "QQ*1~\nHI*", SegmentError("QQ", 23, "", "2")),
        ("N3*14 ALDER STREET*SUITE 2~\n", "", SegmentError("N3", 8, "", "3")),
        ("N4*MEDFORD", "N3*TWICE~\nN4*MEDFORD", SegmentError("N3", 17, "", "5")),
    ],
)
def test_each_fault_is_named_with_its_segment_its_place_and_its_element(
    right: str, wrong: str, expected: SegmentError
) -> None:
    answer = the_set(SOUND.replace(right, wrong, 1))

    assert answer.decision is Decision.REJECTED
    assert answer.codes[-1] == "5"
    assert expected in answer.errors


def test_a_missing_loop_is_named_by_the_segment_at_which_it_was_missed() -> None:
    begin, end = SOUND.index("NM1*40"), SOUND.index("HL*1")

    answer = the_set(SOUND[:begin] + SOUND[end:])

    assert SegmentError("ST", 1, "", "I7") in answer.errors


def test_a_segment_in_the_wrong_order_is_named_so() -> None:
    street, town = "N3*14 ALDER STREET*SUITE 2~\n", "N4*ASHLAND*OR*975201234~\n"

    answer = the_set(SOUND.replace(street + town, town + street))

    assert answer.decision is Decision.ACCEPTED_WITH_ERRORS
    assert answer.errors == (SegmentError("N3", 10, "", "7"),)


def test_a_code_that_could_be_read_as_another_is_an_error_of_the_segment() -> None:
    answer = the_set(SOUND.replace(":B:1*", ":B:6*", 1))

    assert answer.decision is Decision.ACCEPTED_WITH_ERRORS
    assert answer.errors == (SegmentError("CLM", 22, "", "8"),)


def test_faults_without_end_are_told_only_so_far() -> None:
    answer = the_set(SOUND.replace("HI*", "QQ*1~\n" * 300 + "HI*"))

    assert len(answer.errors) == MOST_ERRORS


def test_a_set_of_another_kind_is_not_supported() -> None:
    group = the_group(with_sets(ONE_SET, OTHER_SET.replace("ST*837", "ST*999")))

    assert [(one.decision, one.codes) for one in group.sets] == [
        (Decision.ACCEPTED, ()),
        (Decision.REJECTED, ("1",)),
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "codes"),
    [
        ("GE*1*42", "GE*9*42", ("5",)),
        ("GE*1*42", "GE*1*43", ("4",)),
        ("GE*1*42~\n", "", ("3",)),
    ],
)
def test_a_wrong_end_of_a_group_is_an_error_of_the_group_alone(right: str, wrong: str, codes: tuple[str, ...]) -> None:
    group = the_group(SOUND.replace(right, wrong))

    assert (group.decision, group.codes) == (Decision.ACCEPTED_WITH_ERRORS, codes)
    assert [one.decision for one in group.sets] == [Decision.ACCEPTED]


def test_the_count_of_the_group_is_repeated_as_it_was_sent() -> None:
    group = the_group(SOUND.replace("GE*1*42", "GE*9*42"))

    assert (group.included, group.received, group.accepted) == (9, 1, 1)


def test_a_group_without_any_set_is_rejected() -> None:
    group = the_group(with_sets())

    assert (group.decision, group.sets, group.received) == (Decision.REJECTED, (), 0)


def test_a_group_number_used_twice_is_told_at_the_second_group() -> None:
    group = SOUND[SOUND.index("GS*") : SOUND.index("IEA*")]

    groups = judged(SOUND.replace("IEA*1", f"{group}IEA*2"))[1]

    assert [one.codes for one in groups] == [(), ("19",)]


@pytest.mark.parametrize(
    ("right", "wrong", "note"),
    [
        ("IEA*1*000000042", "IEA*1*000000043", "001"),
        ("IEA*1*000000042", "IEA*7*000000042", "021"),
        ("IEA*1*000000042~\n", "", "023"),
        ("*ZZ*PINE99         *", "*ZZ*PINE99 *", "022"),
    ],
)
def test_a_fault_of_the_interchange_is_noted_in_its_ta1(right: str, wrong: str, note: str) -> None:
    interchanges, groups = judged(SOUND.replace(right, wrong))

    assert [(one.decision, one.note) for one in interchanges] == [(Decision.ACCEPTED_WITH_ERRORS, note)]
    assert [group.decision for group in groups] == [Decision.ACCEPTED]


def test_acknowledgements_are_never_acknowledged() -> None:
    asking = replace(TO_US, acknowledgement_requested=True)
    group, ta1 = encode_999([PARTLY], asking), encode_ta1(judged(SOUND)[0], asking)

    assert acknowledge(group, [], today=TODAY).groups == []
    assert acknowledge(ta1, [], today=TODAY).replies == ()


@pytest.mark.parametrize("content", ["", "no X12 at all", "ST*837*0001~SE*2*0001~", "GS*HC*A*B~", "GE*1*1~IEA*1*1~"])
def test_what_has_no_envelope_to_answer_is_not_answered(content: str) -> None:
    assert judged(content) == ([], [])


def test_what_is_written_about_a_faulty_file_is_itself_without_fault() -> None:
    faulty = SOUND.replace("*0001", "*1^\u00e92").replace("GE*1", "GE*X").replace("N4*ASHLAND", "N9*ASHLAND")
    interchanges, groups = judged(faulty)
    findings: list[Finding] = []

    read = read_acknowledgements(encode_999(groups, TO_US), findings)
    read += read_acknowledgements(encode_ta1(interchanges, TO_US), findings)

    assert [replace(answer, reference="") for answer in read] == [*groups, *interchanges]
    assert findings == []


def test_a_set_without_a_number_is_counted_but_cannot_be_named() -> None:
    group = the_group(with_sets(ONE_SET, OTHER_SET.replace("*0002", "*")))

    assert [one.control_number for one in group.sets] == ["0001"]
    assert (group.decision, group.received, group.accepted) == (Decision.PARTLY_ACCEPTED, 2, 1)


def test_findings_of_no_weight_and_of_the_file_as_a_whole_change_nothing() -> None:
    findings = [
        Finding("segment.not_carried", Severity.INFO, "CR2 has no place.", 5, "CR2"),
        Finding("text.not_utf8", Severity.WARN, "The file is not UTF-8."),
    ]

    assert [one.decision for one in acknowledge(SOUND, findings, today=TODAY).groups] == [Decision.ACCEPTED]


def test_an_answer_goes_back_to_where_the_file_came_from() -> None:
    reply = acknowledge(SOUND, [], today=TODAY).replies[1]
    assert reply.interchange is not None

    envelope = reply_envelope(reply.interchange, reply.group, 501, TO_US.created_at, Usage.TEST)

    assert (envelope.sender_id, envelope.receiver_id) == ("PINE99", "WB0001")
    assert (envelope.application_sender, envelope.application_receiver) == ("PINE99", "WB0001")
    assert (envelope.interchange_number, envelope.group_number) == (501, 501)
    assert not envelope.acknowledgement_requested
    (read,) = read_acknowledgements(encode_999([PARTLY], envelope), [])
    assert read == replace(PARTLY, reference="000000501-501-0001", answered_on=date(2026, 4, 1))


def test_the_replies_of_several_interchanges_go_to_their_own_senders() -> None:
    theirs = SOUND.replace("WB0001         ", "OTHER1         ")

    replies = acknowledge(SOUND + theirs, [], today=TODAY).replies

    assert [reply.interchange.sender_id for reply in replies if reply.interchange] == ["WB0001"] * 2 + ["OTHER1"] * 2


def test_a_file_that_names_no_sender_cannot_be_answered() -> None:
    reply = acknowledge(SOUND.replace("WB0001         ", " " * 15), [], today=TODAY).replies[0]
    assert reply.interchange is not None

    with pytest.raises(ValueError, match="2 to 15"):
        reply_envelope(reply.interchange, reply.group, 1, TO_US.created_at, Usage.TEST)
