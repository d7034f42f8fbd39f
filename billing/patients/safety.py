"""Safety flags: what the practitioner must know before a needle goes in.

Those that every clinic asks about have words of their own; whatever else was noted stands as it was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SAFETY_FLAGS: Mapping[str, str] = {
    "pacemaker": "Pacemaker",
    "defibrillator": "Implanted defibrillator",
    "neurostimulator": "Neurostimulator",
    "implanted_pump": "Implanted pump",
    "pregnant": "Pregnant",
    "anticoagulant": "Takes a blood thinner",
    "bleeding_disorder": "Bleeding disorder",
    "epilepsy": "Epilepsy",
    "diabetes": "Diabetes",
    "immunosuppressed": "Weakened immune system",
    "lymphedema": "Lymphedema",
    "metal_allergy": "Metal allergy",
    "fainting": "Faints easily",
    "needle_phobia": "Afraid of needles",
}
"""The flags that are asked about, with the words that people read, in the order of a form."""
_OTHER_WORDS = {"icd": "Implanted defibrillator (ICD)", "implanted_stimulator": "Implanted stimulator"}
LONGEST_FLAG = 60


def normal_flag(text: str) -> str:
    """A flag as it is kept: lower case, and a known one by its own name, however it was joined."""
    plain = " ".join(text.lower().split())
    joined = plain.replace(" ", "_").replace("-", "_")
    return joined if joined in SAFETY_FLAGS or joined in _OTHER_WORDS else plain


def normal_flags(flags: Iterable[str]) -> tuple[str, ...]:
    """Flags as they are kept, each once: the known ones in the order of a form, then the others as given."""
    found = dict.fromkeys(flag for one in flags if (flag := normal_flag(one)))
    known = [flag for flag in SAFETY_FLAGS if flag in found]
    return (*known, *(flag for flag in found if flag not in SAFETY_FLAGS))


def flag_words(flag: str) -> str:
    """A flag as people read it."""
    kept = normal_flag(flag)
    words = SAFETY_FLAGS.get(kept) or _OTHER_WORDS.get(kept)
    return words or kept.replace("_", " ").capitalize()


def flags_from_text(text: str) -> list[str]:
    """Flags that were typed in one line, set apart by semicolons or commas."""
    return [flag for part in text.replace(";", ",").split(",") if (flag := normal_flag(part))]
