"""The parts every screen is made of, and the page that shows them."""

from __future__ import annotations

import re
from itertools import product

import pytest
from flask import render_template_string
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from billing.access.permissions import Role
from billing.errors import block
from billing.web.pages.design import colours, examples
from tests.web.desk import Desk

FORMS = '{% from "parts/forms.html" import checkbox, field, form, post_button, radios, select, textarea with context %}'
THINGS = '{% from "parts/things.html" import amount, bar, chip, progress, problem_list, tabs, time_line with context %}'
NONE_SENT: dict[str, object] = {"sent": None, "errors": {}, "currency": "USD", "form_key": lambda: "k" * 24}

GROUNDS = ("paper", "surface", "sunken")
INKS = ("ink", "muted", "jade", "jade-strong", "alert", "warn", "flow")
ON_TINTS = [
    ("jade-strong", "jade-tint"), ("ink", "jade-tint"), ("alert", "alert-tint"), ("alert-strong", "alert-tint"),
    ("ink", "alert-tint"), ("warn", "warn-tint"), ("ink", "warn-tint"), ("flow", "flow-tint"), ("on-jade", "jade"),
    ("on-jade", "jade-strong"),
]  # fmt: skip


def drawn(desk: Desk, source: str, **context: object) -> str:
    """What a template with those imports and that context makes, with single spaces."""
    with desk.app.test_request_context():
        return " ".join(render_template_string(FORMS + THINGS + source, **{**NONE_SENT, **context}).split())


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_every_ground_in_light_and_in_dark(scheme: str) -> None:
    colour = colours()[scheme]
    pairs = [*product(INKS, GROUNDS), *ON_TINTS]

    too_faint = {(ink, ground) for ink, ground in pairs if contrast(colour[ink], colour[ground]) < 4.5}

    assert too_faint == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edges_of_fields_can_be_seen_in_light_and_in_dark(scheme: str) -> None:
    colour = colours()[scheme]

    assert [ground for ground in GROUNDS if contrast(colour["edge"], colour[ground]) < 3] == []


def test_light_and_dark_are_two_sets_of_the_same_colours() -> None:
    assert list(colours()["light"]) == list(colours()["dark"])


def test_the_page_of_examples_shows_every_part_with_the_call_that_makes_it(desk: Desk) -> None:
    answer = desk.browser(desk.cast.ada).get("/design")

    with desk.app.app_context():
        shown = examples()
    assert answer.status_code == 200
    assert len(shown) >= 16
    for example in shown:
        assert f'<section class="sheet" id="{example.name}">' in answer.text
        assert str(escape(example.source)) in answer.text
        assert "{% from" not in example.source


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_edit_the_clinic_sees_the_examples(desk: Desk, role: Role) -> None:
    answer = desk.browser(desk.cast.of(role)).get("/design")

    assert answer.status_code == (200 if role is Role.OWNER else 403)


def test_every_icon_and_shape_that_is_asked_for_is_drawn(desk: Desk) -> None:
    page = desk.browser(desk.cast.ada).get("/design").text

    drawings = re.findall(r'<svg class="(?:icon|shape)[^>]*>(.*?)</svg>', page)

    assert len(drawings) > 60
    assert all(drawings)


@pytest.mark.parametrize("path", ["/design", "/account", "/sign-in"])
def test_pages_carry_nothing_inline_that_the_policy_would_block(desk: Desk, path: str) -> None:
    browser = desk.stranger() if path == "/sign-in" else desk.browser(desk.cast.ada)

    page = browser.get(path).text

    assert not re.search(r"<script(?! src=\"/static/)|<style|\sstyle=|\son\w+=|\shx-on|https?://(?!www\.w3\.org)", page)


def test_a_stranger_gets_no_scripts(desk: Desk) -> None:
    assert "<script" not in desk.stranger().get("/sign-in").text


def test_a_field_shows_its_value_until_something_was_sent_and_then_what_was_typed(desk: Desk) -> None:
    source = '{{ field("name", "Name", value="Zoë") }}'

    before = drawn(desk, source)
    after = drawn(desk, source, sent=MultiDict({"name": 'Nuñez"><b>'}))

    assert 'value="Zoë"' in before
    assert 'value="Nuñez&#34;&gt;&lt;b&gt;"' in after


def test_a_password_is_never_shown_again(desk: Desk) -> None:
    page = drawn(desk, '{{ field("password", "Password", type="password") }}', sent=MultiDict({"password": "secret"}))

    assert "secret" not in page


def test_what_is_wrong_stands_below_its_field_and_is_tied_to_it(desk: Desk) -> None:
    page = drawn(desk, '{{ field("phone", "Phone", hint="With the area code.") }}', errors={"phone": "It is empty."})

    assert 'aria-invalid="true" aria-describedby="phone-error phone-hint"' in page
    assert '<p class="error" id="phone-error">It is empty.</p>' in page
    assert '<p class="hint" id="phone-hint">With the area code.</p>' in page


