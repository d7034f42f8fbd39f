from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pdfplumber
import pytest

from billing.money import Money
from billing.pdf.parts import Letterhead, Region
from billing.pdf.statement import Activity, Statement, StatementLine, render_statement
from tests.pdf.papers_on_stage import CLINIC, ZOE, page_texts, text_of, usd

WHY = (
    "Front Range Health Plan decided on 10/20/2026 that your part is: your deductible $30.00 + your coinsurance $14.00."
)


def a_line(**changes: Any) -> StatementLine:
    line = StatementLine(
        date_of_service=date(2026, 10, 5),
        service="Acupuncture, first 15 min (97810)",
        charged=usd(150_00),
        your_part=usd(44_00),
        you_paid=usd(20_00),
        insurance_paid=usd(56_00),
        adjusted=usd(50_00),
        waiting=usd(0),
        insured=True,
        why=WHY,
    )
    return replace(line, **changes)


def waiting_line(**changes: Any) -> StatementLine:
    nothing = {"insurance_paid": usd(0), "adjusted": usd(0), "your_part": usd(0), "you_paid": usd(0)}
    return a_line(**{**nothing, "waiting": usd(150_00), "why": "Your insurance is still to decide.", **changes})


def own_line(**changes: Any) -> StatementLine:
    own = {"insurance_paid": usd(0), "adjusted": usd(0), "your_part": usd(150_00), "why": "", "insured": False}
    return a_line(**{**own, **changes})


def make_statement(**changes: Any) -> Statement:
    statement = Statement(
        number="ST-000002",
        issued_on=date(2026, 11, 21),
        letterhead=CLINIC,
        patient=ZOE,
        period_from=date(2026, 10, 22),
        opening=usd(10_00),
        opening_text="Balance on statement ST-000001 of 10/21/2026",
        new_part=usd(44_00),
        activities=(Activity(date(2026, 11, 3), "You paid by check, 1042", usd(-30_00)),),
        lines=(a_line(),),
        kept=usd(0),
        credit=usd(0),
        ages=(usd(0), usd(24_00), usd(0), usd(0)),
        waiting=usd(0),
        due_on=date(2026, 12, 21),
        how_to_pay="How to pay: by card, cash or check at the desk, or call (303) 555-0142.",
        if_wrong="If something here looks wrong to you, or you want to dispute it, call (303) 555-0142.",
        notes=("You can dispute a bill.",),
    )
    return replace(statement, **changes)


