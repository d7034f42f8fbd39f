"""A patient's policies: entering, correcting and ending them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.country import is_american
from billing.coverage.member_numbers import holders_of
from billing.coverage.models import Policy, Relationship
from billing.coverage.policy_editing import (
    PolicyDetails,
    add_policy,
    edit_policy,
    policy_details_of,
    policy_with_id,
)
from billing.coverage.policy_editing import end_policy as end
from billing.coverage.rules.keeping import the_shelf
from billing.coverage.wording import RANKS
from billing.database import Db
from billing.patients.details import OLDEST_BIRTH
from billing.patients.models import Sex
from billing.patients.queries import patient_with_id
from billing.payers.models import Payer
from billing.payers.queries import all_payers, payer_with_id
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("policies", __name__)
RELATIONSHIPS = [
    (Relationship.SELF, "The patient is the subscriber"),
    (Relationship.SPOUSE, "Spouse of the subscriber"),
    (Relationship.CHILD, "Child of the subscriber"),
    (Relationship.OTHER, "Otherwise related"),
]
SEXES = [(Sex.F, "Female"), (Sex.M, "Male"), (Sex.U, "Unknown or neither")]
_SUBSCRIBER = ("subscriber_address1", "subscriber_city", "subscriber_state", "subscriber_zip")


def payers_of(db: Db) -> Mapping[int, Payer]:
    """All insurers by number, in the order of their names."""
    return {one.id: one for one in all_payers(db)}


def packs_of(db: Db) -> list[tuple[str, str]]:
    """The rule packs that a plan may be judged by, by name."""
    return sorted(((key, pack.name) for key, pack in the_shelf(db).packs.items()), key=lambda pair: pair[1])


def policy_choices(payers: Mapping[int, Payer]) -> dict[str, Any]:
    """What the lists of a policy's form offer."""
    return {
        "payers": [(one.id, one.name) for one in payers.values()],
        "ranks": [(rank, f"{words.capitalize()} to pay") for rank, words in RANKS.items()],
        "relationships": RELATIONSHIPS,
        "subscriber_sexes": SEXES,
    }


@endpoint(pages, "/patients/<int:id>/policies/new", may=Permission.EDIT_PATIENTS, audit="patient viewed",
          subject="patient")  # fmt: skip
def new_form(call: Call, id: int) -> Response:
    """The form for another insurance card."""
    return page(
        call, "patients/policy.html", patient=patient_with_id(call.db, id), policy=None, seen="",
        american=is_american(call.clinic), today=call.today, packs=packs_of(call.db),
        **policy_choices(payers_of(call.db)),
    )  # fmt: skip


@endpoint(pages, "/patients/<int:id>/policies", method="POST", may=Permission.EDIT_PATIENTS, audit="policy added",
          subject="patient", again=new_form)  # fmt: skip
def add(call: Call, id: int) -> Response:
    """Put another policy on file."""
    form = Form()
    details = policy_from(form, payers_of(call.db))
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    made = add_policy(call.db, id, details)
    call.detail["policy"] = made.id
    _say_saved(call, made, "The policy is on file. Verify its benefits next.")
    return _to_patient(id)


@endpoint(pages, "/policies/<int:id>", may=Permission.EDIT_PATIENTS, audit="patient viewed")
def policy_form(call: Call, id: int) -> Response:
    """The form with what is on file of a policy."""
    policy = policy_with_id(call.db, id)
    call.subject = Subject("patient", str(policy.patient_id))
    patient, payers = patient_with_id(call.db, policy.patient_id), payers_of(call.db)
    return page(
        call, "patients/policy.html", patient=patient, policy=policy, payer=payers[policy.payer_id],
        seen=_mark(policy), american=is_american(call.clinic), today=call.today, packs=packs_of(call.db),
        **policy_choices(payers),
    )  # fmt: skip


@endpoint(pages, "/policies/<int:id>", method="POST", may=Permission.EDIT_PATIENTS, audit="policy changed",
          again=policy_form)  # fmt: skip
