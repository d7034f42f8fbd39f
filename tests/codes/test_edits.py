from __future__ import annotations

from datetime import date

import pytest

from billing.codes.edit_tables import pair_edit, pair_edits, primaries_of, unit_caps
from billing.codes.edits import ProcedureLine, procedure_problems
from billing.errors import Problem, Severity

DAY = date(2026, 3, 2)
BLOCK, WARN = Severity.BLOCK, Severity.WARN


def lines(*written: str) -> list[ProcedureLine]:
    """Lines written as ``97140 59 GP x2``."""
    found = []
    for text in written:
        code, *rest = text.split()
        units = next((int(word[1:]) for word in rest if word.startswith("x")), 1)
        found.append(ProcedureLine(code, tuple(word for word in rest if not word.startswith("x")), units))
    return found


def problems(*written: str, payer: str = "commercial", earlier: tuple[str, ...] = (), on: date = DAY) -> list[Problem]:
    return procedure_problems(lines(*written), service_on=on, payer_kind=payer, earlier_same_day=lines(*earlier))


def rules(
    *written: str, payer: str = "commercial", earlier: tuple[str, ...] = (), on: date = DAY
) -> list[tuple[str, Severity]]:
    found = problems(*written, payer=payer, earlier=earlier, on=on)
    return [(problem.rule, problem.severity) for problem in found]


def test_an_ordinary_visit_has_no_problem() -> None:
    assert rules("97810", "97811", "97140 x2") == []


def test_an_add_on_alone_has_no_base() -> None:
    assert rules("97811") == [("procedure.add_on_without_base", BLOCK)]


@pytest.mark.parametrize("initial", ["97810", "97813"])
@pytest.mark.parametrize("add_on", ["97811", "97814"])
def test_either_initial_code_carries_either_add_on(initial: str, add_on: str) -> None:
    assert rules(initial, add_on) == []


def test_an_initial_code_of_an_earlier_visit_carries_no_add_on_of_this_claim() -> None:
    assert ("procedure.add_on_without_base", BLOCK) in rules("97811", earlier=("97810",))


def test_both_initial_codes_on_a_day_are_named_once_as_two_initial() -> None:
    assert rules("97810", "97813 59") == [("procedure.two_initial", BLOCK)]


def test_two_units_of_an_initial_code_are_two_initial() -> None:
    assert ("procedure.two_initial", BLOCK) in rules("97810 x2")


def test_an_initial_code_at_an_earlier_visit_of_the_day_makes_this_one_the_second() -> None:
    assert rules("97813", earlier=("97810",)) == [("procedure.two_initial", BLOCK)]


def test_two_initial_codes_of_earlier_visits_are_not_this_visits_fault() -> None:
    assert rules("97140", earlier=("97810", "97813")) == []


@pytest.mark.parametrize("payer", ["commercial", "medicare", "medicaid", "va", "workers_comp", "auto"])
def test_dry_needling_with_acupuncture_is_never_paid(payer: str) -> None:
    assert rules("20561 59", "97810 59", payer=payer) == [("procedure.pair_not_allowed", BLOCK)]


def test_massage_with_manual_therapy_is_never_paid_even_across_two_visits() -> None:
    assert rules("97124 59", earlier=("97140",)) == [("procedure.pair_not_allowed", BLOCK)]


def test_a_pair_among_earlier_visits_is_not_repeated() -> None:
    assert rules("97810", earlier=("97124", "97140")) == []


def test_every_forbidden_pair_of_a_claim_is_named() -> None:
    found = problems("97810", "97811", "20560")

    assert [problem.rule for problem in found] == ["procedure.pair_not_allowed"] * 2
    assert {"97810" in found[0].why, "97811" in found[1].why} == {True}


def test_an_office_visit_with_acupuncture_needs_modifier_25() -> None:
    found = problems("99203", "97810")

    assert [(problem.rule, problem.severity) for problem in found] == [("modifier.missing", BLOCK)]
    assert "99203" in found[0].fix
    assert "25" in found[0].fix


def test_a_missing_modifier_is_said_once_however_many_lines_ask_for_it() -> None:
    assert rules("99203", "97810", "97811", "97814") == [("modifier.missing", BLOCK)]


def test_each_line_that_lacks_its_modifier_is_named() -> None:
    assert rules("98941", "97140", "97112") == [("modifier.missing", BLOCK)] * 2


def test_modifier_25_on_the_office_visit_answers() -> None:
    assert rules("99203 25", "97810", "97811") == []


def test_modifier_25_on_the_acupuncture_does_not_answer() -> None:
    assert rules("99203", "97810 25") == [("modifier.missing", BLOCK)]


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XP", "XU"])
def test_a_modifier_for_procedures_never_answers_for_an_office_visit(modifier: str) -> None:
    assert rules(f"99213 {modifier}", f"97810 {modifier}") == [("modifier.missing", BLOCK)]


def test_modifier_25_is_wanted_where_the_office_visit_is_the_paid_column_too() -> None:
    assert rules("99213", "20560") == [("modifier.missing", BLOCK)]
    assert rules("99213 25", "20560") == []


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XP", "XU"])
@pytest.mark.parametrize("carrier", [0, 1])
def test_either_line_of_a_pair_may_carry_the_modifier(modifier: str, carrier: int) -> None:
    pair = ["97012", "97140"]
    pair[carrier] += f" {modifier}"

    assert rules(*pair) == []
    assert rules("97012", "97140") == [("modifier.missing", BLOCK)]


