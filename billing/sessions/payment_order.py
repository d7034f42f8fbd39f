"""Which of a patient's policies pays a session first: by rank, save for what one insurer alone answers for. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from billing.coverage.models import Policy
from billing.payers.models import Payer, PayerKind
from billing.sessions.models import AccidentKind

_INJURY_PAYER = {AccidentKind.WORK: PayerKind.WORKERS_COMP, AccidentKind.AUTO: PayerKind.AUTO}


def in_order_of_payment(
    policies: list[Policy], accident: AccidentKind | None, payers: Mapping[int, Payer]
) -> list[Policy]:
    """Workers' compensation and auto insurance pay first for the injury they cover, whatever their rank."""
    injury = _INJURY_PAYER.get(accident) if accident else None
    return sorted(policies, key=lambda one: payers[one.payer_id].kind is not injury) if injury else policies
