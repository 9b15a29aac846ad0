"""The key tree, the tags of addresses, tombstones, leases, and the function that reserves on PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Whatever names a bucket version holds lock 7038329 ("key" in ASCII) shared, and the close of an
# epoch holds it exclusively: a version found current stays so until the transaction ends. The order of the
# statements is the point: each sees what was committed before the lock was granted.
#
# `wanted` must be sorted by tag, so that two batches wait for each other in one order only. A new
# profile's key goes in first and is taken out again if its tag is someone else's, which is rare.
# A row comes back for each place that did not become the caller's own; most often there is none.
# `found` 1: the bucket moved; 2: the profile has no key; 3: someone's row; 4: that row went away meanwhile.
#
# Plans are made while the tables are empty, and would stay: only index scans are left to choose.
RESERVE_ADDRESSES = """
CREATE FUNCTION reserve_addresses(
    w_tag bytea[], w_tag_bucket int4[], w_tag_version int4[], w_inner bytea[], w_rule int4[],
    w_profile uuid[], w_request bytea[],
    w_bucket int4[], w_version int4[], w_wrapped bytea[]
) RETURNS TABLE (
    place int4, found int4, profile_id uuid, request_key bytea, reserved_at int8, age_us int8,
    registration boolean, bucket int4, bucket_version int4, wrapped bytea
)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    refused int4[];
    at int8;
    stored int8;
    wanted int8 := cardinality(w_tag);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'reserve_addresses needs read committed';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7038329);
    at := (extract(epoch FROM clock_timestamp()) * 1000000)::int8;

    RETURN QUERY
        SELECT w.place::int4, 1, NULL::uuid, NULL::bytea, NULL::int8, NULL::int8, NULL::boolean,
               NULL::int4, NULL::int4, NULL::bytea
        FROM unnest(w_tag_bucket, w_tag_version, w_bucket, w_version, w_wrapped)
            WITH ORDINALITY w(tag_bucket, tag_version, bucket, version, wrapped, place)
        WHERE NOT EXISTS (SELECT FROM tag_buckets b
                          WHERE b.bucket = w.tag_bucket AND b.version = w.tag_version AND b.current)
           OR w.wrapped IS NOT NULL
              AND NOT EXISTS (SELECT FROM key_buckets b
                              WHERE b.bucket = w.bucket AND b.version = w.version AND b.current);
    IF FOUND THEN
        -- Rare, and the caller wraps all of it again: nothing else is looked at.
        RETURN;
    END IF;

    IF array_position(w_wrapped, NULL) IS NOT NULL THEN
        -- An existing profile: its key must stay until this commits, else the tag would outlive it.
        PERFORM FROM unnest(w_profile, w_wrapped) w(profile, wrapped)
            JOIN profile_keys k ON k.profile_id = w.profile
            WHERE w.wrapped IS NULL ORDER BY k.profile_id FOR KEY SHARE OF k;
        refused := ARRAY(
            SELECT w.place::int4 FROM unnest(w_profile, w_wrapped) WITH ORDINALITY w(profile, wrapped, place)
            WHERE w.wrapped IS NULL
              AND NOT EXISTS (SELECT FROM profile_keys k WHERE k.profile_id = w.profile));
        wanted := wanted - cardinality(refused);
    END IF;

    INSERT INTO profile_keys (profile_id, bucket, bucket_version, wrapped)
        SELECT w.profile, w.bucket, w.version, w.wrapped
        FROM unnest(w_profile, w_bucket, w_version, w_wrapped) w(profile, bucket, version, wrapped)
        WHERE w.wrapped IS NOT NULL;
    INSERT INTO tags (tag, bucket, version, inner_value, rule, profile_id, request_key, reserved_at,
                      registration)
        SELECT w.tag, w.bucket, w.version, w.inner_value, w.rule, w.profile, w.request, at,
               w.wrapped IS NOT NULL
        FROM unnest(w_tag, w_tag_bucket, w_tag_version, w_inner, w_rule, w_profile, w_request, w_wrapped)
            WITH ORDINALITY w(tag, bucket, version, inner_value, rule, profile, request, wrapped, place)
        WHERE refused IS NULL OR NOT (w.place = ANY (refused))
        ORDER BY w.place
        ON CONFLICT (tag) DO NOTHING;
    GET DIAGNOSTICS stored = ROW_COUNT;
    IF stored = wanted AND wanted = cardinality(w_tag) THEN
        RETURN;
    END IF;

    DELETE FROM profile_keys k
        USING unnest(w_tag, w_profile, w_wrapped) w(tag, profile, wrapped)
        WHERE k.profile_id = w.profile AND w.wrapped IS NOT NULL
          AND NOT EXISTS (SELECT FROM tags t WHERE t.tag = w.tag AND t.profile_id = w.profile);
    RETURN QUERY
        SELECT w.place::int4,
               CASE WHEN w.place = ANY (refused) THEN 2 WHEN t.tag IS NULL THEN 4 ELSE 3 END,
               t.profile_id, t.request_key, t.reserved_at, at - t.reserved_at, t.registration,
               k.bucket, k.bucket_version, k.wrapped
        FROM unnest(w_tag, w_profile, w_request) WITH ORDINALITY w(tag, profile, request, place)
            LEFT JOIN tags t ON t.tag = w.tag
            LEFT JOIN profile_keys k ON k.profile_id = t.profile_id AND t.request_key = w.request
        WHERE w.place = ANY (refused)
           OR t.profile_id IS DISTINCT FROM w.profile OR t.request_key <> w.request;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "epochs",
        sa.Column("epoch", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("root_provider", sa.Text, nullable=False),
        sa.Column("root_id", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("address_key", sa.LargeBinary, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
    )
    for name in ("key_buckets", "tag_buckets"):
        op.create_table(
            name,
            sa.Column("bucket", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("epoch", sa.BigInteger, nullable=False),
            sa.Column("wrapped", sa.LargeBinary, nullable=False),
            sa.Column("current", sa.Boolean, nullable=False),
            sa.Column("dirty", sa.Boolean, nullable=False),
        )
    op.create_table(
        "profile_keys",
        sa.Column("profile_id", sa.Uuid, primary_key=True),
        sa.Column("bucket", sa.Integer, nullable=False),
        sa.Column("bucket_version", sa.Integer, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tags",
        sa.Column("tag", sa.LargeBinary, primary_key=True),
        sa.Column("bucket", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("inner_value", sa.LargeBinary, nullable=False),
        sa.Column("rule", sa.Integer, nullable=False),
        sa.Column("profile_id", sa.Uuid, nullable=False),
        sa.Column("request_key", sa.LargeBinary, nullable=False),
        sa.Column("reserved_at", sa.BigInteger, nullable=False),
        sa.Column("registration", sa.Boolean, nullable=False),
    )
    op.create_index("tags_of_profile", "tags", ["profile_id"])
    op.create_table(
        "tombstones",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("profile_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("destroyed_at", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("process", sa.Uuid, primary_key=True),
        sa.Column("renewals", sa.BigInteger, nullable=False),
        sa.Column("renewed_at", sa.BigInteger, nullable=False),
        sa.Column("acknowledged", sa.BigInteger, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(RESERVE_ADDRESSES)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION reserve_addresses")
    for name in ("leases", "tombstones", "tags", "profile_keys", "tag_buckets", "key_buckets", "epochs"):
        op.drop_table(name)
