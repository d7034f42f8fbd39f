"""From rows to facts: the one chosen, why, and what is said of the others. Nothing is guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.coverage.eligibility.reading.comparing import changes
from billing.coverage.eligibility.reading.facts import (
    READING,
    ROWS,
    UNLIMITED,
    Circumstances,
    FactKind,
    NoteKind,
)
from billing.coverage.eligibility.reading.reading import reading_of
from billing.coverage.eligibility.reading.shares import basis_points_of
from billing.coverage.eligibility.reading.wording import TITLES, row_words, value_words
from billing.edi.eligibility_271.answer import (
    Benefit,
    Condition,
    DatedPeriod,
    Delivery,
    EligibilityAnswer,
    Identity,
    RelatedEntity,
)
from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.edi.parties import Organisation
from billing.errors import Severity
from tests.coverage.eligibility.answers import ON, reading, value
from tests.edi.answers_on_stage import COVER

F = FactKind
FIXTURE = (
    "EB*1**64**PPO GOLD", "EB*C*IND*30***23*1500*****Y", "EB*C*IND*30***29*400*****Y", "EB*B**64***27*25",
    "EB*F**64***23***VS*20", "EB*F**64***29***VS*7",
)  # fmt: skip


def test_5_2_the_fixture_is_active_with_400_left_a_copay_of_25_seven_visits_left_and_authorisation_unknown() -> None:
    found = reading(*FIXTURE)

    assert found.value(F.ACTIVE) is True
    assert found.value(F.COVERED) is True
    assert found.value(F.DEDUCTIBLE_LEFT) == 40000
    assert found.value(F.COPAY) == 2500
    assert (found.value(F.VISITS_ALLOWED), found.value(F.VISITS_LEFT)) == (20, 7)
    assert found.value(F.AUTHORISATION) is None
    assert found.value(F.PERIOD) == "calendar_year"


def test_5_2_every_fact_says_which_row_it_is_and_why() -> None:
    found = reading(*FIXTURE)

    deductible = found.fact(F.DEDUCTIBLE_LEFT)
    assert deductible.rows == (3,)
    assert "about the plan as a whole, and no row about this names acupuncture" in deductible.why
    assert "network of who treats" in deductible.why
    assert found.fact(F.AUTHORISATION).why == "No row about acupuncture says whether an authorisation is needed."


def test_5_2_an_explicit_64_is_trusted_before_98_and_98_before_30() -> None:
    plan, office, own = "EB*B**30***27*50", "EB*B**98***27*40", "EB*B**64***27*25"

    assert value(F.COPAY, plan) == 5000
    assert value(F.COPAY, plan, office) == 4000
    assert value(F.COPAY, own, office, plan) == 2500


def test_5_2_what_was_not_chosen_is_told_with_the_row_that_came_before_it() -> None:
    copay = reading("EB*B**98***27*40", "EB*B**64***27*25").fact(F.COPAY)

    assert copay.rows == (2,)
    assert [(one.row, one.why_not) for one in copay.others] == [
        (1, "Row 2 names acupuncture, which comes before this.")
    ]


@pytest.mark.parametrize("rows", [("EB*1**30",), ("EB*1**98^30",), ("EB*B**98***27*40",), ()])
def test_5_2_no_row_that_names_acupuncture_is_unknown_neither_covered_nor_not(rows: tuple[str, ...]) -> None:
    assert value(F.COVERED, *rows) is None


def test_5_2_a_list_of_services_that_holds_acupuncture_names_it() -> None:
    assert value(F.COVERED, "EB*1**1^33^64^98") is True


def test_5_2_i_with_64_is_not_covered_while_the_plan_is_in_force() -> None:
    found = reading("EB*1**30", "EB*I**64")

    assert (found.value(F.ACTIVE), found.value(F.COVERED)) == (True, False)


def test_5_2_what_the_patient_pays_for_acupuncture_says_that_it_is_covered_and_that_nobody_said_so_outright() -> None:
    covered = reading("EB*B**64***27*25").fact(F.COVERED)

    assert covered.value is True
    assert "not said outright" in covered.remarks[0]


@pytest.mark.parametrize("code", ["6", "7", "8"])
def test_5_2_an_inactive_plan_is_not_in_force(code: str) -> None:
    assert value(F.ACTIVE, f"EB*{code}**30") is False


@pytest.mark.parametrize("code", ["1", "2", "3", "4", "5"])
def test_5_2_every_variant_of_active_is_in_force(code: str) -> None:
    assert value(F.ACTIVE, f"EB*{code}**30") is True


def test_rows_that_contradict_each_other_about_cover_make_it_unknown_and_are_told() -> None:
    covered = reading("EB*1**64", "EB*I**64").fact(F.COVERED)

    assert covered.value is None
    assert covered.conflict == "Rows 1 and 2 contradict each other, so it counts as not known. Ask the payer."


def test_rows_that_contradict_each_other_about_an_amount_leave_the_more_cautious_one() -> None:
    copay = reading("EB*B**64***27*20", "EB*B**64***27*40").fact(F.COPAY)
    left = reading("EB*F**64***29***VS*9", "EB*F**64***29***VS*4").fact(F.VISITS_LEFT)

    assert (copay.value, left.value) == (4000, 4)
    assert "more cautious" in copay.conflict


def test_a_plan_said_to_be_active_that_has_ended_by_its_dates_is_unknown() -> None:
    active = reading("DTP*347*D8*20260131", "EB*1**30").fact(F.ACTIVE)

    assert active.value is None
    assert "it ended on 2026-01-31" in active.conflict


def test_a_row_that_is_contradicted_from_elsewhere_is_told_and_not_chosen() -> None:
    fact = reading("EB*1**30", "DTP*291*RD8*20250101-20251231").fact(F.ACTIVE)

    assert (fact.value, fact.rows, [one.row for one in fact.others]) == (None, (), [1])


def test_a_plan_inactive_with_acupuncture_active_is_unknown() -> None:
    assert value(F.ACTIVE, "EB*6**30", "EB*1**64") is None


def test_rows_of_the_other_network_do_not_count() -> None:
    rows = ("EB*B**64***27*25*****Y", "EB*B**64***27*60*****N")

    assert value(F.COPAY, *rows, in_network=True) == 2500
    assert value(F.COPAY, *rows, in_network=False) == 6000


def test_where_it_depends_on_a_network_that_nobody_knows_nothing_is_known() -> None:
    copay = reading("EB*B**64***27*25*****Y", "EB*B**64***27*60*****N", in_network=None).fact(F.COPAY)

    assert copay.value is None
    assert "differ by network" in copay.conflict


@pytest.mark.parametrize(
    ("written", "points", "is_odd"),
    [(".2", 2000, False), ("0.2", 2000, False), ("20", 2000, True), ("80", 8000, True), (".8", 8000, True),
     ("0", 0, False), ("1", 10000, True), ("12.5", 1250, True), ("0.125", 1250, False)],
)  # fmt: skip
def test_5_2_a_percentage_is_read_however_it_is_written_and_an_odd_one_is_remarked(
    written: str, points: int, is_odd: bool
) -> None:
    share = reading(f"EB*A**64*****{written}").fact(F.COINSURANCE)

    assert share.value == points
    assert bool(share.remarks) is is_odd


def test_5_2_a_share_that_may_be_the_payers_own_is_told_to_be_asked_about_however_it_is_written() -> None:
    for written, share in ((".8", "80%"), ("80", "80%"), ("62.5", "62.5%")):
        (remark,) = reading(f"EB*A**64*****{written}").fact(F.COINSURANCE).remarks

        assert f"The patient's share would be {share}. Some payers write their own share here" in remark
        assert ("taken as percent" in remark) is (written[0] != ".")


@pytest.mark.parametrize("written", [Decimal("-0.2"), Decimal("180")])
def test_a_percentage_that_makes_no_sense_is_no_share(written: Decimal) -> None:
    assert basis_points_of(written) == (None, "")


def test_5_2_what_is_left_comes_before_the_whole_of_it() -> None:
    found = reading("EB*C*IND*30***23*1500", "EB*C*IND*30***29*400")

    assert (found.value(F.DEDUCTIBLE), found.value(F.DEDUCTIBLE_LEFT)) == (150000, 40000)


def test_the_whole_less_what_was_met_so_far_is_what_is_left() -> None:
    left = reading("EB*C*IND*30***23*1500", "EB*C*IND*30***24*1100").fact(F.DEDUCTIBLE_LEFT)

    assert left.value == 40000
    assert left.why == "Rows 1 and 2: 1500.00 less 1100.00 met so far."


def test_the_whole_alone_says_nothing_about_what_is_left_unless_it_is_nothing() -> None:
    assert value(F.DEDUCTIBLE_LEFT, "EB*C*IND*30***23*1500") is None
    assert value(F.DEDUCTIBLE_LEFT, "EB*C*IND*30***23*0") == 0


def test_the_individual_and_the_family_are_told_apart() -> None:
    found = reading("EB*C*IND*30***29*400", "EB*C*FAM*30***29*900", "EB*G*FAM*30***29*3000")

    assert (found.value(F.DEDUCTIBLE_LEFT), found.value(F.FAMILY_DEDUCTIBLE_LEFT)) == (40000, 90000)
    assert (found.value(F.OUT_OF_POCKET_LEFT), found.value(F.FAMILY_OUT_OF_POCKET_LEFT)) == (None, 300000)


def test_5_2_a_limit_may_stand_in_a_delivery_pattern() -> None:
    assert value(F.VISITS_ALLOWED, "EB*F**64", "HSD*VS*12***23*1") == 12
    assert value(F.VISITS_LEFT, "EB*F**64", "HSD*VS*5***29") == 5


def test_visits_used_so_far_tell_what_is_left() -> None:
    assert value(F.VISITS_LEFT, "EB*F**64***23***VS*20", "EB*F**64***24***VS*13") == 7


def test_more_visits_left_than_allowed_is_told() -> None:
    left = reading("EB*F**64***23***VS*12", "EB*F**64***29***VS*20").fact(F.VISITS_LEFT)

    assert left.value == 12
    assert left.conflict


def test_limits_of_other_services_are_not_those_of_acupuncture() -> None:
    assert value(F.VISITS_ALLOWED, "EB*1**64", "EB*F**33***23***VS*12", "EB*F**98***23***VS*30") is None


def test_5_2_unlimited_is_no_limit_and_a_limit_comes_before_it() -> None:
    assert value(F.VISITS_ALLOWED, "EB*H**64") == UNLIMITED
    assert value(F.VISITS_ALLOWED, "EB*H**64", "EB*F**64***23***VS*12") == 12


def test_5_2_a_limit_of_money_is_told_with_what_is_left() -> None:
    found = reading("EB*F**64***23*1000", "EB*F**64***29*350.50")

    assert (found.value(F.DOLLARS_ALLOWED), found.value(F.DOLLARS_LEFT)) == (100000, 35050)


def test_5_2_a_limit_that_stands_only_in_words_is_shown_and_never_guessed() -> None:
    found = reading("EB*1**64", "EB*F**64", "MSG*LIMITED TO 20 VISITS PER YEAR")

    assert found.value(F.VISITS_ALLOWED) is None
    assert [(note.kind, note.text) for note in found.notes] == [
        (NoteKind.LIMIT_IN_TEXT, "LIMITED TO 20 VISITS PER YEAR")
    ]


@pytest.mark.parametrize(
    ("segments", "shared"),
    [
        (("EB*F**64^33^PT***23***VS*20",), "chiropractic and therapy"),
        (("EB*F**64***23***VS*20", "EB*F**64^33***29***VS*7"), "chiropractic"),
        (("EB*F**64***23***VS*20", "EB*F**33^PT***23***VS*12"), None),
        (("EB*F**64^98***23***VS*20",), None),
        (("EB*F**64***23***VS*20", "MSG*COMBINED WITH CHIROPRACTIC"), None),
    ],
)
def test_5_2_therapies_named_in_the_row_of_the_limit_share_it_and_words_never_do(
    segments: tuple[str, ...], shared: str | None
) -> None:
    fact = reading("EB*1**64", *segments).fact(F.SHARED)

    assert fact.value == shared
    assert bool(fact.rows) is (shared is not None)


def test_5_2_words_about_a_shared_limit_are_put_before_a_person_even_where_the_limit_is_known() -> None:
    found = reading("EB*F**64***23***VS*20", "MSG*COMBINED WITH CHIROPRACTIC")

    assert [(one.kind, one.text) for one in found.notes] == [(NoteKind.LIMIT_IN_TEXT, "COMBINED WITH CHIROPRACTIC")]


def test_rows_at_a_level_of_unknown_meaning_are_shown_and_count_for_nothing() -> None:
    astray = ("HL*9*3*99*0", "EB*1**64", "DTP*291*RD8*20200101-20201231", "EB*B**64***27*5", "EB*F**64***23***VS*99")

    found = reading("EB*1**30", *astray)

    assert found.row_count == 4
    assert (found.value(F.ACTIVE), found.value(F.COVERED), found.value(F.COPAY)) == (True, None, None)
    assert found.value(F.VISITS_ALLOWED) is None
    assert [note.row for note in found.notes if note.kind is NoteKind.MISPLACED] == [2, 3, 4]


def test_a_limit_named_together_with_other_services_may_be_shared() -> None:
    (note,) = reading("EB*F**64^33^PT***23***VS*20").notes

    assert note.kind is NoteKind.SHARED
    assert "chiropractic, physical therapy" in note.text


@pytest.mark.parametrize(("code", "needed"), [("Y", True), ("N", False), ("U", None), ("", None)])
def test_5_2_authorisation_is_needed_not_needed_or_unknown(code: str, needed: bool | None) -> None:
    assert value(F.AUTHORISATION, f"EB*1**64********{code}") is needed


def test_that_none_is_needed_for_office_visits_says_nothing_about_acupuncture() -> None:
    assert value(F.AUTHORISATION, "EB*1**98********N") is None
    assert value(F.AUTHORISATION, "EB*1**98********Y") is True


def test_another_payer_and_whom_to_ask_are_put_before_a_person() -> None:
    found = reading(
        "EB*R**30", "LS*2120", "NM1*PRP*2*MAPLE LIFE*****PI*ML1", "LE*2120",
        "EB*U**64", "LS*2120", "NM1*X3*2*CEDAR REVIEW", "PER*IC**TE*8005550101", "LE*2120",
    )  # fmt: skip

    assert [(note.kind, note.text) for note in found.notes] == [
        (NoteKind.OTHER_PAYER, "MAPLE LIFE, pays first, number ML1"),
        (NoteKind.ASK_ELSEWHERE, "CEDAR REVIEW, telephone 8005550101"),
    ]


def test_a_row_that_holds_on_other_days_or_at_another_place_does_not_count() -> None:
    later = reading("EB*B**64***27*25", "DTP*348*D8*20270101")
    hospital = reading("EB*B**64***27*25", "III*ZZ*22")

    assert (later.value(F.COPAY), hospital.value(F.COPAY)) == (None, None)
    assert later.fact(F.COPAY).others[0].why_not == "It begins on 2027-01-01."
    assert hospital.fact(F.COPAY).others[0].why_not == "It holds for another place of service."


def test_a_row_about_an_acupuncture_code_names_acupuncture_and_one_about_another_code_does_not() -> None:
    assert value(F.COVERED, "EB*1************HC:97810") is True
    assert value(F.COVERED, "EB*1************HC:98940") is None


@pytest.mark.parametrize("reason", ["42", "72", "75", "99"])
def test_5_2_a_rejection_is_told_in_words_with_what_to_do(reason: str) -> None:
    (answer,) = read_271(COVER[: COVER.index("HL*3")] + f"AAA*Y**{reason}*C~\n" + COVER[COVER.index("SE*") :], [])

    found = reading_of(answer, Circumstances(ON, True))

    assert found.is_rejected
    (told,) = found.rejections
    assert told.words
    assert told.fix


def test_what_changed_since_last_time_is_told_also_what_became_unknown() -> None:
    before = reading("EB*1**64", "EB*B**64***27*25")
    now = reading("EB*1**64", "EB*F**64***23***VS*12")

    found = {one.kind: (one.before, one.now) for one in changes(before, now)}

    assert found == {
        F.COPAY: (2500, None), F.VISITS_ALLOWED: (None, 12), F.PERIOD: (None, "calendar_year"),
    }  # fmt: skip


def test_nothing_changed_between_the_same_answers() -> None:
    assert changes(reading(*FIXTURE), reading(*FIXTURE)) == []


def test_every_row_of_an_answer_is_told_in_words() -> None:
    (answer,) = read_271(COVER, [])

    told = [row_words(row, "USD") for row in answer.benefits]

    assert told[3] == (
        "copay · acupuncture, office visit · $25.00 · a visit · in and out of network · authorisation: unknown"
    )
    assert all(told)


CODES = st.sampled_from(["", "1", "6", "A", "B", "C", "CB", "D", "E", "F", "G", "H", "I", "R", "U", "V", "ZZ"])
SERVICES = st.lists(st.sampled_from(["", "30", "64", "98", "33", "PT", "UC"]), max_size=3).map(tuple)
PERIODS = st.sampled_from(["", "21", "22", "23", "24", "25", "27", "29", "32", "33", "34", "99"])
NUMBERS = st.none() | st.decimals(-1000, 10**12, places=3, allow_nan=False)
DAYS = st.none() | st.dates(date(1999, 1, 1), date(2030, 1, 1))
DATES = st.lists(
    st.builds(DatedPeriod, st.sampled_from(["291", "346", "347", "348", "349", "193", "194", "X"]), DAYS, DAYS),
    max_size=2,
).map(tuple)
PATTERN = st.builds(Delivery, st.sampled_from(["VS", "DY"]), NUMBERS, period=PERIODS)
PATTERNS = st.lists(PATTERN, max_size=2).map(tuple)
CONDITION = st.builds(Condition, st.sampled_from(["ZZ", "BK"]), st.sampled_from(["11", "22"]))
CONDITIONS = st.lists(CONDITION, max_size=1).map(tuple)
ROW = st.builds(
    Benefit,
    CODES,
    level=st.sampled_from(["", "IND", "FAM", "ESP"]),
    service_types=SERVICES,
    plan=st.sampled_from(["", "GOLD"]),
    period=PERIODS,
    cents=st.none() | st.integers(-100, 10**15),
    share=NUMBERS,
    quantity_qualifier=st.sampled_from(["", "VS", "P6", "99", "DY"]),
    quantity=NUMBERS,
    authorisation=st.sampled_from(["", "Y", "N", "U"]),
    in_network=st.sampled_from(["", "Y", "N", "W", "U"]),
    procedure=st.sampled_from([(), ("HC",), ("HC", "97810"), ("HC", "98940")]),
    deliveries=PATTERNS,
    dates=DATES,
    messages=st.lists(st.text(max_size=9), max_size=2).map(tuple),
    conditions=CONDITIONS,
    entities=st.just(()) | st.just((RelatedEntity(Identity("X3", Organisation(""))),)),
)  # fmt: skip


@given(st.lists(ROW, max_size=8), st.sampled_from([True, False, None]))
def test_no_soup_of_rows_makes_the_reading_stumble_and_every_choice_names_a_row(
    rows: list[Benefit], in_network: bool | None
) -> None:
    answer = EligibilityAnswer("", None, None, None, benefits=tuple(rows))

    found = reading_of(answer, Circumstances(ON, in_network))

    assert [fact.kind for fact in found.facts] == list(FactKind)
    for fact in found.facts:
        assert fact.why
        assert all(1 <= number <= len(rows) for number in (*fact.rows, *(one.row for one in fact.others)))
        assert value_words(fact.kind, fact.value, "USD")
        if fact.kind not in (F.GROUP, F.STARTS_ON, F.ENDS_ON):
            assert bool(fact.rows) == fact.is_known
    assert READING.validate_json(READING.dump_json(found)) == found
    assert ROWS.validate_json(ROWS.dump_json(tuple(rows))) == tuple(rows)


@given(st.lists(ROW, min_size=1, max_size=8))
def test_unknown_stays_unknown_where_no_row_names_acupuncture(rows: list[Benefit]) -> None:
    others = [one for one in rows if "64" not in one.service_types and one.procedure[1:] != ("97810",)]

    found = reading_of(EligibilityAnswer("", None, None, None, benefits=tuple(others)), Circumstances(ON, None))

    assert found.value(F.COVERED) is None


@given(st.text(max_size=300), st.integers(0, 1500))
def test_no_damage_to_an_answer_makes_reading_stumble_or_loses_a_row_in_silence(put: str, start: int) -> None:
    damaged = COVER[:start] + put + COVER[start + 7 :]
    findings: list[Finding] = []

    answers = read_271(damaged, findings)

    rows = sum(len(one.benefits) for one in answers)
    for one in answers:
        reading_of(one, Circumstances(ON, True))
    is_told = any(finding.severity is not Severity.INFO for finding in findings)
    assert rows >= 9 or is_told


def test_every_fact_has_a_title() -> None:
    assert set(TITLES) == set(FactKind)
