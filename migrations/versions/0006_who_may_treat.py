"""Who may treat: places of work, more kinds of credentials, education, supervision."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

KINDS_BEFORE = ("licence", "certification", "malpractice", "cpr", "needle_technique")
KINDS = (*KINDS_BEFORE, "attestation", "exclusion_check", "membership", "registration", "premises", "training")
STATUSES_BEFORE = ("active", "suspended", "revoked")
STATUSES = ("active", "restricted", "suspended", "revoked")
FORMS = ("occurrence", "claims_made")
SAME_DAY = ["practitioner_id", "payer_id", "effective_from"]
ANYWHERE, SOMEWHERE = sa.text("place_id IS NULL"), sa.text("place_id IS NOT NULL")


def upgrade() -> None:
    """Make room for whoever may treat, where, and under whom."""
    _create_places()
    _widen_credentials()
    _widen_enrolments()
    op.add_column("practitioner", sa.Column("birth_date", sa.Date(), nullable=True))
    op.create_table(
        "continuing_education",
        sa.Column("id", KEY, nullable=False),
        sa.Column("practitioner_id", KEY, nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("minutes", KEY, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("is_distance", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_continuing_education_takes_time")),
        sa.ForeignKeyConstraint(
            ["practitioner_id"], ["practitioner.id"], name=op.f("fk_continuing_education_practitioner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_continuing_education")),
    )
    op.create_index(op.f("ix_continuing_education_practitioner_id"), "continuing_education", ["practitioner_id"])
    _create_supervision()


def downgrade() -> None:
    """Take it away again, with what the schema before has no word for.

    That is credentials of the new kinds and those without a last day, whose documents stay as nobody's; enrolments
    for one place of work; what licences allow; courses, supervision, places. A restricted licence is then suspended.
    """
    op.drop_table("supervision")
    op.drop_table("continuing_education")
    op.drop_column("practitioner", "birth_date")
    _narrow_enrolments()
    _narrow_credentials()
    with op.batch_alter_table("room") as room:
        room.drop_constraint(op.f("fk_room_place_id"), type_="foreignkey")
        room.drop_column("place_id")
    op.drop_table("place")


def _create_places() -> None:
    op.create_table(
        "place",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address1", sa.Text(), nullable=False),
        sa.Column("address2", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("zip", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("npi", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("name", name=op.f("uq_place_name")),
    )
    with op.batch_alter_table("room") as room:
        room.add_column(sa.Column("place_id", KEY, nullable=True))
        room.create_foreign_key(op.f("fk_room_place_id"), "place", ["place_id"], ["id"])


def _widen_credentials() -> None:
    with op.batch_alter_table("credential") as credential:
        for column, type_ in (
            ("place_id", KEY), ("form", _words("coverform", FORMS)), ("retro_date", sa.Date()),
            ("per_claim_cents", sa.BigInteger()), ("aggregate_cents", sa.BigInteger()),
        ):  # fmt: skip
            credential.add_column(sa.Column(column, type_, nullable=True))
        credential.add_column(sa.Column("scope", FACTS, nullable=False, server_default=sa.text("'{}'")))
        credential.alter_column("practitioner_id", existing_type=KEY, nullable=True)
        credential.alter_column("valid_to", existing_type=sa.Date(), nullable=True)
        credential.create_foreign_key(op.f("fk_credential_place_id"), "place", ["place_id"], ["id"])
        _admit(credential, "kind", "ck_credential_credentialkind", KINDS)
        _admit(credential, "status", "ck_credential_credentialstatus", STATUSES)
        credential.create_check_constraint(
            op.f("ck_credential_of_somebody_or_of_premises"), "(kind = 'premises') = (practitioner_id IS NULL)"
        )


def _narrow_credentials() -> None:
    known = ", ".join(f"'{kind}'" for kind in KINDS_BEFORE)
    gone = f"SELECT id FROM credential WHERE kind NOT IN ({known}) OR valid_to IS NULL"
    _set_documents_aside(f"owner_kind = 'credential' AND owner_id IN ({gone})", "withdrawn_credential")
    op.execute(f"DELETE FROM credential WHERE kind NOT IN ({known}) OR valid_to IS NULL")
    op.execute("UPDATE credential SET status = 'suspended' WHERE status = 'restricted'")
    with op.batch_alter_table("credential") as credential:
        credential.drop_constraint(op.f("ck_credential_of_somebody_or_of_premises"), type_="check")
        credential.drop_constraint(op.f("ck_credential_coverform"), type_="check")
        credential.drop_constraint(op.f("fk_credential_place_id"), type_="foreignkey")
        for column in ("place_id", "form", "retro_date", "per_claim_cents", "aggregate_cents", "scope"):
            credential.drop_column(column)
        credential.alter_column("practitioner_id", existing_type=KEY, nullable=False)
        credential.alter_column("valid_to", existing_type=sa.Date(), nullable=False)
        _admit(credential, "kind", "ck_credential_credentialkind", KINDS_BEFORE)
        _admit(credential, "status", "ck_credential_credentialstatus", STATUSES_BEFORE)


def _set_documents_aside(which: str, owner: str) -> None:
    """Give documents an owner of their own, which nothing but a migration may: their rows are frozen."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    thaw, freeze = "ALTER TABLE document DISABLE TRIGGER", "ALTER TABLE document ENABLE TRIGGER"
    op.execute("DROP TRIGGER document_no_update" if is_sqlite else f"{thaw} document_no_change")
    op.execute(f"UPDATE document SET owner_kind = '{owner}', owner_id = id WHERE {which}")
    frozen = (
        "CREATE TRIGGER document_no_update BEFORE UPDATE ON document "
        "BEGIN SELECT RAISE(ABORT, 'document: rows are only ever added'); END"
    )
    op.execute(frozen if is_sqlite else f"{freeze} document_no_change")


