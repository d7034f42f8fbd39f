"""The desk: sessions are booked, moved and charted here, forms are sent once, and long work can be left alone."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)

STATES = ("booked", "arrived", "signed", "no_show", "cancelled")
EVENTS = (
    "booked",
    "moved",
    "checked in",
    "not here",
    "signed",
    "amended",
    "missed",
    "cancelled",
    "rebooked",
    "checked out",
)

NEW_COLUMNS: dict[str, tuple[tuple[str, sa.types.TypeEngine[object]], ...]] = {
    "room": (("closed_on", sa.Date()),),
    "practitioner": (("left_on", sa.Date()),),
    "benefit": (
        ("out_of_pocket_remaining_cents", sa.BigInteger()),
        ("representative", sa.Text()),
        ("remarks", sa.Text()),
    ),
    "treatment_plan": (("ended_on", sa.Date()), ("why_ended", sa.Text())),
    "clinic_session": (("contact_minutes", KEY), ("arrived_at", INSTANT), ("left_at", INSTANT)),
    "needle_set": (("needles_in", KEY), ("needles_out", KEY)),
    "note": (("chart", FACTS), ("why_amended", sa.Text())),
}
"""All of them may be empty."""

ONE_AT_A_TIME = (("room_id", "room", "minutes"), ("practitioner_id", "practitioner", "contact_minutes"),
                 ("patient_id", "patient", "minutes"))  # fmt: skip
"""Of whom no two planned spans may overlap, and how long such a span lasts from the session's start."""
PLANNED = "state IN ('booked', 'arrived') AND contact_minutes IS NOT NULL"

AWAITS_BILLING = """state = 'signed'
    AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.session_id = {id} AND claim.state NOT IN ('replaced', 'voided'))
    AND NOT EXISTS (SELECT 1 FROM paper WHERE paper.session_id = {id})"""
"""Of a session: signed, with neither a claim that stands nor a paper that bills it."""
BILLED_BY = {
    "claim_made": ("INSERT ON claim", "TRUE"),
    "claim_set_aside": (
        "UPDATE OF state ON claim",
        "(OLD.state IN ('replaced', 'voided')) <> (NEW.state IN ('replaced', 'voided'))",
    ),
    "paper_issued": ("INSERT ON paper", "NEW.session_id IS NOT NULL"),
}
"""What changes whether a session is billed: the trigger's name, when it fires, and its condition."""

SEARCHED = (("payment", "reference"), ("adjudication", "payer_claim_number"), ("remittance", "trace_number"))
"""Numbers that somebody types to find what they stand on."""


def _words(name: str, words: Iterable[str]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """Make room for the desk."""
    for table, columns in NEW_COLUMNS.items():
        for name, type_ in columns:
            op.add_column(table, sa.Column(name, type_, nullable=True))
    op.add_column("needle_set", sa.Column("points", FACTS, nullable=False, server_default=sa.text("'[]'")))
    op.execute(
        "ALTER TABLE benefit ADD COLUMN source VARCHAR(24) "
        "CONSTRAINT ck_benefit_benefitsource CHECK (source IN ('import', 'phone', 'portal', 'paper'))"
    )
    op.create_index("ix_clinic_session_service_on", "clinic_session", ["service_on"])
    for table, column in SEARCHED:
        op.create_index(f"ix_{table}_{column}", table, [column])
    _index_postings_by("account", "about", "cents")
    _create_accounts_and_forms()
    _create_moves_and_drafts()
    _create_errands()
    _freeze_moves()
    _forbid_overlaps()
    _list_claims_by_age()
    _know_what_is_unbilled()


def downgrade() -> None:
    """Take all of it away again, drafts and histories of sessions too."""
    _forget_what_is_unbilled()
    op.drop_index("ix_claim_state_moved_at_id", "claim")
    op.drop_column("claim", "moved_at")
    op.create_index("ix_claim_state", "claim", ["state"])
    _allow_overlaps()
    for table in ("errand", "draft_note", "session_move", "sent_form", "practitioner_account"):
        op.drop_table(table)
    _index_postings_by("account")
    for table, column in SEARCHED:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_index("ix_clinic_session_service_on", "clinic_session")
    op.drop_column("benefit", "source")
    op.drop_column("needle_set", "points")
    for table, columns in NEW_COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)


