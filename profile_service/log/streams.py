"""The names of streams: what kind of record, and whose."""

from __future__ import annotations

from uuid import UUID

PROFILE = "profile"
CONSENTS = "consents"
# Who may consent for the person.
GUARDIANS = "guardians"
SIGN_UPS = "sign-ups"
RIGHTS = "rights"
# Which versions of the privacy policy a person was shown.
POLICIES_SHOWN = "policies-shown"
# What views pass over of whoever the UUID names: a person, or a campaign.
SKIPS = "skips"
DISCLOSURES = "disclosures"
CAMPAIGN = "campaign"
RECIPIENT = "recipient"
# What a recipient has to be told of a person: about no person, so that no erasure closes it.
OBLIGATIONS = "obligations"
# The versions of the privacy policy: one stream.
POLICY = "policy"
KEY_EPOCHS = "key-epochs"

# The kinds whose UUID is, or may be, a profile id.
PERSONAL_KINDS = (PROFILE, CONSENTS, GUARDIANS, SIGN_UPS, RIGHTS, POLICIES_SHOWN, SKIPS, DISCLOSURES)
IMPERSONAL_KINDS = (CAMPAIGN, POLICY, KEY_EPOCHS, RECIPIENT, OBLIGATIONS)
KINDS = (*PERSONAL_KINDS, *IMPERSONAL_KINDS)

# Streams are cut into slices by the first byte of their UUID, for rebuilding in parallel. A span is what is
# worked on at once: some slices, or part of one; a range of the numbers that the first two bytes make.
SLICES = 256
SPANNED = 256  # by one slice


def stream_name(kind: str, subject: UUID) -> str:
    """Return the name of a stream, such as `consents/0b7c…`."""
    return f"{kind}/{subject}"


def subject_of(stream: str) -> UUID:
    """Return whose record a stream is: a person's, a campaign's."""
    return UUID(stream[-36:])


def streams_of(profile_id: UUID) -> list[str]:
    """Return every stream that may hold facts of a person."""
    return [stream_name(kind, profile_id) for kind in PERSONAL_KINDS]


def one_slice(number: int) -> range:
    """Return slice 0 to 255 as a run of slices."""
    return range(number, number + 1)


def span_of(run: range) -> range:
    """Return a run of slices as a span."""
    return range(run.start * SPANNED, run.stop * SPANNED)


def span_ranges(span: range) -> list[tuple[str, str]]:
    """Return the ranges `first <= name < last` of the stream names in a span."""
    return [span_range(kind, span) for kind in KINDS]


def span_range(kind: str, span: range) -> tuple[str, str]:
    """Return the range of the stream names of one kind."""
    # "g" follows every hexadecimal digit.
    return f"{kind}/{span[0]:04x}", f"{kind}/{span[-1]:04x}g"
