"""Whom a claim names as having rendered a session, and whether they may: at Medicare the supervisor renders. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.clinic.places import Workplace
from billing.coverage import medicare
from billing.errors import Problem
from billing.payers.models import Payer, PayerKind
from billing.practitioners.checks import exclusion_problems
from billing.practitioners.licensing import Clinician, bills_medicare, may_render, practice_problems
from billing.practitioners.models import Practitioner
from billing.practitioners.supervising import supervision_problems


@dataclass(frozen=True, slots=True)
class Rendered:
    """Who rendered a session for a payer, and what speaks against it."""

    rendering: Practitioner
    """Whom the claim names: the supervisor where the payer knows nobody else."""
    supervising: Practitioner | None
    """Who supervised, when that is somebody else than who is named as rendering."""
    problems: list[Problem]


def rendered(
    treating: Clinician, supervisor: Clinician | None, place: Workplace, payer: Payer | None, on: date, where: str
) -> Rendered:
    """Who renders what ``treating`` does there that day, billed to ``payer``; ``where`` names the session."""
    supervising = supervisor.practitioner if supervisor else None
    if payer is None or payer.kind is not PayerKind.MEDICARE or bills_medicare(treating.practitioner):
        return Rendered(treating.practitioner, supervising, may_render(treating, place, payer, on))
    own = practice_problems(treating, place, on)
    if supervisor is None or not bills_medicare(supervisor.practitioner):
        name = f"{treating.practitioner.first_name} {treating.practitioner.last_name}"
        return Rendered(treating.practitioner, supervising, [*own, medicare.not_eligible_problem(name, where)])
    problems = [
        *own,
        *exclusion_problems(treating.practitioner, treating.credentials, on),
        *supervision_problems(treating.practitioner, supervisor.practitioner, treating.supervisions, payer, on, where),
        *may_render(supervisor, place, payer, on),
    ]
    return Rendered(supervisor.practitioner, None, problems)