def _index_postings_by(*columns: str) -> None:
    """All accounts at once are summed from the index, without looking at the rows."""
    op.drop_index("ix_ledger_posting_account", "ledger_posting")
    op.create_index("ix_ledger_posting_account", "ledger_posting", list(columns))


def _create_accounts_and_forms() -> None:
    op.create_table(
        "practitioner_account",
        sa.Column("practitioner_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_practitioner_account_practitioner_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_practitioner_account_user_id")),
        sa.PrimaryKeyConstraint("practitioner_id", name=op.f("pk_practitioner_account")),
        sa.UniqueConstraint("user_id", name=op.f("uq_practitioner_account_user_id")),
    )
    op.create_table(
        "sent_form",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("led_to", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sent_form_user_id")),
        sa.PrimaryKeyConstraint("key", "user_id", name=op.f("pk_sent_form")),
    )
    op.create_index(op.f("ix_sent_form_at"), "sent_form", ["at"])


def _create_moves_and_drafts() -> None:
    op.create_table(
        "session_move",
        sa.Column("id", KEY, nullable=False),
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event", _words("sessionevent", EVENTS), nullable=False),
        sa.Column("from_state", _words("from_state", STATES), nullable=True),
        sa.Column("to_state", _words("to_state", STATES), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["clinic_session.id"], name=op.f("fk_session_move_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_move")),
    )
    op.create_index(op.f("ix_session_move_session_id"), "session_move", ["session_id"])
    op.create_table(
        "draft_note",
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("subjective", sa.Text(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("assessment", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["clinic_session.id"], name=op.f("fk_draft_note_session_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_draft_note")),
    )


def _create_errands() -> None:
    op.create_table(
        "errand",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", FACTS, nullable=False),
        sa.Column("asked_by_id", KEY, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("state", _words("errandstate", ("waiting", "running", "done", "failed")), nullable=False),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("doing", sa.Text(), nullable=False),
        sa.Column("done", KEY, nullable=False),
        sa.Column("total", KEY, nullable=True),
        sa.Column("result", FACTS, nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user_account.id"], name=op.f("fk_errand_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
    )
    op.create_index("ix_errand_state", "errand", ["state"])


def _freeze_moves() -> None:
    if _is_sqlite():
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER session_move_no_{change} BEFORE {change.upper()} ON session_move "
                "BEGIN SELECT RAISE(ABORT, 'session_move: rows are only ever added'); END"
            )
    else:
        for name, event in (("no_change", "UPDATE OR DELETE"), ("no_truncate", "TRUNCATE")):
            each = "STATEMENT" if event == "TRUNCATE" else "ROW"
            op.execute(
                f"CREATE TRIGGER session_move_{name} BEFORE {event} ON session_move "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )


def _forbid_overlaps() -> None:
    if _is_sqlite():
        for column, of, length in ONE_AT_A_TIME:
            for event in ("INSERT", f"UPDATE OF state, starts_at, minutes, contact_minutes, {column}"):
                op.execute(_sqlite_law(column, of, length, event))
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for column, of, length in ONE_AT_A_TIME:
        begins = "starts_at AT TIME ZONE 'UTC'"
        span = f"tsrange({begins}, ({begins}) + make_interval(mins => {length}::int))"
        op.execute(
            f"ALTER TABLE clinic_session ADD CONSTRAINT {_law(of)} "
            f"EXCLUDE USING gist ({column} WITH =, {span} WITH &&) WHERE ({PLANNED})"
        )


def _law(of: str) -> str:
    return f"clinic_session_one_at_a_time_{of}"


def _sqlite_law(column: str, of: str, length: str, event: str) -> str:
    """Two spans overlap when each begins before the other ends; whole seconds, as no span is planned finer."""
    kind = event.partition(" ")[0].lower()
    return f"""
    CREATE TRIGGER {_law(of)}_{kind} AFTER {event} ON clinic_session
    WHEN NEW.state IN ('booked', 'arrived') AND NEW.contact_minutes IS NOT NULL AND EXISTS (
        SELECT 1 FROM clinic_session AS other
        WHERE other.service_on BETWEEN date(NEW.service_on, '-1 day') AND date(NEW.service_on, '+1 day')
          AND other.{column} = NEW.{column} AND other.id <> NEW.id
          AND other.state IN ('booked', 'arrived') AND other.contact_minutes IS NOT NULL
          AND {_seconds("other")} < {_seconds("NEW")} + NEW.{length} * 60
          AND {_seconds("NEW")} < {_seconds("other")} + other.{length} * 60
    )
    BEGIN SELECT RAISE(ABORT, 'clinic_session: the {of} is taken at that time'); END
    """


def _seconds(of: str) -> str:
    # As a number: SQLite says of any text that it is more than any number.
    return f"CAST(strftime('%s', {of}.starts_at) AS INTEGER)"


def _allow_overlaps() -> None:
    for _, of, _ in ONE_AT_A_TIME:
        if _is_sqlite():
            for kind in ("insert", "update"):
                op.execute(f"DROP TRIGGER {_law(of)}_{kind}")
        else:
            op.execute(f"ALTER TABLE clinic_session DROP CONSTRAINT {_law(of)}")
    if not _is_sqlite():
        op.execute("DROP EXTENSION btree_gist")


def _list_claims_by_age() -> None:
    """Worklists are read in the order in which claims came into their state."""
    op.add_column("claim", sa.Column("moved_at", INSTANT, nullable=True))
    op.execute("UPDATE claim SET moved_at = (SELECT MAX(at) FROM claim_move WHERE claim_move.claim_id = claim.id)")
    op.drop_index("ix_claim_state", "claim")
    op.create_index("ix_claim_state_moved_at_id", "claim", ["state", "moved_at", "id"])


def _know_what_is_unbilled() -> None:
    """Counting unbilled sessions by looking for what bills each would take longer with every year."""
    column = sa.Column("awaits_billing", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("clinic_session", column)
    op.execute(f"UPDATE clinic_session SET awaits_billing = TRUE WHERE {AWAITS_BILLING.format(id='clinic_session.id')}")
    op.create_index(
        "ix_clinic_session_awaits_billing",
        "clinic_session",
        ["service_on", "id"],
        sqlite_where=sa.text("awaits_billing = 1"),
        postgresql_where=sa.text("awaits_billing"),
    )
    for statement in _sqlite_billing() if _is_sqlite() else _postgresql_billing():
        op.execute(statement)


def _sqlite_billing() -> Iterable[str]:
    now = AWAITS_BILLING.format(id="clinic_session.id")
    update = f"UPDATE clinic_session SET awaits_billing = ({now}) WHERE id = NEW.{{id}}"
    for event, when in (("INSERT", "NEW.state = 'signed'"), ("UPDATE OF state", "OLD.state <> NEW.state")):
        yield f"""
        CREATE TRIGGER clinic_session_awaits_billing_{event.partition(" ")[0].lower()}
        AFTER {event} ON clinic_session WHEN {when} BEGIN {update.format(id="id")}; END
        """
    for name, (event, when) in BILLED_BY.items():
        yield f"CREATE TRIGGER {name} AFTER {event} WHEN {when} BEGIN {update.format(id='session_id')}; END"


def _postgresql_billing() -> Iterable[str]:
    yield f"""
    CREATE FUNCTION clinic_session_awaits_billing() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.awaits_billing := NEW.{AWAITS_BILLING.format(id="NEW.id")};
        RETURN NEW;
    END $$
    """
    yield """
    CREATE TRIGGER clinic_session_awaits_billing BEFORE INSERT OR UPDATE OF state ON clinic_session
    FOR EACH ROW EXECUTE FUNCTION clinic_session_awaits_billing()
    """
    yield f"""
    CREATE FUNCTION session_is_billed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE clinic_session SET awaits_billing = ({AWAITS_BILLING.format(id="clinic_session.id")})
        WHERE id = NEW.session_id;
        RETURN NULL;
    END $$
    """
    for name, (event, when) in BILLED_BY.items():
        yield f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION session_is_billed()"


def _forget_what_is_unbilled() -> None:
    if _is_sqlite():
        for name in ("clinic_session_awaits_billing_insert", "clinic_session_awaits_billing_update", *BILLED_BY):
            op.execute(f"DROP TRIGGER {name}")
    else:
        for function in ("clinic_session_awaits_billing", "session_is_billed"):
            op.execute(f"DROP FUNCTION {function}() CASCADE")
    op.drop_index("ix_clinic_session_awaits_billing", "clinic_session")
    op.drop_column("clinic_session", "awaits_billing")
