"""The catalogue of the views, parked and skipped facts, slices of rebuilds, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MICROSECONDS = "microseconds since 1970 UTC"


def upgrade() -> None:
    op.create_table(
        "generations",
        sa.Column("view", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column(
            "position", sa.BigInteger, nullable=False, comment="everything up to here is in the tables"
        ),
        sa.Column("log_id", sa.Text, nullable=False),
        sa.Column("tables", sa.Text, nullable=False, comment="their names without the generation"),
        sa.Column("layout", sa.Text, nullable=False, comment="digest of the tables"),
        sa.Column("fingerprint", sa.Text, nullable=False, comment="digest of the projector that built it"),
        sa.Column("update_time", sa.BigInteger, nullable=False, comment=MICROSECONDS),
    )
    op.create_index(
        "generations_one_live",
        "generations",
        ["view"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
        sqlite_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "slices",
        sa.Column("view", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("slice", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "parked",
        sa.Column("view", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False, comment="of the fact that failed"),
        sa.Column("error", sa.Text, nullable=False, comment="name of the error's class, no values"),
        sa.Column("time", sa.BigInteger, nullable=False, comment=MICROSECONDS),
    )
    op.create_table(
        "skipped",
        sa.Column("view", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False, comment=MICROSECONDS),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False, comment=MICROSECONDS),
    )