def test_every_kind_of_field_keeps_what_was_typed(desk: Desk) -> None:
    source = """{{ select("payer", "Payer", [(1, "One"), (2, "Two")], value=1) }}
        {{ radios("to", "Bill to", [("a", "A"), ("b", "B")], "a") }} {{ textarea("note", "Note", value="old") }}
        {{ checkbox("sms", "Text messages", checked=true) }} {{ checkbox("mail", "E-mail") }}"""

    page = drawn(desk, source, sent=MultiDict({"payer": "2", "to": "b", "note": "new", "mail": "yes"}))

    assert '<option value="2" selected>' in page and "selected" not in page.split('value="2"')[0]
    assert re.findall(r'type="radio" name="to" value="(\w)" required checked', page) == ["b"]
    assert "> new</textarea>" in page
    assert re.findall(r'name="(\w+)" type="checkbox" value="yes" checked', page) == ["mail"]


def test_money_is_edited_as_an_amount_beside_its_currency(desk: Desk) -> None:
    page = drawn(desk, '{{ field("fee", "Fee", type="money", value=16505) }}', currency="GBP")

    assert '<span class="sign" aria-hidden="true">£</span>' in page
    assert 'type="text"' in page and 'value="165.05"' in page and 'inputmode="decimal"' in page


def test_a_form_carries_its_token_its_key_and_its_mark_and_warns_of_unsaved_typing(desk: Desk) -> None:
    source = '{% call form("/x", seen="mark") %}inside{% endcall %}'

    fresh, refused = drawn(desk, source), drawn(desk, source, sent=MultiDict())

    assert 'name="csrf_token"' in fresh
    assert f'name="form_key" value="{"k" * 24}"' in fresh
    assert 'name="seen" value="mark"' in fresh
    assert 'action="/x" data-warn>' in fresh
    assert 'action="/x" data-warn data-dirty>' in refused


def test_a_button_that_posts_is_a_whole_form(desk: Desk) -> None:
    page = drawn(desk, '{{ post_button("/arrive", "Arrive", fields={"room": 2}) }}')

    assert '<form class="one-button" method="post" action="/arrive">' in page
    assert "csrf_token" in page and "form_key" in page and 'name="room" value="2"' in page


@pytest.mark.parametrize("kind", ["good", "warn", "bad", "info", "quiet"])
def test_a_state_is_a_word_and_a_shape_of_its_own_besides_its_colour(desk: Desk, kind: str) -> None:
    kinds = ["good", "warn", "bad", "info", "quiet"]

    chips = {one: drawn(desk, f'{{{{ chip("Held", "{one}") }}}}') for one in kinds}

    shapes = {one: re.sub(r".*?<svg[^>]*>(.*)</svg>.*", r"\1", chip) for one, chip in chips.items()}
    assert "</svg>Held</span>" in chips[kind]
    assert [one for one in kinds if shapes[one] == shapes[kind]] == [kind]


def test_a_state_with_a_reason_can_be_opened_to_read_it(desk: Desk) -> None:
    page = drawn(desk, '{{ chip("Lapsed", "bad", why="It ended <yesterday>.", href="/licences") }}')

    assert "<details" in page and "Lapsed</summary>" in page
    assert 'It ended &lt;yesterday&gt;. <a href="/licences">' in page


def test_a_problem_tells_weight_reason_and_remedy(desk: Desk) -> None:
    page = drawn(desk, "{{ problem_list(problems) }}", problems=[block("fee.missing", "97810 has no fee.", "Add one.")])

    assert "Stops</span>" in page
    assert '<span class="why">97810 has no fee.</span> <span class="fix">Add one.</span>' in page


def test_a_refusal_is_told_on_top_and_its_fields_are_one_press_away(desk: Desk) -> None:
    page = desk.browser(desk.cast.ben).post("/account/password", current="x", password="short", repeated="shirt").text

    told = page.split('id="refused"')[1].split("</div>")[0]
    assert "Nothing was saved." in told
    assert '<a href="#password">The password has fewer than 12 characters.</a>' in told
    assert '<a href="#repeated">The two new passwords differ.</a>' in told


def test_an_amount_below_zero_has_a_minus_sign_and_a_mark(desk: Desk) -> None:
    page = drawn(desk, "{{ amount(-4210) }} {{ amount(16500) }}")

    assert page == '<span class="amount negative">\N{MINUS SIGN}$42.10</span> <span class="amount">$165.00</span>'


def test_progress_is_told_in_words_and_counts(desk: Desk) -> None:
    page = drawn(desk, '{{ progress(1250, 5000, "Filing claims") }} {{ progress(0, 0, "Looking") }}')

    assert "1,250 of 5,000" in page and '<progress value="1250" max="5000" aria-label="Filing claims">' in page
    assert '<progress aria-label="Looking">' in page


def test_the_view_one_is_on_is_marked_and_counts_are_told(desk: Desk) -> None:
    page = drawn(desk, '{{ tabs([("Sent", "/a", true, 1200), ("Paid", "/b", false, none)], label="Claims") }}')

    assert '<a href="/a" aria-current="page">Sent <span class="count">1,200</span></a>' in page
    assert '<a href="/b">Paid</a>' in page


def test_a_bar_of_nothing_is_empty(desk: Desk) -> None:
    assert 'width="25.0"' in drawn(desk, "{{ bar(1, 4) }}")
    assert 'width="0"' in drawn(desk, "{{ bar(0, 0) }}")


def test_what_happened_is_an_ordered_list(desk: Desk) -> None:
    page = drawn(desk, '{{ time_line([("Mon", "Signed", "97810", "good"), ("Tue", "Filed", "", "info")]) }}')

    assert page.startswith('<ol class="time-line">') and page.index("Signed") < page.index("Filed")
    assert page.count("<li") == 2 and page.count('class="detail"') == 1
