"""The last rebuild of each view: what it is to do, how far it is, and what an operator wants of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MICROSECONDS = "microseconds since 1970 UTC"


def upgrade() -> None:
    op.create_table(
        "rebuilds",
        sa.Column("view", sa.Text, primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False, comment="digest of the projector that builds it"),
        sa.Column("ending", sa.Text, nullable=False, comment="swap, hold or check"),
        sa.Column("workers", sa.Integer, nullable=False, comment="0: as the server is set"),
        sa.Column("executor", sa.Text, nullable=False, comment="empty: as the server is set"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("wanted", sa.Text, nullable=False, comment="pause or cancel, of whoever works on it"),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("slices_done", sa.Integer, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("events_per_second", sa.Double, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("seconds_left", sa.Double, nullable=True),
        sa.Column("position", sa.BigInteger, nullable=False, comment="of the new generation"),
        sa.Column("parked", sa.BigInteger, nullable=False),
        sa.Column("live_rows", sa.BigInteger, nullable=False),
        sa.Column("differing_rows", sa.BigInteger, nullable=False),
        sa.Column("differing", sa.Text, nullable=False, comment="ids of some of them, no values"),
        sa.Column("error", sa.Text, nullable=False, comment="why it failed, no values"),
        sa.Column("begin_time", sa.BigInteger, nullable=False, comment=MICROSECONDS),
        sa.Column("update_time", sa.BigInteger, nullable=False, comment=MICROSECONDS),
    )
