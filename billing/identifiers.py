"""Numbers that name people, organisations and places: NPI, tax id, taxonomy, member id, ZIP, phone.

Only their form is judged here. Whether an NPI belongs to the person who claims it is for the
national registry (NPPES) to say.
"""

from __future__ import annotations

import re

import phonenumbers

_TAXONOMY = re.compile(r"[0-9]{2}[0-9A-Z]{7}X")
_EIN = re.compile(r"[0-9]{2}-?[0-9]{7}")
_ZIP = re.compile(r"([0-9]{5})[- ]?([0-9]{4})?")
_NPI_ISSUER = "80840"
_MOST_DIGITS = 18
"""More would not fit the databases' numbers."""


def own_number(name: str) -> int | None:
    """The number that we gave a record ourselves, when ``name`` can be one; else ``None``."""
    return int(name) if _is_digits(name) and len(name) <= _MOST_DIGITS else None


def has_npi_shape(text: str) -> bool:
    """Whether ``text`` is ten digits, as every NPI is; the check digit may still be wrong."""
    return len(text) == 10 and _is_digits(text)


def is_npi(text: str) -> bool:
    """Whether ``text`` is a well-formed National Provider Identifier.

    Ten digits, the first 1 or 2, and the last the Luhn check digit over ``80840`` (health care in
    the United States, ISO 7812) followed by the number (CMS, NPI check digit requirements).
    """
    return has_npi_shape(text) and text[0] in "12" and _luhn_sum(_NPI_ISSUER + text) % 10 == 0


def is_ein(text: str) -> bool:
    """Whether ``text`` has the form of an employer identification number: ``93-1234567`` or nine digits."""
    return _EIN.fullmatch(text) is not None and not text.startswith("00")


def tax_id_digits(text: str) -> str:
    """The nine digits of an EIN or SSN, written with or without hyphens; ``ValueError`` for anything else."""
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) != 9 or not _is_digits(digits):
        raise ValueError("a tax id is nine digits, such as 93-1234567")
    return digits


def is_taxonomy(text: str) -> bool:
    """Whether ``text`` has the form of a provider taxonomy code (NUCC): ``171100000X``."""
    return _TAXONOMY.fullmatch(text) is not None


def compact_member_id(text: str) -> str:
    """A member id without blanks and hyphens, in capitals, as box 1a of the CMS-1500 wants it (NUCC 02/12)."""
    return "".join(character for character in text if not character.isspace() and character != "-").upper()


def zip_digits(text: str) -> str:
    """``97214-2318`` as ``972142318``, ``97214`` as it is; ``ValueError`` unless five or nine digits."""
    match = _ZIP.fullmatch(text.strip())
    if match is None:
        raise ValueError("a ZIP code is five or nine digits, such as 97214 or 97214-2318")
    return match[1] + (match[2] or "")


def normal_phone(text: str, region: str) -> str:
    """A phone number in the E.164 form ``+15035550100``.

    ``region`` (ISO 3166, ``US``) is where a number without a country code belongs. ``ValueError``,
    without the number in its text, when no such number can exist there or its area code is missing.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise ValueError("not a phone number") from None
    if not _is_whole(number) or number.extension:
        raise ValueError("not a complete phone number without extension")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_whole_phone(text: str, region: str) -> bool:
    """Whether a phone number has as many digits as numbers there have, area code included; it may have an extension."""
    try:
        return _is_whole(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    """Not one that can be dialled from next door only."""
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def readable_phone(text: str, region: str) -> str:
    """A phone number as people in ``region`` (ISO 3166) write it: ``(503) 555-0100``, from abroad ``+44 20 7946 0000``.

    What is no phone number stays as it is.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return text
    if not _is_whole(number) or number.extension:
        return text
    home = phonenumbers.country_code_for_region(region) == number.country_code
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _luhn_sum(digits: str) -> int:
    doubled = (int(digit) * (2 if position % 2 else 1) for position, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled)
