"""How far the log was looked through for obligations, and how often recipients were called for one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_progress",
        sa.Column("log_id", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notice_attempts",
        sa.Column("obligation_id", sa.Uuid, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_time", sa.BigInteger, nullable=False, comment="microseconds since 1970 UTC"),
    )