def make_long_statement() -> Statement:
    first = date(2026, 1, 5)
    lines = tuple(a_line(date_of_service=first + timedelta(days=7 * (number // 2))) for number in range(30))
    return make_statement(lines=lines, ages=(usd(0), usd(0), usd(0), usd(30 * 24_00)))


def test_a_statement_says_how_much_until_when_and_what_to_do():
    text = text_of(render_statement(make_statement()))

    for fact in (
        "Jade River Acupuncture",
        "Statement",
        "ST-000002",
        "Zoë Nuñez-Łukasz",
        "10/22/2026 to 11/21/2026",
        "You owe $24.00. Please pay it by 12/21/2026.",
        "Due on",
        "How to pay: by card, cash or check at the desk",
        "If something here looks wrong to you, or you want to dispute it",
        "You can dispute a bill.",
        "Page 1 of 1",
    ):
        assert fact in text


def test_the_changes_lead_from_the_last_balance_to_this_one():
    text = text_of(render_statement(make_statement()))

    assert "Balance on statement ST-000001 of 10/21/2026 $10.00" in text
    assert "Your part of visits, new in this period $44.00" in text
    assert "11/03/2026 You paid by check, 1042 -$30.00" in text
    assert "11/21/2026 Balance now $24.00" in text
    assert "Corrections" not in text


def test_a_change_that_is_not_listed_is_told_as_a_correction():
    assert "Corrections -$5.00" in text_of(render_statement(make_statement(opening=usd(15_00))))


def test_every_line_shows_how_the_charge_became_the_patients_part():
    text = text_of(render_statement(make_statement()))

    assert "Visit of 10/05/2026" in text
    assert "Acupuncture, first 15 min (97810) $150.00 -$56.00 -$50.00 \u2013 $44.00 -$20.00 $24.00" in text
    assert WHY in text
    for title in ("Charged", "Paid by insurance", "Adjusted", "Waiting for insurance", "Your part", "You paid"):
        assert all(word in text for word in title.split())


def test_what_insurance_still_decides_is_never_in_what_is_left():
    statement = make_statement(lines=(waiting_line(),), waiting=usd(150_00), due_on=None, ages=(usd(0),) * 4)

    text = text_of(render_statement(statement))

    assert statement.total == usd(0)
    assert "-$150.00 \u2013 \u2013 $0.00" in text
    assert "What waits for insurance, $150.00 in all, you do not owe now." in text
    assert "You owe nothing now. Your insurance is still to decide about $150.00." in text
    assert "Due on" not in text


def test_the_age_of_what_is_left_is_told():
    text = text_of(render_statement(make_statement()))

    assert "0 to 30 days 31 to 60 days 61 to 90 days Over 90 days" in text
    assert "Left to pay \u2013 $24.00 \u2013 \u2013" in text


def test_a_visit_is_dated_once_however_many_charges_it_has():
    text = text_of(
        render_statement(make_statement(lines=(a_line(), a_line(), a_line(date_of_service=date(2026, 10, 9)))))
    )

    assert text.count("Visit of 10/05/2026") == 1
    assert text.count("Visit of 10/09/2026") == 1


def test_without_insurance_there_is_no_word_of_it():
    text = text_of(render_statement(make_statement(lines=(own_line(),))))

    assert "Charged You paid Left to pay" in text
    assert "$150.00 -$20.00 $130.00" in text
    assert "nsurance" not in text
    assert "Adjusted" not in text
    assert "Your part" not in text.replace("Your part of visits", "")


def test_a_discount_is_shown_without_insurance_too():
    line = own_line(adjusted=usd(30_00), your_part=usd(120_00))

    text = text_of(render_statement(make_statement(lines=(line,))))

    assert "Charged Taken off Your part You paid Left to pay" in text
    assert "$150.00 -$30.00 $120.00 -$20.00 $100.00" in text


def test_money_paid_ahead_and_credit_lead_from_the_visits_to_the_total():
    statement = make_statement(kept=usd(5_00), credit=usd(9_00))

    text = text_of(render_statement(statement))

    assert "Left to pay of the visits $24.00" in text
    assert "Paid ahead for visits not settled yet -$5.00" in text
    assert "Credit not used yet -$9.00" in text
    assert "You owe $10.00" in text


def test_credit_is_told_as_credit():
    statement = make_statement(credit=usd(64_00), due_on=None)

    text = text_of(render_statement(statement))

    assert statement.total == usd(-40_00)
    assert "You owe nothing. You have a credit of $40.00." in text
    assert "Your credit $40.00" in text


def test_money_paid_ahead_is_not_called_credit():
    statement = make_statement(lines=(waiting_line(),), kept=usd(25_00), due_on=None)

    text = text_of(render_statement(statement))

    assert "You owe nothing now. You have paid $25.00 ahead." in text
    assert "Paid ahead $25.00" in text
    assert "credit" not in text.lower()


def test_credit_and_money_paid_ahead_are_told_apart():
    statement = make_statement(
        lines=(a_line(you_paid=usd(44_00)),), kept=usd(25_00), credit=usd(10_00), ages=(usd(0),) * 4, due_on=None
    )

    text = text_of(render_statement(statement))

    assert "You owe nothing. You have a credit of $10.00, and have paid $25.00 ahead." in text
    assert "Paid ahead for visits not settled yet -$25.00 Credit not used yet -$10.00 Your money with us $35.00" in text


def test_a_british_statement_is_on_a4_in_pounds():
    def gbp(cents: int) -> Money:
        return Money(cents, "GBP")

    clinic = Letterhead("Rose Lane Acupuncture", ("12 Rose Lane", "Leeds LS1 4AP"), region=Region.UK)
    line = StatementLine(
        date(2026, 10, 5), "Acupuncture, follow-up", gbp(60_00), gbp(60_00), gbp(0), gbp(0), gbp(0), gbp(0)
    )
    statement = make_statement(
        letterhead=clinic,
        currency="GBP",
        opening=gbp(0),
        new_part=gbp(60_00),
        activities=(),
        lines=(line,),
        kept=gbp(0),
        credit=gbp(0),
        ages=(gbp(0), gbp(60_00), gbp(0), gbp(0)),
        waiting=gbp(0),
        notes=(),
    )

    pdf = render_statement(statement)

    text = text_of(pdf)
    assert "You owe £60.00. Please pay it by 21 Dec 2026." in text
    assert "$" not in text
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        assert (round(document.pages[0].width), round(document.pages[0].height)) == (595, 842)


def test_a_long_statement_counts_its_pages_and_repeats_its_head():
    pages = page_texts(render_statement(make_long_statement()))

    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    for page in pages[1:-1]:
        assert "Statement ST-000002, continued" in page
        assert "Service Charged" in " ".join(page.split())
    assert sum(page.count("(97810)") for page in pages) == 30


def test_the_charges_of_a_visit_stand_on_one_page():
    pages = page_texts(render_statement(make_long_statement()))

    assert sum(page.count("Visit of") for page in pages) == 15
    for page in pages:
        assert page.count("(97810)") == 2 * page.count("Visit of")


def test_a_visit_that_no_page_has_room_for_is_named_again_on_the_next():
    statement = make_statement(lines=(a_line(),) * 30)

    pages = page_texts(render_statement(statement))

    assert "Visit of 10/05/2026 Acupuncture" in pages[0]
    assert "Visit of 10/05/2026, continued Acupuncture" in pages[1]
    assert sum(page.count("(97810)") for page in pages) == 30


@pytest.mark.parametrize("count", range(1, 25))
def test_no_heading_is_left_at_a_foot_and_no_small_print_is_torn(count: int):
    long = make_long_statement()

    pages = page_texts(render_statement(replace(long, lines=long.lines[:count])))

    for page in pages:
        assert ("Your visits, charge by charge" in page) <= ("Visit of 01/05/2026" in page)
        assert ("Since when it is yours to pay" in page) == ("Left to pay \u2013" in page)
        assert ("How to read a line" in page) == ("You can dispute a bill." in page)


def test_what_to_do_stands_at_the_top_with_what_is_owed():
    text = text_of(render_statement(make_statement()))

    assert "Please pay it by 12/21/2026. How to pay: by card, cash or check at the desk" in text
    assert text.index("How to pay") < text.index("What changed")


@pytest.mark.parametrize("cents", [44_00, 1_234_50, 98_765_43])
def test_nothing_is_drawn_over_anything_else_or_outside_the_margins(cents: int):
    long = make_long_statement()
    lines = tuple(
        replace(line, charged=usd(106_00 + cents), your_part=usd(cents), you_paid=usd(cents)) for line in long.lines
    )

    with pdfplumber.open(io.BytesIO(render_statement(replace(long, lines=lines)))) as document:
        pages = [page.extract_words() for page in document.pages]

    footer = {round(word["top"]) for words in pages for word in words if word["text"] == "Page"}
    assert len(footer) == 1
    for words in pages:
        assert min(word["x0"] for word in words) >= 47.9
        assert max(word["x1"] for word in words) <= 612 - 47.9
        body = [word for word in words if round(word["top"]) not in footer]
        assert max(word["bottom"] for word in body) < min(footer) - 6
        for one in body:
            for other in body:
                assert one is other or not _overlap(one, other), (one["text"], other["text"])


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    beside = one["x1"] <= other["x0"] + 0.1 or other["x1"] <= one["x0"] + 0.1
    apart = one["bottom"] <= other["top"] + 2.6 or other["bottom"] <= one["top"] + 2.6
    return not beside and not apart


def test_an_amount_of_a_thousand_stands_on_one_line():
    statement = make_statement(lines=(a_line(charged=usd(1_340_50), your_part=usd(1_234_50)),))

    text = text_of(render_statement(statement))

    assert "$1,340.50 -$56.00 -$50.00 \u2013 $1,234.50 -$20.00 $1,214.50" in text


def test_the_same_statement_gives_the_same_bytes():
    statement = make_long_statement()

    assert render_statement(statement) == render_statement(statement)
