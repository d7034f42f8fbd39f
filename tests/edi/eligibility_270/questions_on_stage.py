"""Synthetic eligibility questions. Nobody here exists."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from billing.edi.eligibility_270.inquiry import AskedDependent, AskedPayer, AskedSubscriber, AskingProvider, Inquiry
from billing.edi.envelope_writer import Envelope, Usage
from billing.edi.parties import Organisation, Person, Relationship, Sex
from tests.edi.strategies import dates, digits, maybe_words, words

FROM_US = Envelope("WB0001", "PINE99", 42, 42, datetime(2026, 4, 1, 9, 5, tzinfo=UTC), Usage.TEST)
ROSA = Inquiry(
    trace="261121-000001",
    originator="1931234567",
    payer=AskedPayer("CEDAR HEALTH PLAN", "CEDAR1"),
    provider=AskingProvider(Organisation("WILLOW BARK ACUPUNCTURE"), "1234567893"),
    subscriber=AskedSubscriber(Person("FINCH", "ROSA", "M"), "CH100200300", date(1979, 4, 2), Sex.FEMALE),
    asked_on=date(2026, 4, 2),
    service_types=("30", "64", "98"),
)
IVY = Inquiry(
    trace="261121-000002",
    originator="1931234567",
    payer=AskedPayer("CEDAR HEALTH PLAN", "CEDAR1"),
    provider=AskingProvider(Person("QUILL", "BEN"), "1234567893"),
    subscriber=AskedSubscriber(Person("FINCH", "ODIN"), "CH900800700"),
    asked_on=date(2026, 4, 2),
    service_types=("64",),
    dependent=AskedDependent(Person("FINCH", "IVY"), Relationship.CHILD, date(2012, 8, 9), Sex.FEMALE),
)

_SEXES = st.sampled_from([Sex.FEMALE, Sex.MALE])
_PEOPLE = st.builds(Person, words(), words(), maybe_words, st.sampled_from(["", "JR"]))
_WHO = {"birth_date": dates, "sex": _SEXES}
inquiries = st.builds(
    Inquiry,
    trace=st.uuids().map(lambda one: one.hex),
    originator=digits(10),
    payer=st.builds(AskedPayer, words(), words(8, 2)),
    provider=st.builds(AskingProvider, _PEOPLE | st.builds(Organisation, words()), digits(10)),
    subscriber=st.builds(AskedSubscriber, _PEOPLE, words(8, 2), **_WHO),
    asked_on=dates,
    service_types=st.sampled_from([("30",), ("64",), ("30", "64", "98")]),
    dependent=st.none()
    | st.builds(
        AskedDependent,
        _PEOPLE,
        st.sampled_from([Relationship.SPOUSE, Relationship.CHILD, Relationship.OTHER]),
        **_WHO,
    ),
)
