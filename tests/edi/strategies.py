"""Sound claims of every kind, drawn at random."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from billing.edi.claim_837p.claim import (
    Address,
    Adjustment,
    AdjustmentGroup,
    Assignment,
    BenefitsAssigned,
    BillingProvider,
    ClaimBatch,
    Contact,
    Frequency,
    LineAdjudication,
    Organisation,
    OtherPayer,
    OtherSubscriber,
    Patient,
    Payer,
    Person,
    ProfessionalClaim,
    Provider,
    Receiver,
    RelatedCause,
    Relationship,
    ReleaseOfInformation,
    Responsibility,
    ServiceFacility,
    ServiceLine,
    Sex,
    Submitter,
    Subscriber,
    TaxIdKind,
)

LETTERS = string.ascii_uppercase + string.digits + " -'.,/&#()@"


def words(longest: int = 12, shortest: int = 1) -> st.SearchStrategy[str]:
    drawn = st.text(LETTERS, min_size=shortest, max_size=longest)
    return drawn.map(lambda text: text.strip().ljust(shortest, "X"))


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=count, max_size=count)


maybe_words = st.just("") | words()
dates = st.dates(date(1920, 1, 1), date(2099, 12, 31))
maybe_dates = st.none() | dates
npis = digits(10)
people = st.builds(Person, words(), maybe_words, maybe_words, st.sampled_from(["", "JR"]))
parties = people | st.builds(Organisation, words())
submitters = st.builds(Person, words(), maybe_words) | st.builds(Organisation, words())
addresses = st.builds(Address, words(), words(8, 2), st.just("OR"), digits(5) | digits(9), maybe_words)
full_addresses = st.builds(Address, words(), words(8, 2), st.just("OR"), digits(9), maybe_words)
contacts = st.builds(Contact, words(), digits(10), maybe_words)
payers = st.builds(Payer, words(), words(8, 2), st.none() | addresses)
taxonomies = st.sampled_from(["", "171100000X"])
providers = st.builds(Provider, people, st.just("") | npis)
rendering = st.builds(Provider, parties, st.just("") | npis, taxonomies)
facilities = st.builds(ServiceFacility, words(), full_addresses, st.just("") | npis)
patients = st.builds(
    Patient,
    people,
    st.sampled_from(sorted(set(Relationship) - {Relationship.SELF})),
    dates,
    st.sampled_from(Sex),
    addresses,
)
adjustments = st.builds(
    Adjustment,
    st.sampled_from(AdjustmentGroup),
    st.sampled_from(["1", "45", "253"]),
    st.integers(-999, 9999),
    st.none() | st.just(1),
)
billing_providers = st.builds(
    BillingProvider,
    parties,
    npis,
    digits(9),
    st.sampled_from(TaxIdKind),
    full_addresses,
    st.none() | contacts,
    taxonomies,
)


@st.composite
def subscribers(draw: st.DrawFn, is_patient: bool, responsibility: Responsibility) -> Subscriber:
    is_detailed = is_patient or draw(st.booleans())
    return Subscriber(
        name=draw(people if is_patient else parties),
        member_id=draw(words(10, 2)),
        filing_indicator=draw(st.sampled_from(["CI", "MB", "WC", "AM"])),
        responsibility=responsibility,
        group_number=draw(maybe_words),
        plan_name=draw(maybe_words),
        medicare_secondary_reason=draw(st.sampled_from(["", "12"])),
        address=draw(addresses) if is_detailed else None,
        birth_date=draw(dates) if is_detailed else None,
        sex=draw(st.sampled_from(Sex)) if is_detailed else None,
    )


@st.composite
def other_payers(draw: st.DrawFn, has_decided: bool, total_cents: int) -> OtherPayer:
    drawn = draw(st.lists(adjustments, max_size=9)) if has_decided else []
    adjusted = tuple(sorted(drawn, key=lambda one: one.group))
    return OtherPayer(
        payer=draw(payers),
        subscriber=OtherSubscriber(draw(parties), draw(words(9, 2)), draw(st.none() | addresses)),
        responsibility=Responsibility.PRIMARY,
        relationship=draw(st.sampled_from(Relationship)),
        filing_indicator="CI",
        group_number=draw(maybe_words),
        benefits_assigned=draw(st.sampled_from(BenefitsAssigned)),
        release_of_information=draw(st.sampled_from(ReleaseOfInformation)),
        paid_cents=total_cents - sum(one.cents for one in adjusted) if has_decided else None,
        adjustments=adjusted,
        adjudicated_on=draw(dates) if has_decided else None,
        payer_claim_number=draw(maybe_words),
    )


@st.composite
def service_lines(draw: st.DrawFn, diagnoses: int) -> ServiceLine:
    begins = draw(dates)
    return ServiceLine(
        procedure=draw(words(5, 2)),
        charge_cents=draw(st.integers(0, 10**7)),
        units=draw(st.integers(1, 99)),
        service_on=begins,
        pointers=tuple(draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=4))),
        modifiers=tuple(draw(st.lists(st.sampled_from(["25", "GP", "KX", "59"]), max_size=4))),
        service_through=draw(st.none() | st.dates(begins, date(2099, 12, 31))),
        description=draw(maybe_words),
        place_of_service=draw(st.sampled_from(["", "12"])),
        control_number=draw(maybe_words),
        note=draw(maybe_words),
        rendering=draw(st.none() | rendering),
    )


def _paid_in_full(line: ServiceLine, other: OtherPayer) -> LineAdjudication:
    return LineAdjudication(
        payer_identifier=other.payer.identifier,
        paid_cents=line.charge_cents,
        procedure=line.procedure,
        units=line.units,
        adjudicated_on=line.service_on,
        modifiers=line.modifiers,
        remaining_cents=0,
    )


@st.composite
def professional_claims(draw: st.DrawFn, provider: BillingProvider) -> ProfessionalClaim:
    diagnoses = draw(st.lists(st.sampled_from(["M5450", "M542", "G43909"]), min_size=1, max_size=12))
    lines = tuple(draw(st.lists(service_lines(len(diagnoses)), min_size=1, max_size=3)))
    total = sum(line.charge_cents for line in lines)
    patient = draw(st.none() | patients)
    has_other, has_decided = draw(st.booleans()), draw(st.booleans())
    other = draw(other_payers(has_decided, total)) if has_other else None
    responsibility = Responsibility.SECONDARY if other else Responsibility.PRIMARY
    if other and has_decided and not other.adjustments:
        lines = tuple(replace(line, adjudications=(_paid_in_full(line, other),)) for line in lines)
    cause = draw(st.sampled_from([(), *((cause,) for cause in RelatedCause)]))
    frequency = draw(st.sampled_from(Frequency))
    return ProfessionalClaim(
        control_number=draw(st.uuids()).hex,
        billing_provider=provider,
        subscriber=draw(subscribers(patient is None, responsibility)),
        payer=draw(payers),
        total_cents=total,
        place_of_service=draw(st.sampled_from(["11", "12"])),
        diagnoses=tuple(diagnoses),
        lines=lines,
        patient=patient,
        frequency=frequency,
        original_reference=draw(words() if frequency is not Frequency.ORIGINAL else maybe_words),
        provider_signature_on_file=draw(st.booleans()),
        assignment=draw(st.sampled_from(Assignment)),
        benefits_assigned=draw(st.sampled_from(BenefitsAssigned)),
        release_of_information=draw(st.sampled_from(ReleaseOfInformation)),
        related_causes=cause,
        accident_state="OR" if RelatedCause.AUTO_ACCIDENT in cause else "",
        accident_on=draw(dates if cause else maybe_dates),
        onset_on=draw(maybe_dates),
        initial_treatment_on=draw(maybe_dates),
        last_seen_on=draw(maybe_dates),
        acute_manifestation_on=draw(maybe_dates),
        last_menstrual_period_on=draw(maybe_dates),
        prior_authorisation=draw(maybe_words),
        referral_number=draw(maybe_words),
        property_casualty_number=draw(maybe_words),
        patient_paid_cents=draw(st.integers(0, 10**6)),
        note=draw(maybe_words),
        referring=draw(st.none() | providers),
        rendering=draw(st.none() | rendering),
        supervising=draw(st.none() | providers),
        facility=draw(st.none() | facilities),
        other_payers=(other,) if other else (),
    )


@st.composite
def batches(draw: st.DrawFn) -> ClaimBatch:
    shared = draw(st.lists(billing_providers, min_size=1, max_size=2))
    claims = draw(st.lists(st.sampled_from(shared).flatmap(professional_claims), min_size=1, max_size=3))
    submitter = Submitter(draw(submitters), draw(words(10, 2)), draw(contacts))
    receiver = Receiver(draw(words()), draw(words(10, 2)))
    return ClaimBatch(submitter, receiver, draw(words(20)), tuple(claims))
