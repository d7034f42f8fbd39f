"""Which of the publishers' files is this? Asked of its first lines, before anything of it is believed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from billing.codes.publishers import add_ons, diagnosis_list, icd10cm, pair_edits, unit_caps
from billing.codes.publishers.lines import PREAMBLE, PublishedFile
from billing.codes.sets.kinds import FACTS, SetKind
from billing.errors import Refused


def head_of(file: PublishedFile) -> list[str]:
    """The first lines of a file, in which its heading stands if it has one."""
    return list(islice(file.lines(), PREAMBLE))


def kind_of(head: Sequence[str]) -> SetKind | None:
    """The kind of a file that begins so; ``None`` when it is none that is known."""
    if icd10cm.is_order(head) or icd10cm.is_code_list(head):
        return SetKind.ICD10CM
    if pair_edits.is_pair_table(head):
        return SetKind.PAIR_EDITS
    if unit_caps.is_cap_table(head):
        return SetKind.UNIT_CAPS
    if add_ons.is_add_on_table(head):
        return SetKind.ADD_ONS
    return SetKind.NCD_DIAGNOSES if diagnosis_list.is_diagnosis_list(head) else None


def refuse_others(kind: SetKind, file: PublishedFile, head: Sequence[str]) -> None:
    """Raise :class:`Refused` unless a file is of that kind, and for practitioners who treat Medicare's patients."""
    name, found = file.name, kind_of(head)
    if found is None:
        raise Refused(f"{name} is not {_named(kind)}, nor any other file that can be loaded here.")
    if found is not kind:
        raise Refused(f"{name} is not {_named(kind)}: it looks like {_named(found)}.")
    if kind is SetKind.PAIR_EDITS and pair_edits.is_of_hospitals(name, head):
        raise Refused(f"{name} is the table for hospitals. The one for practitioners is needed, ccipra.")
    if kind is SetKind.UNIT_CAPS and unit_caps.is_of_others(name, head):
        raise Refused(f"{name} is the table for hospitals or suppliers. The one for practitioner services is needed.")
    if kind is SetKind.ADD_ONS and add_ons.is_of_medicaid(name):
        raise Refused(f"{name} is the table for Medicaid. The one for Medicare is needed, MCR.")


def _named(kind: SetKind) -> str:
    return f"a file of {FACTS[kind].title} ({FACTS[kind].publisher})"
