"""One credential: how it stands, its renewal by rule, its education, its proof, and what happens if it lapses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billing.clinic.models import Clinic, PlaceOfWork
from billing.clinic.places import Workplace, places, workplace
from billing.database import Db
from billing.documents.models import Document
from billing.practitioners.checks import is_without_tail, low_limits
from billing.practitioners.credentials import credentials_beside
from billing.practitioners.evidence import Proof, evidence_of, proof
from billing.practitioners.models import Credential, CredentialKind, Practitioner
from billing.practitioners.queries import credential_with_id, education_of, practitioner_with_id
from billing.practitioners.scope import Service, StateScope, allows
from billing.practitioners.scope_data import scopes
from billing.reports.lapse import Lapse, consequence_of, lapse_of
from billing.reports.licence_duties import Besides, Education, Proposal, besides, goes_by_rules, proposals
from billing.reports.licence_duties import education_of as education_asked
from billing.reports.licence_picture import Window, window
from billing.reports.licences_page import Line, line_of


@dataclass(frozen=True, slots=True)
class ScopeShown:
    """Which services a licence allows."""

    law: StateScope | None
    """What is known of the law of its state."""
    services: Sequence[tuple[Service, bool | None, bool | None]]
    """Each class of services: whether the law allows it, and whether the licence does as somebody has entered it."""

    @property
    def is_entered(self) -> bool:
        """Whether anything has been entered of the licence itself."""
        return any(entered is not None for _, _, entered in self.services)


@dataclass(frozen=True, slots=True)
class CredentialPage:
    """Everything on the page."""

    credential: Credential
    """The entry that was asked for."""
    line: Line
    """The credential that it is an entry of."""
    place: PlaceOfWork | None
    proposals: Sequence[Proposal]
    education: Education | None
    besides: Besides | None
    documents: Sequence[tuple[Document, Credential]]
    """The latest first, each with the entry it proves."""
    proof: Proof
    lapse: Lapse
    consequence: str
    needs_tail: bool
    has_low_limits: bool
    picture: Window
    scope: ScopeShown | None
    """Which services it allows; nothing of what is no licence of a state."""

    @property
    def last(self) -> Credential:
        """Its last entry, which is the one that is renewed."""
        return self.line.held.entries[-1]


def credential_page(db: Db, clinic: Clinic, credential_id: int, today: date) -> CredentialPage:
    """What the page shows on a day. Raises :class:`NotFound`."""
    credential = credential_with_id(db, credential_id)
    known = places(db)
    place = next((one for one in known if one.id == credential.place_id), None)
    holder = _holder(db, credential)
    beside = credentials_beside(db, credential)
    line = line_of(credential, holder, beside, today, clinic, known)
    here = workplace(clinic, place)
    documents = evidence_of(db, line.held.entries)
    entries = {one.id: one for one in line.held.entries}
    last = line.held.entries[-1]
    courses = education_of(db, holder.id) if holder else ()
    has_rules = goes_by_rules(line.held, holder)
    return CredentialPage(
        credential=credential,
        line=line,
        place=place,
        proposals=proposals(line.held, here, holder.birth_date if holder else None) if has_rules else (),
        education=education_asked(line.held, courses, here) if has_rules else None,
        besides=besides(line.held, beside, here, today) if has_rules else None,
        documents=[(one, entries[one.owner_id]) for one in documents],
        proof=proof(line.held.entry_on(today), line.held.entries, documents, today),
        lapse=lapse_of(db, clinic, line.held, line.until, today),
        consequence=consequence_of(credential),
        needs_tail=is_without_tail(last, [one for one in beside if one.kind is CredentialKind.MALPRACTICE], today),
        has_low_limits=low_limits(last),
        picture=window(today),
        scope=scope_shown(credential, here, is_acupuncturist=has_rules),
    )


def scope_shown(credential: Credential, here: Workplace, *, is_acupuncturist: bool) -> ScopeShown | None:
    """What an entry of a licence allows, and what the law of its state says of that of an acupuncturist."""
    if credential.kind is not CredentialKind.LICENCE or not here.licenses_acupuncturists:
        return None
    law = scopes().of_licence(credential.issuer, here.country) if is_acupuncturist else None
    said = law.allowed if law else {}
    return ScopeShown(law, [(one, said.get(one.id), allows(credential, one)) for one in scopes().services])


def _holder(db: Db, credential: Credential) -> Practitioner | None:
    return practitioner_with_id(db, credential.practitioner_id) if credential.practitioner_id is not None else None
