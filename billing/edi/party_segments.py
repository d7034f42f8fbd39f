"""Names, addresses and demographics (NM1, N3, N4, PER, DMG), written and read, the same in every transaction set."""

from __future__ import annotations

from datetime import date

from billing.edi.element_values import code, day_or_none
from billing.edi.findings import Finding
from billing.edi.loops import Node
from billing.edi.parties import Address, Contact, Organisation, Party, Person, Sex
from billing.edi.segment_writer import AddSegment, day
from billing.edi.segments import Segment


def party(name: Party, qualifier: str = "", identifier: str = "") -> tuple[str, ...]:
    """NM102 to NM109 of a person or an organisation; the qualifier only goes with an identifier."""
    identified = (qualifier, identifier) if identifier else ()
    if isinstance(name, Person):
        return ("1", name.last, name.first, name.middle, "", name.suffix, *identified)
    return ("2", name.name, "", "", "", "", *identified)


def contact(value: Contact) -> tuple[str, ...]:
    """The elements of a PER."""
    email = ("EM", value.email) if value.email else ()
    return ("IC", value.name, "TE", value.phone, *email)


def add_address(add: AddSegment, address: Address | None) -> None:
    """Write N3 and N4."""
    if address:
        add("N3", address.line1, address.line2)
        add("N4", address.city, address.state, address.zip)


def add_demographics(add: AddSegment, birth_date: date | None, sex: Sex | None) -> None:
    """Write DMG, which has room for both or for nothing."""
    if birth_date and sex:
        add("DMG", "D8", day(birth_date), sex)


def read_party(name: Segment) -> Party:
    """Whom an NM1 names."""
    return Organisation(name.element(3)) if name.element(2) == "2" else read_person(name)


def read_person(name: Segment) -> Person:
    """The parts of a name, whatever NM102 says."""
    return Person(name.element(3), name.element(4), name.element(5), name.element(7))


def take_address(node: Node) -> Address | None:
    """The N3 and N4 of a loop; ``None`` when it has neither."""
    street, town = node.take("N3"), node.take("N4")
    if street is None and town is None:
        return None
    lines = (street.element(1), street.element(2)) if street else ("", "")
    city, state, zip_code = (town.element(number) for number in (1, 2, 3)) if town else ("", "", "")
    return Address(lines[0], city, state, zip_code, lines[1])


def take_contact(node: Node) -> Contact | None:
    """The first PER of a loop."""
    segment = node.take("PER")
    if segment is None:
        return None
    ways = {segment.element(number): segment.element(number + 1) for number in (7, 5, 3)}
    return Contact(segment.element(2), ways.get("TE", ""), ways.get("EM", ""))


def take_demographics(node: Node, findings: list[Finding]) -> tuple[date | None, Sex | None]:
    """Birth date and sex of a loop's DMG."""
    segment = node.take("DMG")
    if segment is None:
        return None, None
    sex = segment.element(3)
    return day_or_none(segment, 2), code(Sex, sex, Sex.UNKNOWN, segment, findings) if sex else None