def save(call: Call, id: int) -> Response:
    """Keep a corrected policy."""
    policy = policy_with_id(call.db, id)
    call.subject = Subject("patient", str(policy.patient_id))
    call.detail["policy"] = id
    form = Form()
    form.check_seen(_mark(policy))
    details = policy_from(form, {policy.payer_id: policy.payer_id}, payer_id=policy.payer_id)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    _say_saved(call, edit_policy(call.db, id, details), "Saved.")
    return _to_patient(policy.patient_id)


@endpoint(pages, "/policies/<int:id>/end", may=Permission.EDIT_PATIENTS, audit="patient viewed")
def end_form(call: Call, id: int) -> Response:
    """The question on which day a policy covers its last visit."""
    policy = policy_with_id(call.db, id)
    call.subject = Subject("patient", str(policy.patient_id))
    return page(
        call, "patients/policy_end.html", patient=patient_with_id(call.db, policy.patient_id), policy=policy,
        payer=payer_with_id(call.db, policy.payer_id), seen=_mark(policy), today=call.today,
    )  # fmt: skip


@endpoint(pages, "/policies/<int:id>/end", method="POST", may=Permission.EDIT_PATIENTS, audit="policy ended",
          again=end_form)  # fmt: skip
def end_policy(call: Call, id: int) -> Response:
    """Say on which day a policy covers its last visit."""
    policy = policy_with_id(call.db, id)
    call.subject = Subject("patient", str(policy.patient_id))
    call.detail["policy"] = id
    form = Form()
    form.check_seen(_mark(policy))
    on = form.day("effective_to", "The last day")
    form.refuse_any()
    if on is not None:
        end(call.db, id, on)
    flash("The policy is ended. What was billed under it stays as it is.")
    return _to_patient(policy.patient_id)


def policy_from(form: Form, payers: Mapping[int, object], payer_id: int | None = None) -> PolicyDetails | None:
    """What was typed about a policy; ``None``, and problems in the form, when something needed is missing.

    ``payer_id`` is the insurer of a policy that is on file, which cannot be chosen anew.
    """
    payer = payer_id or form.pick("payer", "The insurer", payers.keys())
    rank = form.number("rank", "The place", min(RANKS), max(RANKS))
    relationship = form.choice("relationship", "Whose policy it is", Relationship)
    first_day = form.day("effective_from", "The first day")
    last_day = form.day("effective_to", "The last day", required=False)
    member_id = form.text("member_id", "The member number")
    texts = {name: form.text(name, "This", required=False) for name in ("group_number", "employer", "rule_pack")}
    if relationship not in (None, Relationship.SELF):
        texts["subscriber_first_name"] = form.text("subscriber_first_name", "The subscriber's first name")
        texts["subscriber_last_name"] = form.text("subscriber_last_name", "The subscriber's last name")
        texts |= {name: form.text(name, "This line", required=False) for name in _SUBSCRIBER}
    born = form.day("subscriber_birth_date", "The subscriber's birth date", earliest=OLDEST_BIRTH, required=False)
    sex = form.choice("subscriber_sex", "The subscriber's sex", Sex, required=False)
    if payer is None or rank is None or relationship is None or first_day is None:
        return None
    return PolicyDetails(
        payer, rank, member_id, relationship, first_day, last_day, **_texts(texts), subscriber_birth_date=born,
        subscriber_sex=sex,
    )  # fmt: skip


def _texts(texts: dict[str, str]) -> dict[str, Any]:
    return dict(texts)


def _mark(policy: Policy) -> str:
    return seen_mark(policy.id, *astuple(policy_details_of(policy)))


def _say_saved(call: Call, policy: Policy, words: str) -> None:
    flash(words)
    others = holders_of(call.db, policy.member_id, but=policy.patient_id)
    if others and policy.relationship is Relationship.SELF:
        flash(
            "Somebody else on file has the same member number. Families share one; if it is the same person, "
            "keep working with one record only.",
            "warn",
        )


def _to_patient(patient_id: int) -> Response:
    return make_response(redirect(url_for("patients.patient", id=patient_id), 303))
