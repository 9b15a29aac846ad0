"""What the close of an epoch needs: states, times, secrets of the service, and what is in a bucket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OF_THE_CLOSE = {
    "closer": sa.Uuid,
    "next_root_id": sa.Text,
    "prepared_at": sa.BigInteger,
    "switched_at": sa.BigInteger,
    "backed_up_at": sa.BigInteger,
    "backup_digest": sa.LargeBinary,
    "root_destroyed_at": sa.BigInteger,
    "closed_at": sa.BigInteger,
    "closed_position": sa.BigInteger,
}


def upgrade() -> None:
    for name, kind in _OF_THE_CLOSE.items():
        op.add_column("epochs", sa.Column(name, kind))
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.add_column("leases", sa.Column("epoch", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("profile_keys_of_bucket", "profile_keys", ["bucket"])
    op.create_index("tags_of_bucket", "tags", ["bucket"])
    op.create_index("tombstones_of_epoch", "tombstones", ["epoch"])


def downgrade() -> None:
    op.drop_index("tombstones_of_epoch", "tombstones")
    op.drop_index("tags_of_bucket", "tags")
    op.drop_index("profile_keys_of_bucket", "profile_keys")
    op.drop_column("leases", "epoch")
    op.drop_table("secrets")
    for name in reversed(_OF_THE_CLOSE):
        op.drop_column("epochs", name)
