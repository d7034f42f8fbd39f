"""The clinic of the journey: Ben treats Miri, whom two insurers cover, and who agreed to be written to."""

from __future__ import annotations

from datetime import date

from billing.database import Db
from billing.practitioners.accounts import link_account
from tests.access.cast import Cast
from tests.factories import Scene, make_benefit, make_enrolment, make_payer, make_policy, make_room, set_scene

LONG_AGO, VERIFIED = date(2026, 1, 20), date(2026, 3, 2)


def open_the_clinic(db: Db, cast: Cast) -> Scene:
    """Everything that must be there before the first call."""
    scene = set_scene(db)
    # The sandbox draws what it answers from these two: acupuncture is covered, with visits left.
    scene.payer.payer_number, scene.policy.member_id = "FIRST", "MEM00001"
    scene.benefit.verified_on = LONG_AGO
    make_room(db, "Alder")
    second = make_payer(db, name="Second Health", payer_number="SECOND")
    make_enrolment(db, scene.practitioner, second)
    make_policy(db, scene.patient, second, rank=2)
    make_benefit(db, scene.patient, second, verified_on=VERIFIED)
    link_account(db, scene.practitioner.id, cast.ben.id)
    return scene
