"""Patients: finding, registering and changing them, and one at a glance."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.country import country_of, is_american, writes_day_first
from billing.coverage.member_numbers import holders_of
from billing.coverage.policy_editing import add_policy, card_problems
from billing.patients.details import OLDEST_BIRTH, PatientDetails, details_of
from billing.patients.duplicates import Match, possible_duplicates
from billing.patients.editing import edit as keep_details
from billing.patients.editing import edit_problems
from billing.patients.models import Patient, Sex
from billing.patients.queries import patient_with_id
from billing.patients.registering import MAY_BE_KNOWN, registration_problems
from billing.patients.registering import register as put_on_file
from billing.patients.safety import SAFETY_FLAGS, flags_from_text, normal_flags
from billing.reminders.consenting import Reach, note_consent, reach_of, wording
from billing.reminders.models import Channel
from billing.reports.hits import Seeker
from billing.reports.patient import patient_summary
from billing.reports.patient_list import ListView, PatientPage, by_name, registered_last, rows_of, seen_lately
from billing.reports.search import patients_found
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.pages.policies import payers_of, policy_choices, policy_from
from billing.web.rendering import page, part

pages = Blueprint("patients", __name__)
LONGEST_TEXT = 200
FOUND = 50
"""So many are shown of those who fit what was typed."""
SEXES = [(Sex.F, "Female"), (Sex.M, "Male"), (Sex.U, "Unknown or neither")]
_ADDRESS = ("address1", "address2", "city", "state", "zip")


@endpoint(pages, "/patients", may=Permission.SEE_PATIENTS, audit="patients listed", subject="patient")
def patients(call: Call) -> Response:
    """Those seen lately, those who are new, or all by name."""
    view = request.args.get("view", "")
    chosen = ListView(view) if view in list(ListView) else ListView.SEEN
    shown = _listed(call, chosen, call.today)
    return page(call, "patients/list.html", view=chosen, shown=shown, letters=[chr(65 + place) for place in range(26)])


def _listed(call: Call, view: ListView, on: date) -> PatientPage:
    if view is ListView.SEEN:
        return seen_lately(call.db, on)
    if view is ListView.NEW:
        return registered_last(call.db, on)
    after, before = asked_number("after"), asked_number("before")
    return by_name(call.db, on, after=after, before=before, letter=request.args.get("letter", "")[:1])


@endpoint(pages, "/patients/find", method="POST", may=Permission.SEE_PATIENTS, audit="patients searched",
          subject="patient", looks_only=True)  # fmt: skip
def find(call: Call) -> Response:
    """The patients who fit what was typed; without any text, those seen lately."""
    typed, today = request.form.get("q", "").strip(), call.today
    if not typed:
        shown = seen_lately(call.db, today)
    else:
        hits = patients_found(call.db, typed, FOUND, seeker_of(call))
        shown = PatientPage(rows_of(call.db, [hit.id for hit in hits], today, {hit.id: hit.why for hit in hits}))
    view = None if typed else ListView.SEEN
    if call.is_partial:
        return part(call, "patients/_rows.html", view=view, shown=shown, typed=typed)
    return page(call, "patients/list.html", view=view, shown=shown, typed=typed, letters=[])


def seeker_of(call: Call) -> Seeker:
    """Who searches, and how dates and telephones are written here."""
    clinic = call.clinic
    return Seeker(
        role=call.person.role, today=call.today, zone=clinic.time_zone, currency=clinic.currency,
        day_first=writes_day_first(clinic), country=country_of(clinic),
    )  # fmt: skip


@endpoint(pages, "/patients/new", may=Permission.EDIT_PATIENTS, audit=None)
def new(call: Call) -> Response:
    """The form for somebody new; with those on file who may be the same person when there are any."""
    payers = payers_of(call.db)
    return page(
        call, "patients/new.html", matches=_matches(call), flags=_flag_choices(()), sexes=SEXES,
        american=is_american(call.clinic), today=call.today, country=country_of(call.clinic), policy=None,
        agreed=_agreed(call),
        **policy_choices(payers),
    )  # fmt: skip


def _matches(call: Call) -> list[Match]:
    """Who the person may be, when that is why it was refused."""
    if call.refused is None or not any(one.rule == MAY_BE_KNOWN for one in call.refused.problems):
        return []
    return possible_duplicates(call.db, _details(Form()), with_member_number=_members(call))


def _members(call: Call) -> set[int]:
    return holders_of(call.db, Form().raw("member_id")) if Form().raw("payer") else set()


@endpoint(pages, "/patients", method="POST", may=Permission.EDIT_PATIENTS, audit="patient registered",
          subject="patient", again=new)  # fmt: skip
def register(call: Call) -> Response:
    """Put the person on file, with the insurance card if there is one."""
    form = Form()
    details = _details(form)
    policy = policy_from(form, payers_of(call.db)) if form.raw("payer") else None
    others = [int(number) for number in form.raw("somebody_else").split() if number.isdecimal() and len(number) < 16]
    if policy is not None:
        form.add(card_problems(call.db, policy))
    if form.problems:
        form.add(registration_problems(call.db, details))
    form.refuse_any()
    made = put_on_file(call.db, details, somebody_else_than=others, with_member_number=_members(call))
    note_consent(call.db, made, Reach(), by=str(call.actor), at=call.at)
    call.subject = Subject("patient", str(made.id))
    if policy is not None:
        add_policy(call.db, made.id, policy)
    flash("Registered.")
    return make_response(redirect(url_for("patients.patient", id=made.id), 303))


@endpoint(pages, "/patients/<int:id>", may=Permission.SEE_PATIENTS, audit="patient viewed", subject="patient")
def patient(call: Call, id: int) -> Response:
    """One patient at a glance."""
    clinic = call.clinic
    summary = patient_summary(call.db, id, call.today)
    return page(
        call, "patients/patient.html", summary=summary, head=summary.head, patient=summary.head.patient,
        tab="summary", country=country_of(clinic),
    )  # fmt: skip


@endpoint(pages, "/patients/<int:id>/edit", may=Permission.EDIT_PATIENTS, audit="patient viewed", subject="patient")
def edit_form(call: Call, id: int) -> Response:
    """The form with what is on file."""
    patient = patient_with_id(call.db, id)
    known = [flag for flag in normal_flags(patient.flags) if flag in SAFETY_FLAGS]
    return page(
        call, "patients/edit.html", patient=patient, seen=_mark(patient), flags=_flag_choices(known), sexes=SEXES,
        other_flags="; ".join(flag for flag in normal_flags(patient.flags) if flag not in SAFETY_FLAGS),
        american=is_american(call.clinic), country=country_of(call.clinic), today=call.today, agreed=_agreed(call),
    )  # fmt: skip


@endpoint(pages, "/patients/<int:id>/edit", method="POST", may=Permission.EDIT_PATIENTS, audit="patient changed",
          subject="patient", again=edit_form)  # fmt: skip
def edit(call: Call, id: int) -> Response:
    """Keep what was changed."""
    form = Form()
    form.check_seen(_mark(patient_with_id(call.db, id)))
    details = _details(form)
    if form.problems:
        form.add(edit_problems(call.db, id, details))
    form.refuse_any()
    before = reach_of(patient_with_id(call.db, id))
    kept = keep_details(call.db, id, details)
    note_consent(call.db, kept, before, by=str(call.actor), at=call.at)
    flash("Saved.")
    return make_response(redirect(url_for("patients.patient", id=id), 303))


def _agreed(call: Call) -> dict[str, str]:
    """What a patient agrees to, by channel: it is kept with their consent."""
    return {channel.value: wording(channel, call.clinic.name) for channel in Channel}


def _mark(patient: Patient) -> str:
    return seen_mark(*astuple(details_of(patient)))


def _flag_choices(known: tuple[str, ...] | list[str]) -> list[tuple[str, str, bool]]:
    """The safety flags of the form: name, words, and whether it is set."""
    return [(flag, words, flag in known) for flag, words in SAFETY_FLAGS.items()]


def _details(form: Form) -> PatientDetails:
    """What was typed, to be judged; where the form has a problem at a birth date or sex, another stands in for it."""
    first, last = form.text("first_name", "The first name"), form.text("last_name", "The last name")
    born = form.day("birth_date", "The birth date", earliest=OLDEST_BIRTH)
    sex = form.choice("sex", "Sex", Sex)
    address = {name: form.text(name, "This line", LONGEST_TEXT, required=False) for name in _ADDRESS}
    flags = [flag for flag in SAFETY_FLAGS if form.ticked(f"flag_{flag}")]
    flags += flags_from_text(form.text("other_flags", "Anything else", LONGEST_TEXT, required=False))
    middle = form.text("middle_name", "The middle name", required=False)
    phone, email = form.text("phone", "The phone", required=False), form.text("email", "The e-mail", required=False)
    return PatientDetails(
        first, last, born or OLDEST_BIRTH, sex or Sex.U, middle_name=middle, phone=phone, email=email,
        flags=tuple(flags), **address,
        sms_consent=form.ticked("sms_consent"), email_consent=form.ticked("email_consent"),
        signature_on_file=form.ticked("signature_on_file"),
    )  # fmt: skip
