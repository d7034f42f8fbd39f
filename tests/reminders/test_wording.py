"""What messages say: enough, and nothing of anybody's health or money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from billing.practitioners.models import CredentialKind
from billing.reminders.links import Links
from billing.reminders.models import Rule
from billing.reminders.wording import (
    ONE_PART,
    Licence,
    Saying,
    calendar_file,
    mail_content,
    mail_words,
    parts_length,
    text_words,
)
from tests.factories import ZONE, moment

VISIT = date(2026, 3, 10)
LINK = Links("https://desk.example.org", "secret").visit(123_456)
PATIENT_RULES = (Rule.SESSION_IN_3_DAYS, Rule.SESSION_TOMORROW, Rule.FOLLOW_UP, Rule.RECALL)
ABOUT_A_VISIT = Saying(
    rule=Rule.SESSION_TOMORROW, first_name="Miri", clinic="Still Water Acupuncture",
    clinic_address="1 SE Example St, Portland, OR 97214", phone="(503) 555-0100", zone=ZONE, american=True,
    at=moment(VISIT - timedelta(days=1), "09:00"), starts_at=moment(VISIT, "09:00"), minutes=60, session_id=17,
    changes=2, link=LINK, stop_link=LINK, one_click_stop=f"{LINK}/stop",
)  # fmt: skip
ABOUT_A_COURSE = replace(ABOUT_A_VISIT, starts_at=None, link="", due_on=VISIT)


def is_gsm(text: str) -> bool:
    """Whether a text can travel in the GSM alphabet: GSM 03.38 is given here by what it has beyond ASCII and lacks."""
    beyond = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€"
    return all((" " <= sign <= "~" and sign != "`") or sign in beyond for sign in text)


def saying(rule: Rule) -> Saying:
    about = ABOUT_A_VISIT if rule in (Rule.SESSION_IN_3_DAYS, Rule.SESSION_TOMORROW) else ABOUT_A_COURSE
    return replace(about, rule=rule)


def test_a_text_says_who_where_when_and_how_to_end_it() -> None:
    said = text_words(replace(ABOUT_A_VISIT, clinic="Still Water"))

    assert said == (
        f"Miri, your visit: Still Water, Tue Mar 10 9:00 AM. Confirm/cancel {LINK} or (503) 555-0100. STOP to end"
    )


@pytest.mark.parametrize("rule", PATIENT_RULES)
@pytest.mark.parametrize(
    "clinic", ["Q", "Still Water Acupuncture", "The Very Long Named Clinic of Oriental Medicine & Qi"]
)
@pytest.mark.parametrize("name", ["Bo", "Bronisława-Małgorzata", "Ανδρέας", "李", "Ærøskøbing", "[x]{y}|€^~"])
def test_a_text_is_one_part_whatever_the_names_are(rule: Rule, clinic: str, name: str) -> None:
    said = text_words(replace(saying(rule), clinic=clinic, first_name=name))

    assert parts_length(said) <= ONE_PART
    assert is_gsm(said)
    assert said.endswith("STOP to end")
    assert "(503) 555-0100" in said


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=80))
def test_a_text_is_made_of_any_name(name: str, clinic: str) -> None:
    said = text_words(replace(ABOUT_A_VISIT, first_name=name, clinic=clinic))

    assert is_gsm(said)
    assert said.endswith("STOP to end")


def test_where_the_day_comes_first_it_does_and_the_day_has_twenty_four_hours() -> None:
    said = text_words(replace(ABOUT_A_VISIT, american=False, clinic="Still Water"))

    assert "Tue 10 Mar 09:00" in said


def test_the_time_is_that_of_the_clinics_clocks_after_they_were_changed() -> None:
    # Portland changes its clocks on 8 March 2026.
    before, after = moment(date(2026, 3, 7), "16:00"), moment(date(2026, 3, 9), "16:00")

    told = [mail_words(replace(ABOUT_A_VISIT, starts_at=one))[0] for one in (before, after)]

    assert all("at 4:00 PM" in one for one in told)


@pytest.mark.parametrize("rule", PATIENT_RULES)
def test_a_mail_has_its_link_its_end_and_no_more_than_needed(rule: Rule) -> None:
    mail = mail_content(saying(rule), "miri@example.org")

    for part in (mail.text, mail.html):
        assert "Miri" in part
        assert "(503) 555-0100" in part
        assert LINK in part
        assert not any(word in part.lower() for word in ("pain", "diagnos", "insur", "$", "balance", "treatment"))
    assert "\n" not in mail.subject
    assert mail.stop_address == f"{LINK}/stop"
    assert mail.sender_name == "Still Water Acupuncture"
    assert bool(mail.calendar) is (rule in (Rule.SESSION_IN_3_DAYS, Rule.SESSION_TOMORROW))


def test_without_a_public_address_nothing_points_to_one() -> None:
    mail = mail_content(replace(ABOUT_A_VISIT, link="", stop_link="", one_click_stop=""), "miri@example.org")
    said = text_words(replace(ABOUT_A_VISIT, link=""))

    assert "http" not in mail.text
    assert '<a href="http' not in mail.html
    assert mail.stop_address == ""
    assert "http" not in said
    assert "call us or answer this one" in mail.text


def test_a_name_is_text_in_html_and_plain_in_text() -> None:
    mail = mail_content(replace(ABOUT_A_VISIT, first_name="<b>O'Neil & Co"), "miri@example.org")

    assert "<b>O'Neil & Co" in mail.text
    assert "&lt;b&gt;O&#39;Neil &amp; Co" in mail.html


def test_the_calendar_has_the_visit_in_utc_and_a_later_one_takes_its_place() -> None:
    first = Calendar.from_ical(calendar_file(ABOUT_A_VISIT))
    moved = Calendar.from_ical(
        calendar_file(replace(ABOUT_A_VISIT, starts_at=moment(VISIT, "15:00"), changes=3, clinic="A, B; C\nD"))
    )

    (event,), (later,) = first.walk("VEVENT"), moved.walk("VEVENT")
    assert event.decoded("dtstart") == moment(VISIT, "09:00")
    assert event.decoded("dtend") == moment(VISIT, "10:00")
    assert (str(event["uid"]), int(event["sequence"])) == (str(later["uid"]), int(later["sequence"]) - 1)
    assert str(later["summary"]) == "Visit at A, B; C\nD"
    assert str(first["method"]) == "PUBLISH"


def test_a_licence_is_told_with_its_days() -> None:
    one = Licence(CredentialKind.LICENCE, "AC-7", "OR", "Ben Quill", VISIT + timedelta(days=6))
    told = replace(
        ABOUT_A_VISIT, rule=Rule.LICENCE, starts_at=None, licence=one, link="https://desk.example.org/licences/3"
    )

    mail = mail_content(told, "ada@example.org")

    assert mail.subject == "Ben Quill: licence AC-7 lapses in 7 days"
    assert "its last day is Monday, March 16, 2026" in mail.text
    assert "https://desk.example.org/licences/3" in mail.html
    assert "no more of these" not in mail.text + mail.html
    assert mail.calendar == b""
