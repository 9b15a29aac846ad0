"""Reserving an address knows whether it is never to be contacted again, in the same round trip."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# `found` 0: the caller's own row, of a suppressed address; 1: the bucket moved; 2: the profile has no key;
# 3: someone's row; 4: that row went away meanwhile; 5: suppressed, and wanted only if not.
#
# Plans are made while the tables are empty, and would stay: only index scans are left to choose.
RESERVE_ADDRESSES = """
CREATE FUNCTION reserve_addresses(
    w_tag bytea[], w_tag_bucket int4[], w_tag_version int4[], w_inner bytea[], w_rule int4[],
    w_profile uuid[], w_request bytea[],
    w_bucket int4[], w_version int4[], w_wrapped bytea[],
    w_suppression bytea[], w_even_suppressed boolean[]
) RETURNS TABLE (
    place int4, found int4, profile_id uuid, request_key bytea, reserved_at int8, age_us int8,
    registration boolean, bucket int4, bucket_version int4, wrapped bytea,
    suppressed boolean
)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    gone int4[];
    refused int4[];
    shunned int4[];
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
               NULL::int4, NULL::int4, NULL::bytea, false
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

    -- A suppression under way is waited for, and one that comes later sees what is stored here.
    PERFORM pg_advisory_xact_lock_shared(7038331);
    shunned := ARRAY(
        SELECT w.place::int4 FROM unnest(w_suppression) WITH ORDINALITY w(tag, place)
        WHERE EXISTS (SELECT FROM suppressions s WHERE s.tag = w.tag));
    IF cardinality(shunned) > 0 THEN
        refused := ARRAY(SELECT p FROM unnest(shunned) p WHERE NOT w_even_suppressed[p]);
    END IF;

    IF array_position(w_wrapped, NULL) IS NOT NULL THEN
        -- An existing profile: its key must stay until this commits, else the tag would outlive it.
        PERFORM FROM unnest(w_profile, w_wrapped) w(profile, wrapped)
            JOIN profile_keys k ON k.profile_id = w.profile
            WHERE w.wrapped IS NULL ORDER BY k.profile_id FOR KEY SHARE OF k;
        gone := ARRAY(
            SELECT w.place::int4 FROM unnest(w_profile, w_wrapped) WITH ORDINALITY w(profile, wrapped, place)
            WHERE w.wrapped IS NULL
              AND NOT EXISTS (SELECT FROM profile_keys k WHERE k.profile_id = w.profile));
        IF cardinality(gone) > 0 THEN
            refused := ARRAY(SELECT unnest(gone) UNION SELECT unnest(refused));
        END IF;
    END IF;
    wanted := wanted - coalesce(cardinality(refused), 0);

    INSERT INTO profile_keys (profile_id, bucket, bucket_version, wrapped)
        SELECT w.profile, w.bucket, w.version, w.wrapped
        FROM unnest(w_profile, w_bucket, w_version, w_wrapped)
            WITH ORDINALITY w(profile, bucket, version, wrapped, place)
        WHERE w.wrapped IS NOT NULL AND (refused IS NULL OR NOT (w.place = ANY (refused)));
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
    IF stored = wanted AND wanted = cardinality(w_tag) AND cardinality(shunned) = 0 THEN
        RETURN;
    END IF;

    DELETE FROM profile_keys k
        USING unnest(w_tag, w_profile, w_wrapped) w(tag, profile, wrapped)
        WHERE k.profile_id = w.profile AND w.wrapped IS NOT NULL
          AND NOT EXISTS (SELECT FROM tags t WHERE t.tag = w.tag AND t.profile_id = w.profile);
    RETURN QUERY
        SELECT w.place::int4,
               CASE WHEN w.place = ANY (gone) THEN 2 WHEN w.place = ANY (refused) THEN 5
                    WHEN t.tag IS NULL THEN 4
                    WHEN t.profile_id = w.profile AND t.request_key = w.request THEN 0 ELSE 3 END,
               t.profile_id, t.request_key, t.reserved_at, at - t.reserved_at, t.registration,
               k.bucket, k.bucket_version, k.wrapped, coalesce(w.place = ANY (shunned), false)
        FROM unnest(w_tag, w_profile, w_request) WITH ORDINALITY w(tag, profile, request, place)
            LEFT JOIN tags t ON t.tag = w.tag
            LEFT JOIN profile_keys k ON k.profile_id = t.profile_id AND t.request_key = w.request
        WHERE w.place = ANY (refused) OR w.place = ANY (shunned)
           OR t.profile_id IS DISTINCT FROM w.profile OR t.request_key <> w.request;
END $$
"""

BEFORE = (
    "reserve_addresses(bytea[], int4[], int4[], bytea[], int4[], uuid[], bytea[], int4[], int4[], bytea[])"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {BEFORE}")
        op.execute(RESERVE_ADDRESSES)


def downgrade() -> None:
    raise RuntimeError("an earlier version would reserve suppressed addresses")
