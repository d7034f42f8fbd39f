"""The books, the audit trail and everything issued or filed refuse to be changed, by whatever client.

SQLite and PostgreSQL say it differently and mean the same. An entry's postings come first; the entry
that follows is refused unless they sum to zero, and after it no posting can be added.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FROZEN = (
    "ledger_entry",
    "ledger_posting",
    "audit_entry",
    "audit_seal",
    "claim_move",
    "filed_version",
    "filed_line",
    "paper",
    "document",
    "handed_out",
)

SQLITE_LEDGER = (
    """
    CREATE TRIGGER ledger_posting_before_its_entry BEFORE INSERT ON ledger_posting
    WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE source = NEW.entry)
    BEGIN SELECT RAISE(ABORT, 'ledger: this entry is closed; no posting can be added'); END
    """,
    """
    CREATE TRIGGER ledger_entry_sums_to_zero BEFORE INSERT ON ledger_entry
    WHEN (SELECT COUNT(*) < 2 OR SUM(cents) <> 0 FROM ledger_posting WHERE entry = NEW.source)
    BEGIN SELECT RAISE(ABORT, 'ledger: the postings of an entry must sum to zero'); END
    """,
)

POSTGRESQL_LEDGER = (
    """
    CREATE FUNCTION ledger_posting_before_its_entry() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM ledger_entry WHERE source = NEW.entry) THEN
            RAISE EXCEPTION 'ledger: this entry is closed; no posting can be added' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_posting_before_its_entry BEFORE INSERT ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION ledger_posting_before_its_entry()
    """,
    """
    CREATE FUNCTION ledger_entry_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT COUNT(*) < 2 OR SUM(cents) <> 0 FROM ledger_posting WHERE entry = NEW.source) THEN
            RAISE EXCEPTION 'ledger: the postings of an entry must sum to zero' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER ledger_entry_sums_to_zero BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_sums_to_zero()
    """,
    """
    CREATE FUNCTION ledger_posting_stays_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT SUM(cents) <> 0 FROM ledger_posting WHERE entry = NEW.entry) THEN
            RAISE EXCEPTION 'ledger: the postings of an entry must sum to zero' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    # At commit, and after the foreign key was checked: a posting that another transaction added before the entry
    # could be seen would slip past the two triggers above.
    """
    CREATE CONSTRAINT TRIGGER ledger_posting_stays_balanced AFTER INSERT ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_stays_balanced()
    """,
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%: rows are only ever added', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END $$
    """,
)


def upgrade() -> None:
    """Put the triggers in place."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_LEDGER if sqlite else POSTGRESQL_LEDGER:
        op.execute(statement)
    for table in FROZEN:
        if sqlite:
            for change in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only ever added'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    """Take the triggers away."""
    if op.get_bind().dialect.name == "sqlite":
        for table in FROZEN:
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute("DROP TRIGGER ledger_entry_sums_to_zero")
        op.execute("DROP TRIGGER ledger_posting_before_its_entry")
    else:
        for function in (
            "refuse_change",
            "ledger_posting_stays_balanced",
            "ledger_entry_sums_to_zero",
            "ledger_posting_before_its_entry",
        ):
            op.execute(f"DROP FUNCTION {function} CASCADE")
