"""A clinic under fire: ``python -m tests.journeys.under_fire [KILLS] [real|embedded]`` prints a table.

While sessions are signed, billed, filed, acknowledged and paid, and patients are reminded, something is killed at a
random moment, again and again: a worker, the beat, the desk, Redis, which comes back empty, or PostgreSQL. At the end
everything must come to rest by itself, and what the far ends hold is counted against what the clinic knows. Of a claim
file of which nobody knows whether it arrived, and no acknowledgement told, a person asks the clearinghouse then.
"""

from __future__ import annotations

import logging
import random
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic
from typing import TypeVar

from billing import clock
from billing.claims.filing import resolving
from billing.database import Db
from billing.operations import schema
from billing.web.login import COOKIE
from tests.journeys.fire.clerk import Clerk, again_and_again, open_clinic, zone_at_noon
from tests.journeys.fire.far_ends import FarEnds, at_work, far_ends
from tests.journeys.fire.houses import House, embedded_house, real_house
from tests.journeys.fire.reckoning import (
    Reckoning,
    open_errands,
    overdue,
    reckon,
    unfinished,
    unknown_claims,
    work_done,
)
from tests.journeys.fire.times import TOLD
from tests.journeys.killing import Clinic

KILLS = 100
HOUSES = {"real": real_house, "embedded": embedded_house}
NAMES = {"real": "PostgreSQL, Redis, web, two workers, beat", "embedded": "meridian serve on SQLite"}
WEIGHTS = {"worker": 3, "web": 2, "beat": 1, "Redis": 2, "PostgreSQL": 2, "web and worker": 2}
"""How often each is killed, against the others."""
SECONDS_BETWEEN_KILLS = (0.2, 2.5)
"""From a piece of work that was done to the next kill."""
SECONDS_DEAD = (0.0, 0.5)
"""Until what looks after processes has noticed."""
SECONDS_BETWEEN_LOOKS = 0.05
PATIENCE = 90.0
"""Seconds after which work that does not go on is stuck, and what has not come to rest does not."""

Answer = TypeVar("Answer")


@dataclass
class Fire:
    """A clinic that runs, and what has been done to it so far."""

    house: House
    far: FarEnds
    clerk: Clerk
    clinic: Clinic
    chance: random.Random
    times: dict[str, list[float]] = field(default_factory=dict)
    """Per kind of thing that was killed, the seconds until the next piece of work was done."""
    found: Reckoning = field(default_factory=Reckoning)

    def burn(self, kills: int) -> None:
        """Kill, and wait for the next piece of work, so often."""
        self.times = {kind: [] for kind in self.house.killers}
        pause = threading.Event()
        for kind in self._kinds(kills):
            pause.wait(self.chance.uniform(*SECONDS_BETWEEN_KILLS))
            began, restart = monotonic(), self.house.kill(kind, self.chance)
            before = None if kind == "PostgreSQL" else self._done(kind)
            pause.wait(self.chance.uniform(*SECONDS_DEAD))
            restart()
            before = self._done(kind) if before is None else before
            if not self._until(lambda kind=kind, known=before: self._done(kind) > known):
                self.found.stuck.append(f"no work was done for {PATIENCE} seconds after {kind} was killed")
            self.times[kind].append(monotonic() - began)

    def come_to_rest(self) -> None:
        """Have the last sessions billed, and wait until nothing more is to be done; what then is not done is stuck.

        A click while billing goes on asks for nothing more, and that run may have passed by what was just signed.
        """
        for _ in range(2):
            self.clerk.file()
            self._until(lambda: not self._ask(open_errands))
        self._rest()
        if not self._until(lambda: not self.house.orphans()):
            self.found.stuck.append("a process lives on whose parent was killed")
        if unknown := self._ask(unknown_claims):
            self._ask_the_clearinghouse(unknown)
            self._rest()

    def _done(self, kind: str) -> int:
        """What grows with the work that such a thing is there for."""
        return self.clerk.clicks if kind == "web" else self._ask(work_done)

    def _kinds(self, kills: int) -> Iterator[str]:
        """What is killed, each kind as often as it weighs, in an order of their own."""
        bag: list[str] = []
        for number in range(kills):
            if not bag:
                once = list(self.house.killers) if not number else []
                bag = once or [kind for kind in self.house.killers for _ in range(WEIGHTS[kind])]
                self.chance.shuffle(bag)
            yield bag.pop()

    def _rest(self) -> None:
        if not self._until(lambda: not self._ask(lambda db: unfinished(db, self.far.payer))):
            self.found.stuck += self._ask(lambda db: unfinished(db, self.far.payer))

    def _until(self, look: Callable[[], bool]) -> bool:
        """Whether that comes to be in time; what is overdue meanwhile is noted, and what has ended is started again."""
        pause, give_up_at = threading.Event(), monotonic() + PATIENCE
        while not look():
            late = self._ask(lambda db: overdue(db, clock.now()))
            self.found.stuck += [f"{one} is overdue" for one in late if f"{one} is overdue" not in self.found.stuck]
            self.house.tend()
            if monotonic() > give_up_at:
                return False
            pause.wait(SECONDS_BETWEEN_LOOKS)
        return True

    def _ask(self, question: Callable[[Db], Answer]) -> Answer:
        def asked() -> Answer:
            with self.clinic.database.reading() as db:
                return question(db)

        return again_and_again(asked)

    def _ask_the_clearinghouse(self, unknown: dict[int, str]) -> None:
        """Say of each file whether it arrived; what arrived should have been found by its acknowledgement."""
        came = self.far.payer.received
        self.found.stuck += [f"claim {name} arrived, and is unknown" for name in unknown.values() if came[name]]
        missing = [claim_id for claim_id, name in unknown.items() if not came[name]]
        self.found.left_claims = len(missing)
        with self.clinic.database.transaction() as db:
            resolving.missed(db, missing, f"user:{self.clerk.user.id}", "they have not got it", clock.now())


