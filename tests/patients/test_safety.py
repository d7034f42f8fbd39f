"""Safety flags, known and free."""

from __future__ import annotations

import pytest

from billing.patients.readiness import IMPLANTS, estim_problems
from billing.patients.safety import SAFETY_FLAGS, flag_words, flags_from_text, normal_flags
from tests.factories import a_patient


@pytest.mark.parametrize("written", ["Implanted Pump", "implanted-pump", "implanted_pump"])
def test_a_known_flag_has_one_name_however_it_is_written(written: str) -> None:
    assert normal_flags([written]) == ("implanted_pump",)


def test_known_flags_come_first_and_each_once() -> None:
    assert normal_flags(["latex allergy", "pregnant", "Pacemaker", "pregnant"]) == (
        "pacemaker", "pregnant", "latex allergy",
    )  # fmt: skip


def test_free_flags_are_set_apart_by_commas_or_semicolons() -> None:
    assert flags_from_text("Latex allergy; recent surgery,, pacemaker") == [
        "latex allergy", "recent surgery", "pacemaker",
    ]  # fmt: skip


def test_every_flag_has_words() -> None:
    assert flag_words("anticoagulant") == "Takes a blood thinner"
    assert flag_words("icd") == "Implanted defibrillator (ICD)"
    assert flag_words("needle stick 2024") == "Needle stick 2024"


@pytest.mark.parametrize("flag", sorted(set(SAFETY_FLAGS) & IMPLANTS))
def test_an_implant_that_was_ticked_stops_current_through_needles(flag: str) -> None:
    assert estim_problems(a_patient(flags=list(normal_flags([flag]))))