def test_a_pair_that_nothing_joins_is_free() -> None:
    assert rules("97810", "97026", "97140", "97110", "97112", "97530") == []


def test_an_adjustment_with_manual_therapy_needs_a_modifier() -> None:
    assert rules("98941", "97140") == [("modifier.missing", BLOCK)]
    assert rules("98941", "97140 XS") == []


def test_two_office_visits_of_one_kind_are_never_paid_together() -> None:
    assert ("procedure.pair_not_allowed", BLOCK) in rules("99203 25", "99204 25")


@pytest.mark.parametrize("payer", ["commercial", "workers_comp", "auto", "va", "medicaid", "medicare"])
def test_a_cap_by_definition_stops_every_payer(payer: str) -> None:
    assert rules("20560 x2", payer=payer) == [("procedure.unit_cap", BLOCK)]


def test_three_add_on_units_stop_a_medicare_claim() -> None:
    found = problems("97810", "97811 x3", payer="medicare")

    assert [(problem.rule, problem.severity) for problem in found] == [("procedure.unit_cap", BLOCK)]
    assert "3 units of 97811" in found[0].why


def test_three_add_on_units_warn_elsewhere() -> None:
    assert rules("97810", "97811 x3") == [("procedure.unit_cap", WARN)]


def test_two_add_on_units_are_within_the_published_cap() -> None:
    assert rules("97810", "97811 x2", payer="medicare") == []


def test_units_of_an_earlier_visit_count_towards_the_day() -> None:
    assert rules("97810", "97811 x2", earlier=("97811",), payer="medicare") == [("procedure.unit_cap", BLOCK)]


def test_units_of_an_earlier_visit_alone_are_not_this_visits_fault() -> None:
    assert rules("97810", earlier=("97140 x7",), payer="medicare") == []


def test_the_va_takes_one_add_on_unit_of_either_family() -> None:
    assert rules("97810", "97811", payer="va") == []
    assert rules("97810", "97811", "97814", payer="va") == [("procedure.unit_cap", BLOCK)]
    assert rules("97810", "97811 x2", payer="va") == [("procedure.unit_cap", BLOCK)]


def test_medicare_takes_the_other_code_for_unattended_stimulation() -> None:
    found = problems("97014", payer="medicare")

    assert [(problem.rule, problem.severity) for problem in found] == [("procedure.unit_cap", BLOCK)]
    assert found[0].why == "Medicare does not pay 97014; G0283 is used instead."
    assert found[0].fix == "Bill G0283 instead."


def test_another_payer_may_take_what_medicare_does_not() -> None:
    assert rules("97014") == [("procedure.unit_cap", WARN)]


def test_ear_point_stimulation_is_for_private_payers() -> None:
    assert rules("S8930") == []
    assert rules("S8930", payer="medicare") == [("procedure.unit_cap", BLOCK)]


@pytest.mark.parametrize("modifier", ["AT", "CQ", "CO"])
def test_modifiers_of_other_trades_are_refused_on_acupuncture(modifier: str) -> None:
    assert rules(f"97810 {modifier}") == [("modifier.not_allowed", BLOCK)]


def test_the_chiropractic_modifier_stays_allowed_on_an_adjustment() -> None:
    assert rules("98940 AT") == []


def test_a_fifth_modifier_does_not_fit() -> None:
    assert rules("97140 59 GP KX GA") == []
    assert rules("97140 59 GP KX GA GY") == [("modifier.too_many", BLOCK)]


def test_the_va_expects_gp_on_therapy_and_not_on_acupuncture() -> None:
    assert rules("97810", "97140", payer="va") == [("modifier.gp_expected", WARN)]
    assert rules("97810", "97140 GP", payer="va") == []
    assert rules("97140") == []


def test_all_problems_are_found_at_once() -> None:
    found = rules("97811 x3 AT", "99213", "97124", "97140", payer="medicare")

    assert {rule for rule, _ in found} == {
        "procedure.add_on_without_base",
        "modifier.missing",
        "procedure.pair_not_allowed",
        "procedure.unit_cap",
        "modifier.not_allowed",
    }


def test_a_code_of_the_clinics_own_is_never_blamed() -> None:
    assert rules("ACU60", "ACU60", "TEA x9") == []


def test_no_lines_are_no_problem() -> None:
    assert rules() == []


def test_an_edit_does_not_judge_days_before_it_began() -> None:
    assert rules("97140", "97124", on=date(2019, 12, 31)) == []


def test_no_pair_is_listed_both_ways_or_with_itself() -> None:
    assert [pair for pair in pair_edits() if pair[::-1] in pair_edits()] == []


def test_a_pair_is_found_whichever_code_comes_first() -> None:
    edit = pair_edit("97810", "97813", DAY)

    assert edit is not None
    assert (edit.column1, edit.column2, edit.modifier_allowed) == ("97813", "97810", False)
    assert edit == pair_edit("97813", "97810", DAY)


def test_only_add_ons_have_primaries() -> None:
    assert primaries_of("97814", DAY) == ("97810", "97813")
    assert primaries_of("97810", DAY) == ()


def test_every_cap_names_its_strictness() -> None:
    assert {cap.adjudication for cap in unit_caps()} == {2, 3}
