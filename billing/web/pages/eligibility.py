"""Cover: whose is not known for the next days, payers that are asked, and what they answered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.coverage.benefit_editing import benefit_with_id
from billing.coverage.eligibility.asking import ask, ask_in_turn, insured_by, question_with_id
from billing.coverage.eligibility.overriding import LONGEST_WHY, answer_with_id
from billing.coverage.eligibility.reading.facts import DISCLAIMER, FactKind
from billing.coverage.eligibility.reading.wording import TITLES, TO_OVERRULE, value_from
from billing.errors import NotFound
from billing.operations.eligibility.overruling import let_answer_count, overrule, put_on_file
from billing.operations.eligibility.overruling import take_limit as take_looser_limit
from billing.operations.rounds import ASK_PAYERS
from billing.reports.coverage_worklist import coverage_worklist
from billing.reports.eligibility_page import question_page
from billing.web.asked import asked_day
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.pages.benefits import benefit_form
from billing.web.rendering import page, part

pages = Blueprint("eligibility", __name__)


@endpoint(pages, "/coverage", may=Permission.SEE_PATIENTS, audit="coverage listed", subject="day")
def worklist(call: Call) -> Response:
    """The sessions of the next three days whose cover is not known."""
    found = coverage_worklist(call.db, call.at)
    call.subject = Subject("day", found.first_on.isoformat())
    return page(call, "eligibility/worklist.html", found=found, to_ask=len(found.turns), today=call.today)


@endpoint(pages, "/coverage/check", method="POST", may=Permission.EDIT_PATIENTS, audit="coverage asked for",
          subject="day", again=worklist)  # fmt: skip
def check_all(call: Call) -> Response:
    """Have every payer of the list asked."""
    found = coverage_worklist(call.db, call.at)
    call.subject = Subject("day", found.first_on.isoformat())
    asked = ask_in_turn(call.db, found.turns, by=str(call.actor), at=call.at)
    call.detail["questions"] = asked
    call.ring(ASK_PAYERS)
    flash("There was nothing to ask." if not asked else f"Asked: {asked}. The answers appear here as they come.")
    return make_response(redirect(url_for("eligibility.worklist"), 303))


def _about_policy(call: Call, policy_id: int) -> None:
    call.subject = Subject("patient", str(insured_by(call.db, policy_id).patient.id))


def _again(call: Call, id: int) -> Response:
    """The policy that could not be asked about: its page tells what is to be completed."""
    _about_policy(call, id)
    return page(call, "eligibility/refused.html", insured=insured_by(call.db, id))


@endpoint(pages, "/policies/<int:id>/check", method="POST", may=Permission.EDIT_PATIENTS, audit="coverage asked for",
          again=_again)  # fmt: skip
def check(call: Call, id: int) -> Response:
    """Have the payer asked what a policy covers, today or on the day of a session."""
    _about_policy(call, id)
    question = ask(call.db, id, asked_day() or call.today, by=str(call.actor), at=call.at)
    call.ring(ASK_PAYERS)
    return _to_question(question.id)


@endpoint(pages, "/coverage/questions/<int:id>", may=Permission.SEE_PATIENTS, audit="coverage viewed")
def question(call: Call, id: int) -> Response:
    """A question and its answer; while it is awaited the browser asks for its part of the page again."""
    return _shown(call, id)


def _shown(call: Call, question_id: int) -> Response:
    found = question_page(call.db, question_id, call.clinic.currency)
    call.subject = Subject("patient", str(found.insured.patient.id))
    facts: dict[str, Any] = {
        "found": found,
        "patient": found.insured.patient,
        "payer": found.insured.payer,
        "policy": found.insured.policy,
        "disclaimer": DISCLAIMER,
        "choices": [(kind.value, TITLES[kind]) for kind in TO_OVERRULE],
    }
    if call.is_partial:
        return part(call, "eligibility/_question.html", **facts)
    return page(call, "eligibility/question.html", **facts)


def _question_of(call: Call, answer_id: int) -> int:
    """The question that an answer belongs to. Raises :class:`NotFound` for one to no question of ours."""
    answer = answer_with_id(call.db, answer_id)
    if answer.question_id is None:
        raise NotFound("This answer is about nobody on file.")
    patient_id = question_with_id(call.db, answer.question_id).patient_id
    call.subject = Subject("patient", str(patient_id))
    return answer.question_id


def _answer_again(call: Call, id: int) -> Response:
    return _shown(call, _question_of(call, id))


@endpoint(pages, "/coverage/answers/<int:id>/facts", method="POST", may=Permission.EDIT_PATIENTS,
          audit="coverage overruled", again=_answer_again)  # fmt: skip
def set_fact(call: Call, id: int) -> Response:
    """Let something else count than what the payer says, with the reason."""
    question_id = _question_of(call, id)
    form = Form()
    kind = form.choice("fact", "What it is about", FactKind)
    typed = form.text("value", "What counts instead")
    why = form.text("why", "The reason", LONGEST_WHY)
    if kind is not None and kind not in TO_OVERRULE:
        form.problem("fact", "This is not kept on file.", "Choose one of the list.")
    value = None
    if kind is not None and typed:
        try:
            value = value_from(kind, typed)
        except ValueError as wrong:
            form.problem("value", "That does not say what counts.", str(wrong))
    form.refuse_any()
    if kind is None:
        raise AssertionError("a form without a problem says what it is about")
    call.detail["fact"] = kind.value
    overrule(call.db, id, kind, value, why, by=str(call.actor), at=call.at)
    flash("Set, and the benefit on file follows. It stands until the payer tells it differently.")
    return _to_question(question_id)


@endpoint(pages, "/coverage/answers/<int:id>/take-back", method="POST", may=Permission.EDIT_PATIENTS,
          audit="coverage overruling taken back", again=_answer_again)  # fmt: skip
def take_back(call: Call, id: int) -> Response:
    """Let what the payer says count again."""
    question_id = _question_of(call, id)
    form = Form()
    kind = form.choice("fact", "What it is about", FactKind)
    form.refuse_any()
    if kind is None:
        raise AssertionError("a form without a problem says what it is about")
    let_answer_count(call.db, id, kind, by=str(call.actor), at=call.at)
    flash("What the payer says counts again.")
    return _to_question(question_id)


@endpoint(pages, "/coverage/answers/<int:id>/apply", method="POST", may=Permission.EDIT_PATIENTS,
          audit="coverage put on file", again=_answer_again)  # fmt: skip
def apply(call: Call, id: int) -> Response:
    """Put on file what an answer says that was not by itself: somebody has looked at it."""
    question_id = _question_of(call, id)
    put_on_file(call.db, answer_with_id(call.db, id), by=str(call.actor), at=call.at)
    flash("The answer is the benefit on file now.")
    return _to_question(question_id)


@endpoint(pages, "/benefits/<int:id>/take-limit", method="POST", may=Permission.EDIT_PATIENTS,
          audit="limit of the answer taken", again=benefit_form)  # fmt: skip
def take_limit(call: Call, id: int) -> Response:
    """Let the limit that the payer's answer tells count instead of the stricter one noted by hand."""
    benefit = benefit_with_id(call.db, id)
    call.subject = Subject("patient", str(benefit.patient_id))
    take_looser_limit(call.db, benefit, by=str(call.actor), at=call.at)
    flash("The limit of the payer's answer counts now. Held claims are judged by it with the next billing run.")
    return make_response(redirect(url_for("patient_coverage.coverage", id=benefit.patient_id), 303))


def _to_question(question_id: int) -> Response:
    return make_response(redirect(url_for("eligibility.question", id=question_id), 303))