def _widen_enrolments() -> None:
    with op.batch_alter_table("enrolment") as enrolment:
        enrolment.drop_constraint(op.f("uq_enrolment_practitioner_id_payer_id_effective_from"), type_="unique")
        for column, type_ in (("place_id", KEY), ("identifier", sa.Text()), ("recredential_by", sa.Date())):
            enrolment.add_column(sa.Column(column, type_, nullable=True))
        enrolment.create_foreign_key(op.f("fk_enrolment_place_id"), "place", ["place_id"], ["id"])
    op.create_index(
        "uq_enrolment_practitioner_id_payer_id_effective_from", "enrolment", SAME_DAY,
        unique=True, sqlite_where=ANYWHERE, postgresql_where=ANYWHERE,
    )  # fmt: skip
    op.create_index(
        "uq_enrolment_at_place", "enrolment", ["practitioner_id", "payer_id", "place_id", "effective_from"],
        unique=True, sqlite_where=SOMEWHERE, postgresql_where=SOMEWHERE,
    )  # fmt: skip


def _narrow_enrolments() -> None:
    op.drop_index("uq_enrolment_at_place", "enrolment")
    op.drop_index("uq_enrolment_practitioner_id_payer_id_effective_from", "enrolment")
    op.execute("DELETE FROM enrolment WHERE place_id IS NOT NULL")
    with op.batch_alter_table("enrolment") as enrolment:
        enrolment.drop_constraint(op.f("fk_enrolment_place_id"), type_="foreignkey")
        for column in ("place_id", "identifier", "recredential_by"):
            enrolment.drop_column(column)
        enrolment.create_unique_constraint(op.f("uq_enrolment_practitioner_id_payer_id_effective_from"), SAME_DAY)


def _create_supervision() -> None:
    op.create_table(
        "supervision",
        sa.Column("id", KEY, nullable=False),
        sa.Column("practitioner_id", KEY, nullable=False),
        sa.Column("supervisor_id", KEY, nullable=False),
        sa.Column("payer_id", KEY, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("attested_on", sa.Date(), nullable=True),
        sa.CheckConstraint("practitioner_id <> supervisor_id", name=op.f("ck_supervision_not_of_oneself")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_supervision_payer_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_supervision_practitioner_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["practitioner.id"], name=op.f("fk_supervision_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision")),
    )
    op.create_index(op.f("ix_supervision_practitioner_id"), "supervision", ["practitioner_id"])


def _admit(table: op.BatchOperations, column: str, constraint: str, words: Iterable[str]) -> None:
    """Let a column say other words than before."""
    table.drop_constraint(op.f(constraint), type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    table.create_check_constraint(op.f(constraint), f"{column} IN ({listed})")


def _words(name: str, choices: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*choices, name=name, native_enum=False, create_constraint=True, length=24)