@contextmanager
def fire(kind: str, folder: Path, seed: str) -> Iterator[Fire]:
    """A clinic that has begun its work; everybody goes home when the block ends."""
    chance = random.Random(seed)
    today = clock.today(zone_at_noon(clock.now()))
    with far_ends(folder, random.Random(seed), today) as far, HOUSES[kind](folder, far.environment) as house:
        clinic = Clinic(folder, house.url)
        schema.upgrade(clinic.database)
        clerk = open_clinic(clinic.database, house.browser)
        house.browser.cookies.set(COOKIE, clerk.login())
        for name in house.words:
            house.start(name)
        burning = Fire(house, far, clerk, clinic, chance)
        clerk.sign_and_book()
        clerk.file()
        yield burning
        clinic.database.close()


def under_fire(kind: str, kills: int, folder: Path, seed: str) -> Fire:
    """Burn it, let it come to rest, and reckon."""
    with fire(kind, folder, seed) as burning:
        with at_work(burning.clerk.work, burning.clerk.ended):
            burning.burn(kills)
        burning.come_to_rest()
        reckon(burning.found, burning.clinic, burning.clerk, burning.far)
    return burning


def table(kind: str, burnt: Fire) -> str:
    """What is printed of one way to run a clinic."""
    found = burnt.found
    meaning = "   until work went on (web: until a click was heard)"
    lines = [NAMES[kind], _line("killed", "kills", "median", "worst", meaning)]
    for what, times in burnt.times.items():
        if times:
            lines.append(_line(what, len(times), f"{median(times):.1f} s", f"{max(times):.1f} s"))
    lines.append(f"  {found.claims} claims, {burnt.far.payer.paid_cents / 100:.2f} paid, {found.messages} messages")
    lines += [f"  {what:<43}{count:>5}" for what, count in found.faults.items()]
    arrived = f"{found.left_that_arrived} of them had arrived"
    lines += [
        f"  {'left for a person: claims':<43}{found.left_claims:>5}   had not arrived, and were sent when told so",
        f"  {'left for a person: e-mails':<43}{found.left_messages:>5}   {arrived}",
        f"  {'errands that failed, their work done later':<43}{len(found.given_up):>5}",
        *(f"    {why}" for why in dict.fromkeys(found.given_up)),
        f"  {'processes that ended, and were started again':<43}{len(burnt.house.ended):>4}",
        *(f"  ! {one}" for one in (*found.stuck, *found.problems)),
    ]
    return "\n".join(lines)


def _line(what: str, kills: object, middle: str, worst: str, said: str = "") -> str:
    return f"  {what:<16}{kills!s:>7}{middle:>10}{worst:>10}{said}"


def main() -> None:
    """Print the table; exit 1 when something was doubled, lost or stuck."""
    words = sys.argv[1:]
    kills = int(words[0]) if words else KILLS
    is_well = True
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    print(TOLD, flush=True)
    for kind in words[1:] or HOUSES:
        with tempfile.TemporaryDirectory(prefix="meridian-fire-") as folder:
            burnt = under_fire(kind, kills, Path(folder), seed=kind)
            print(table(kind, burnt), flush=True)
            is_well &= not any(burnt.found.faults.values())
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
