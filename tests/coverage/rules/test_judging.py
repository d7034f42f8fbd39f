"""What rule packs say of a visit, and that they say why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes.edits import ProcedureLine
from billing.coverage.rules.case import Case, Injury, PaidVisit, Renderer
from billing.coverage.rules.judging import judge
from billing.coverage.rules.pack import Pack, RuleKind
from billing.coverage.rules.reading import read_pack
from billing.coverage.rules.shelf import SELF_PAY, shelf, shipped
from billing.coverage.rules.verdict import Outcome, Verdict, problems_of
from billing.errors import Severity
from billing.payers.models import PayerKind
from tests.factories import a_patient, a_payer, a_policy

FIRST = date(2026, 3, 21)
NEEDLES = ProcedureLine("97810")
KX = ProcedureLine("97810", ("KX",))


def paid(count: int, days: int = 7, first: date = FIRST) -> list[PaidVisit]:
    return [PaidVisit(first + timedelta(days=days * number)) for number in range(count)]


def verdicts(key: str, case: Case) -> dict[str, Verdict]:
    pack = shipped()[key]
    edition = pack.edition_on(case.on)
    assert edition is not None
    return {one.rule.id: one for one in judge(pack, edition, case)}


def rules(key: str, case: Case) -> list[tuple[str, Severity]]:
    return [(one.rule, one.severity) for one in problems_of(verdicts(key, case).values())]


def medicare(count: int, **changes: Any) -> Case:
    """The last of so many weekly visits of somebody who improves, by a physician, for low back pain."""
    visits = paid(count)
    facts: dict[str, Any] = {
        "lines": [KX], "diagnoses": ["M54.50"], "improved": lambda _first, _last: True,
        "renderer": Renderer("Ida Moreau", "207Q00000X", frozenset({"MD"})),
    }  # fmt: skip
    return Case(visits[-1].on, visits, **{**facts, **changes})


def test_2_1_the_twelfth_visit_needs_no_kx() -> None:
    assert rules("medicare-ncd-30-3-3", medicare(12, lines=[NEEDLES], improved=lambda _a, _b: False)) == []


def test_2_1_the_thirteenth_visit_without_kx_is_stopped() -> None:
    assert rules("medicare-ncd-30-3-3", medicare(13, lines=[NEEDLES])) == [
        ("medicare.needs_improvement", Severity.BLOCK)
    ]


def test_2_1_visits_13_to_20_pass_with_kx_and_improvement() -> None:
    assert [rules("medicare-ncd-30-3-3", medicare(number)) for number in range(13, 21)] == [[]] * 8


def test_2_1_the_twenty_first_visit_is_stopped() -> None:
    assert rules("medicare-ncd-30-3-3", medicare(21)) == [("medicare.visit_limit", Severity.BLOCK)]


@pytest.mark.parametrize("code", ["97810", "97811", "97813", "97814", "20560", "20561"])
def test_2_1_these_codes_are_counted(code: str) -> None:
    visits = [PaidVisit(one.on, frozenset({code})) for one in paid(20)]

    case = Case(date(2026, 12, 31), visits, lines=[NEEDLES], diagnoses=["M54.50"])

    assert verdicts("medicare-ncd-30-3-3", case)["medicare.visit_limit"].outcome is Outcome.BROKEN


def test_2_1_other_codes_are_no_visits() -> None:
    visits = [PaidVisit(one.on, frozenset({"97140"})) for one in paid(30)]

    case = Case(date(2026, 12, 31), visits, lines=[NEEDLES], diagnoses=["M54.50"])

    found = verdicts("medicare-ncd-30-3-3", case)["medicare.visit_limit"]
    assert (found.outcome, found.count and found.count.number) == (Outcome.MET, 1)


def test_2_1_a_day_without_counted_codes_is_apart() -> None:
    found = verdicts("medicare-ncd-30-3-3", medicare(21, lines=[ProcedureLine("99213")]))

    assert found["medicare.visit_limit"].outcome is Outcome.APART


def test_2_1_an_acupuncturist_may_not_bill_and_others_may() -> None:
    people = {
        "MD": Renderer("Ida", "", frozenset({"MD"})), "PA": Renderer("Pia", "363A00000X"),
        "NP": Renderer("Nia", "363LF0000X"), "CNS": Renderer("Cia", "364SA2100X"),
        "LAC": Renderer("Ben", "171100000X", frozenset({"LAC"})), "DC": Renderer("Dan", "111N00000X"),
    }  # fmt: skip

    held = [name for name, one in people.items() if rules("medicare-ncd-30-3-3", medicare(1, renderer=one))]

    assert held == ["LAC", "DC"]


@pytest.mark.parametrize(("code", "listed"), [("M54.50", True), ("M54.51", True), ("M54.59", True), ("M79.7", False)])
def test_2_1_only_chronic_low_back_pain_is_covered(code: str, listed: bool) -> None:
    found = verdicts("medicare-ncd-30-3-3", medicare(1, diagnoses=[code]))["medicare.diagnosis_not_listed"]

    assert (found.outcome is Outcome.MET) is listed


def test_2_1_before_21_january_2020_there_is_no_edition() -> None:
    pack = shipped()["medicare-ncd-30-3-3"]

    assert pack.edition_on(date(2020, 1, 20)) is None
    assert pack.edition_on(date(2020, 1, 21)) is not None


def test_2_1_that_visits_elsewhere_count_too_is_told_as_to_be_checked() -> None:
    note = verdicts("medicare-ncd-30-3-3", medicare(1))["coverage.note"]

    assert note.outcome is Outcome.TOLD
    assert note.standing.startswith("To be checked: ")


def test_2_2_the_va_pays_one_unit_and_one_more() -> None:
    two, three = ([NEEDLES, ProcedureLine("97811", units=more)] for more in (1, 2))

    assert rules("va-community-care", Case(FIRST, lines=two, authorisation="VA1")) == []
    assert rules("va-community-care", Case(FIRST, lines=three, authorisation="VA1")) == [
        ("coverage.units_per_visit", Severity.WARN)
    ]


def test_2_2_the_va_wants_an_authorisation() -> None:
    assert rules("va-community-care", Case(FIRST)) == [("authorisation.missing", Severity.BLOCK)]


def test_2_2_the_veteran_is_not_billed() -> None:
    assert verdicts("va-community-care", Case(FIRST))["coverage.patient_not_billed"].outcome is Outcome.TOLD


def test_2_3_a_plan_asks_for_benefit_after_four_weeks() -> None:
    early, late = (Case(visits[-1].on, visits, diagnoses=["M54.50"]) for visits in (paid(4), paid(5)))
    helped = Case(late.on, late.visits, diagnoses=["M54.50"], improved=lambda _first, _last: True)

    assert rules("commercial-example-a", early) == []
    assert rules("commercial-example-a", late) == [("coverage.no_benefit", Severity.WARN)]
    assert rules("commercial-example-a", helped) == []


@pytest.mark.parametrize(
    ("code", "listed"), [("M54.51", True), ("G43.909", True), ("M26.621", True), ("G47.00", False)]
)
def test_2_3_a_plan_names_its_conditions(code: str, listed: bool) -> None:
    found = verdicts("commercial-example-a", Case(FIRST, diagnoses=[code]))["coverage.diagnosis_not_listed"]

    assert (found.outcome is Outcome.MET) is listed


def test_2_3_care_under_which_nothing_changes_is_maintenance() -> None:
    flat = {FIRST - timedelta(days=day): 4 for day in (1, 8, 15)}
    falling = {**flat, FIRST - timedelta(days=1): 2}

    def found(scores: dict[date, int]) -> Outcome:
        case = Case(FIRST, diagnoses=["M54.50"], scores=scores)
        return verdicts("commercial-example-a", case)["coverage.maintenance"].outcome

    assert [found(one) for one in (flat, falling, {})] == [Outcome.BROKEN, Outcome.MET, Outcome.UNKNOWN]


def test_2_3_the_twenty_first_visit_of_a_calendar_year_is_warned_of() -> None:
    case = Case(date(2026, 12, 30), paid(20, first=date(2026, 1, 5)), diagnoses=["M54.50"])

    assert ("coverage.visit_limit", Severity.WARN) in rules("commercial-example-a", case)


def test_2_3_medi_cal_gives_two_services_in_a_calendar_month() -> None:
    visits = [PaidVisit(date(2026, 4, day)) for day in (2, 9)]

    assert rules("medi-cal", Case(date(2026, 4, 16), visits)) == [("coverage.visits_a_month", Severity.WARN)]
    assert rules("medi-cal", Case(date(2026, 5, 1), visits)) == []


def test_2_4_california_looks_for_improvement_within_six_treatments() -> None:
    sixth, seventh = (Case(paid(number)[-1].on, paid(number)) for number in (6, 7))

    assert rules("california-workers-compensation", sixth) == []
    assert rules("california-workers-compensation", seventh) == [("coverage.no_functional_improvement", Severity.WARN)]


def test_2_4_california_names_up_to_three_treatments_a_week() -> None:
    assert rules("california-workers-compensation", Case(paid(3, days=2)[-1].on, paid(3, days=2))) == []
    assert rules("california-workers-compensation", Case(paid(4, days=2)[-1].on, paid(4, days=2))) == [
        ("coverage.visits_a_week", Severity.WARN)
    ]


def test_2_4_a_course_of_more_than_two_months_needs_functional_improvement() -> None:
    case = Case(paid(4, days=21)[-1].on, paid(4, days=21))

    assert rules("california-workers-compensation", case) == [("coverage.course_over", Severity.WARN)]


def test_2_4_the_claim_needs_date_number_and_employer() -> None:
    found = verdicts("california-workers-compensation", Case(FIRST, injury=Injury(FIRST, "WC-1")))

    assert found["coverage.injury_facts"].arithmetic == "Not on file: employer."


def test_2_4_florida_pip_excludes_acupuncture() -> None:
    assert ("coverage.excluded", Severity.BLOCK) in rules("florida-pip", Case(FIRST))


@pytest.mark.parametrize(("days", "outcome"), [(14, Outcome.MET), (15, Outcome.BROKEN)])
def test_2_4_florida_wants_first_care_within_14_days(days: int, outcome: Outcome) -> None:
    case = Case(FIRST, injury=Injury(FIRST - timedelta(days=days)))

    assert verdicts("florida-pip", case)["coverage.first_care"].outcome is outcome


def test_self_pay_tells_of_the_good_faith_estimate() -> None:
    [found] = verdicts(SELF_PAY, Case(FIRST)).values()

    assert (found.outcome, found.rule.source) == (Outcome.TOLD, "45 CFR 149.610")


def test_what_is_not_charted_yet_is_neither_met_nor_broken() -> None:
    found = verdicts("commercial-example-a", Case(FIRST))

    assert found["coverage.diagnosis_not_listed"].outcome is Outcome.UNKNOWN


def test_a_rule_that_is_not_verified_says_so_in_the_problem() -> None:
    [problem] = problems_of(verdicts("medi-cal", Case(FIRST + timedelta(days=2), paid(3, days=1))).values())

    assert "To be checked: a Medi-Cal health plan's summary" in problem.fix


@pytest.mark.parametrize(
    ("kind", "state", "key"),
    [
        (PayerKind.MEDICARE, "OR", "medicare-ncd-30-3-3"),
        (PayerKind.VA, "OR", "va-community-care"),
        (PayerKind.WORKERS_COMP, "CA", "california-workers-compensation"),
        (PayerKind.WORKERS_COMP, "OR", None),
        (PayerKind.AUTO, "FL", "florida-pip"),
        (PayerKind.AUTO, "OR", None),
        (PayerKind.MEDICAID, "CA", "medi-cal"),
        (PayerKind.COMMERCIAL, "OR", None),
    ],
)
def test_a_plan_is_judged_by_the_pack_of_its_payers_kind(kind: PayerKind, state: str, key: str | None) -> None:
    found = shelf().for_plan(a_payer(kind=kind), None, state)

    assert (found.key if found else None) == key


def test_a_plans_own_pack_goes_before_its_payers() -> None:
    payer = a_payer(id=2, rule_pack="commercial-example-a")
    policy = a_policy(a_patient(id=1), payer, rule_pack="commercial-example-b")

    assert [one and one.key for one in (shelf().for_plan(payer, None, ""), shelf().for_plan(payer, policy, ""))] == [
        "commercial-example-a", "commercial-example-b",
    ]  # fmt: skip


FIELDS = {
    RuleKind.VISITS: 'window = "{window}"\nvisits = {n}\nmonths = {n}\ndays = {n}',
    RuleKind.IMPROVEMENT: 'window = "{window}"\nafter_visit = {n}\nafter_days = {n}\nmodifier = "KX"\ndays = {n}',
    RuleKind.DIAGNOSES: 'codes = ["M54"]',
    RuleKind.RENDERERS: 'letters = ["MD"]',
    RuleKind.UNITS: "units = {n}",
    RuleKind.CODES: 'codes = ["97810"]',
    RuleKind.MAINTENANCE: "scores = {n}\npoints = {n}",
    RuleKind.FIRST_CARE: "days = {n}",
    RuleKind.INJURY_FACTS: 'needs = ["employer"]',
    RuleKind.NOTE: 'why = "Told."',
}
WINDOWS = ["calendar_year", "plan_year", "calendar_month", "rolling_month_year", "days_from_first", "rolling_months",
           "rolling_days", "course", "lifetime"]  # fmt: skip
DAYS = st.dates(date(1990, 1, 1), date(2199, 12, 31))


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    head = 'key = "drawn"\nname = "Drawn"\n[[edition]]\nvalid_from = 1990-01-01\nchecked_on = 1990-01-01\n'
    counted = draw(st.sampled_from(["", '"97810"']))
    text = f'{head}review_by = 2200-01-01\nsource = "a draw"\ncounted_codes = [{counted}]\n'
    for kind in draw(st.lists(st.sampled_from(RuleKind), min_size=1, unique=True)):
        fields = FIELDS.get(kind, "").format(n=draw(st.integers(1, 3660)), window=draw(st.sampled_from(WINDOWS)))
        text += f'[[edition.rule]]\nkind = "{kind}"\n{fields}\n'
    pack, problems = read_pack(text)
    assert pack is not None, problems
    return pack


@st.composite
def cases(draw: st.DrawFn) -> Case:
    line = st.builds(
        ProcedureLine, st.sampled_from(["97810", "97811", "99213", "X"]), st.just(("KX",)), st.integers(0, 99)
    )
    codes = st.none() | st.frozensets(st.sampled_from(["97810", "97140"]))
    improves = draw(st.booleans())
    return Case(
        on=draw(DAYS),
        visits=draw(st.lists(st.builds(PaidVisit, DAYS, codes, st.booleans()), max_size=30)),
        lines=draw(st.none() | st.lists(line, max_size=5)),
        diagnoses=draw(st.none() | st.lists(st.text(max_size=8), max_size=5)),
        scores=draw(st.dictionaries(DAYS, st.integers(0, 10), max_size=8)),
        improved=lambda _first, _last: improves,
        renderer=draw(st.none() | st.builds(Renderer, st.text(max_size=5), st.text(max_size=10))),
        policy_from=draw(st.just(date.min) | DAYS),
        plan_year_from=draw(st.none() | DAYS),
        injury=draw(st.none() | st.builds(Injury, st.none() | DAYS, st.text(max_size=3), st.text(max_size=3))),
    )


@given(pack=packs() | st.sampled_from(sorted(shipped().values(), key=lambda one: one.key)), case=cases())
def test_packs_never_raise_and_every_explanation_names_its_pack_and_source(pack: Pack, case: Case) -> None:
    edition = pack.edition_on(case.on) or pack.latest

    found = judge(pack, edition, case)

    assert [one.rule for one in found] == list(edition.rules)
    for one in found:
        assert one.arithmetic
        assert one.rule.source in one.standing
        assert pack.name in one.words
        assert one.rule.source in one.words
        assert (one.problem() is not None) == (one.outcome is Outcome.BROKEN)
        assert one.outcome is not Outcome.BROKEN or (one.why and one.fix)
