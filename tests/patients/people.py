"""Somebody at the desk, as they are typed."""

from __future__ import annotations

from datetime import date
from typing import Any

from billing.patients.details import PatientDetails
from billing.patients.models import Sex


def typed(**changes: Any) -> PatientDetails:
    """Everything good and synthetic, for a test to change what it is about."""
    cells: dict[str, Any] = {
        "first_name": "Miri", "last_name": "Okoro", "birth_date": date(1979, 5, 11), "sex": Sex.F,
        "address1": "2 SE Example St", "city": "Portland", "state": "OR", "zip": "97214", "phone": "503-555-0101",
        "email": "miri@example.org", "sms_consent": True, "email_consent": True, "signature_on_file": True,
    }  # fmt: skip
    return PatientDetails(**{**cells, **changes})
