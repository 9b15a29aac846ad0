"""Up to where keys and log were compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_mark",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("log_id", sa.Text, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("tombstone", sa.BigInteger, nullable=False),
        sa.Column("marked_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("log_mark")
