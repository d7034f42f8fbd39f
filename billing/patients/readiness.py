"""Is everything on file that a claim needs from a patient, and is electrical stimulation safe?"""

from __future__ import annotations

from billing.errors import Problem, block, warn
from billing.patients.models import Patient

IMPLANTS = frozenset({"pacemaker", "icd", "defibrillator", "implanted_pump", "implanted_stimulator", "neurostimulator"})
"""Flags of implants that current through needles may disturb."""


def claim_problems(patient: Patient) -> list[Problem]:
    """What of the patient's own data and signatures a claim lacks."""
    where = f"patient:{patient.id}"
    problems = []
    parts = {"street": patient.address1, "city": patient.city, "state": patient.state, "ZIP": patient.zip}
    missing = [name for name, value in parts.items() if not value]
    if missing:
        problems.append(
            block(
                "patient.incomplete",
                f"The patient's address has no {' and no '.join(missing)}.",
                "Complete the address; insurers match it with their records.",
                where,
            )
        )
    if not patient.signature_on_file:
        problems.append(
            block(
                "consent.missing",
                "The patient's signature for release of information and assignment of benefits is not on file.",
                "Have the form signed and note it on the patient.",
                where,
            )
        )
    return problems


def estim_problems(patient: Patient) -> list[Problem]:
    """Whether electrical stimulation of needles speaks against anything the patient told us.

    An implanted device is a hard stop; epilepsy is for the practitioner to weigh.
    """
    flags = {flag.replace(" ", "_").replace("-", "_") for flag in patient.flags}
    where = f"patient:{patient.id}"
    problems = []
    if implants := sorted(flags & IMPLANTS):
        problems.append(
            block(
                "safety.estim_with_implant",
                f"Electrical stimulation is charted for a patient with an implant ({', '.join(implants)}).",
                "The practitioner must review the note: correct it if no current was used.",
                where,
            )
        )
    if "epilepsy" in flags:
        problems.append(
            warn(
                "safety.estim_with_epilepsy",
                "Electrical stimulation is charted for a patient with epilepsy.",
                "The practitioner should confirm that it was weighed.",
                where,
            )
        )
    return problems
