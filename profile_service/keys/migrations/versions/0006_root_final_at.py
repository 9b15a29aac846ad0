"""When a root key is gone for good, as the provider that destroyed it said then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("epochs", sa.Column("root_final_at", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("epochs", "root_final_at")
