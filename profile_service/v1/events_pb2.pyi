import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import date_pb2 as _date_pb2
from profile_service.v1 import annotations_pb2 as _annotations_pb2
from profile_service.v1 import campaign_pb2 as _campaign_pb2
from profile_service.v1 import guardian_pb2 as _guardian_pb2
from profile_service.v1 import policy_pb2 as _policy_pb2
from profile_service.v1 import profile_pb2 as _profile_pb2
from profile_service.v1 import recipient_pb2 as _recipient_pb2
from profile_service.v1 import rights_pb2 as _rights_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UpdateReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UPDATE_REASON_UNSPECIFIED: _ClassVar[UpdateReason]
    UPDATE_REASON_COMPLETION: _ClassVar[UpdateReason]
    UPDATE_REASON_CORRECTION: _ClassVar[UpdateReason]

class ErasureRequester(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERASURE_REQUESTER_UNSPECIFIED: _ClassVar[ErasureRequester]
    ERASURE_REQUESTER_PERSON: _ClassVar[ErasureRequester]
    ERASURE_REQUESTER_GUARDIAN: _ClassVar[ErasureRequester]
    ERASURE_REQUESTER_CITY: _ClassVar[ErasureRequester]
    ERASURE_REQUESTER_AUTHORITY: _ClassVar[ErasureRequester]

class SuppressionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPRESSION_REASON_UNSPECIFIED: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_REQUEST: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_OBJECTION: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_AUTHORITY: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_COMPLAINT: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_ADDRESS: _ClassVar[SuppressionReason]

class ErasureReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERASURE_REASON_UNSPECIFIED: _ClassVar[ErasureReason]
    ERASURE_REASON_NO_LONGER_NECESSARY: _ClassVar[ErasureReason]
    ERASURE_REASON_CONSENT_WITHDRAWN: _ClassVar[ErasureReason]
    ERASURE_REASON_OBJECTION: _ClassVar[ErasureReason]
    ERASURE_REASON_UNLAWFUL_PROCESSING: _ClassVar[ErasureReason]
    ERASURE_REASON_LEGAL_OBLIGATION: _ClassVar[ErasureReason]
    ERASURE_REASON_CHILD_SERVICE: _ClassVar[ErasureReason]

class SkipReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SKIP_REASON_UNSPECIFIED: _ClassVar[SkipReason]
    SKIP_REASON_DAMAGED: _ClassVar[SkipReason]
    SKIP_REASON_CONTRADICTION: _ClassVar[SkipReason]
    SKIP_REASON_DEFECT: _ClassVar[SkipReason]

class ObligationKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OBLIGATION_KIND_UNSPECIFIED: _ClassVar[ObligationKind]
    OBLIGATION_KIND_RECTIFICATION: _ClassVar[ObligationKind]
    OBLIGATION_KIND_ERASURE: _ClassVar[ObligationKind]
    OBLIGATION_KIND_RESTRICTION: _ClassVar[ObligationKind]
UPDATE_REASON_UNSPECIFIED: UpdateReason
UPDATE_REASON_COMPLETION: UpdateReason
UPDATE_REASON_CORRECTION: UpdateReason
ERASURE_REQUESTER_UNSPECIFIED: ErasureRequester
ERASURE_REQUESTER_PERSON: ErasureRequester
ERASURE_REQUESTER_GUARDIAN: ErasureRequester
ERASURE_REQUESTER_CITY: ErasureRequester
ERASURE_REQUESTER_AUTHORITY: ErasureRequester
SUPPRESSION_REASON_UNSPECIFIED: SuppressionReason
SUPPRESSION_REASON_REQUEST: SuppressionReason
SUPPRESSION_REASON_OBJECTION: SuppressionReason
SUPPRESSION_REASON_AUTHORITY: SuppressionReason
SUPPRESSION_REASON_COMPLAINT: SuppressionReason
SUPPRESSION_REASON_ADDRESS: SuppressionReason
ERASURE_REASON_UNSPECIFIED: ErasureReason
ERASURE_REASON_NO_LONGER_NECESSARY: ErasureReason
ERASURE_REASON_CONSENT_WITHDRAWN: ErasureReason
ERASURE_REASON_OBJECTION: ErasureReason
ERASURE_REASON_UNLAWFUL_PROCESSING: ErasureReason
ERASURE_REASON_LEGAL_OBLIGATION: ErasureReason
ERASURE_REASON_CHILD_SERVICE: ErasureReason
SKIP_REASON_UNSPECIFIED: SkipReason
SKIP_REASON_DAMAGED: SkipReason
SKIP_REASON_CONTRADICTION: SkipReason
SKIP_REASON_DEFECT: SkipReason
OBLIGATION_KIND_UNSPECIFIED: ObligationKind
OBLIGATION_KIND_RECTIFICATION: ObligationKind
OBLIGATION_KIND_ERASURE: ObligationKind
OBLIGATION_KIND_RESTRICTION: ObligationKind

class Record(_message.Message):
    __slots__ = ("header", "open", "sealed")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    open: bytes
    sealed: bytes
    def __init__(self, header: _Optional[bytes] = ..., open: _Optional[bytes] = ..., sealed: _Optional[bytes] = ...) -> None: ...

class EventHeader(_message.Message):
    __slots__ = ("stream", "version", "type", "profile_id", "actor", "channel", "request_id", "causation", "schema")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    stream: str
    version: int
    type: str
    profile_id: bytes
    actor: str
    channel: _profile_pb2.Channel
    request_id: bytes
    causation: int
    schema: int
    def __init__(self, stream: _Optional[str] = ..., version: _Optional[int] = ..., type: _Optional[str] = ..., profile_id: _Optional[bytes] = ..., actor: _Optional[str] = ..., channel: _Optional[_Union[_profile_pb2.Channel, str]] = ..., request_id: _Optional[bytes] = ..., causation: _Optional[int] = ..., schema: _Optional[int] = ...) -> None: ...

class ProfileRegistered(_message.Message):
    __slots__ = ("email", "given_name", "family_name", "date_of_birth", "gender", "post_code", "language", "policy_version")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    DATE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    POST_CODE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    email: str
    given_name: str
    family_name: str
    date_of_birth: _date_pb2.Date
    gender: _profile_pb2.Gender
    post_code: str
    language: str
    policy_version: str
    def __init__(self, email: _Optional[str] = ..., given_name: _Optional[str] = ..., family_name: _Optional[str] = ..., date_of_birth: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., gender: _Optional[_Union[_profile_pb2.Gender, str]] = ..., post_code: _Optional[str] = ..., language: _Optional[str] = ..., policy_version: _Optional[str] = ...) -> None: ...

class ProfileUpdated(_message.Message):
    __slots__ = ("given_name", "family_name", "date_of_birth", "gender", "post_code", "language", "phone", "address", "interests", "preferred_channel", "cleared", "reason")
    GIVEN_NAME_FIELD_NUMBER: _ClassVar[int]
    FAMILY_NAME_FIELD_NUMBER: _ClassVar[int]
    DATE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    POST_CODE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    INTERESTS_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CLEARED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    given_name: str
    family_name: str
    date_of_birth: _date_pb2.Date
    gender: _profile_pb2.Gender
    post_code: str
    language: str
    phone: str
    address: _profile_pb2.Address
    interests: _profile_pb2.Interests
    preferred_channel: _profile_pb2.ContactChannel
    cleared: _containers.RepeatedScalarFieldContainer[str]
    reason: UpdateReason
    def __init__(self, given_name: _Optional[str] = ..., family_name: _Optional[str] = ..., date_of_birth: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., gender: _Optional[_Union[_profile_pb2.Gender, str]] = ..., post_code: _Optional[str] = ..., language: _Optional[str] = ..., phone: _Optional[str] = ..., address: _Optional[_Union[_profile_pb2.Address, _Mapping]] = ..., interests: _Optional[_Union[_profile_pb2.Interests, _Mapping]] = ..., preferred_channel: _Optional[_Union[_profile_pb2.ContactChannel, str]] = ..., cleared: _Optional[_Iterable[str]] = ..., reason: _Optional[_Union[UpdateReason, str]] = ...) -> None: ...

class ProfileRectified(_message.Message):
    __slots__ = ("rights_request_id", "basis", "fields", "previous")
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: bytes
    basis: _rights_pb2.RectificationBasis
    fields: _containers.RepeatedScalarFieldContainer[str]
    previous: _profile_pb2.Profile
    def __init__(self, rights_request_id: _Optional[bytes] = ..., basis: _Optional[_Union[_rights_pb2.RectificationBasis, str]] = ..., fields: _Optional[_Iterable[str]] = ..., previous: _Optional[_Union[_profile_pb2.Profile, _Mapping]] = ...) -> None: ...

class EmailChanged(_message.Message):
    __slots__ = ("email", "reason")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    email: str
    reason: UpdateReason
    def __init__(self, email: _Optional[str] = ..., reason: _Optional[_Union[UpdateReason, str]] = ...) -> None: ...

class EmailVerificationStarted(_message.Message):
    __slots__ = ("verification_id", "expire_time")
    VERIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    verification_id: bytes
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, verification_id: _Optional[bytes] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EmailVerified(_message.Message):
    __slots__ = ("verification_id",)
    VERIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    verification_id: bytes
    def __init__(self, verification_id: _Optional[bytes] = ...) -> None: ...

class ProfileErased(_message.Message):
    __slots__ = ("legal_basis", "requested_by", "reason", "never_contact_again")
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    NEVER_CONTACT_AGAIN_FIELD_NUMBER: _ClassVar[int]
    legal_basis: _profile_pb2.LegalBasis
    requested_by: ErasureRequester
    reason: ErasureReason
    never_contact_again: bool
    def __init__(self, legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., requested_by: _Optional[_Union[ErasureRequester, str]] = ..., reason: _Optional[_Union[ErasureReason, str]] = ..., never_contact_again: _Optional[bool] = ...) -> None: ...

class ConsentGiven(_message.Message):
    __slots__ = ("purpose", "policy_version", "text_hash", "by_guardian")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    BY_GUARDIAN_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    policy_version: str
    text_hash: bytes
    by_guardian: bool
    def __init__(self, purpose: _Optional[str] = ..., policy_version: _Optional[str] = ..., text_hash: _Optional[bytes] = ..., by_guardian: _Optional[bool] = ...) -> None: ...

class ConsentWithdrawn(_message.Message):
    __slots__ = ("purpose", "policy_version", "text_hash")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_HASH_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    policy_version: str
    text_hash: bytes
    def __init__(self, purpose: _Optional[str] = ..., policy_version: _Optional[str] = ..., text_hash: _Optional[bytes] = ...) -> None: ...

class ContactSuppressed(_message.Message):
    __slots__ = ("legal_basis", "reason")
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    legal_basis: _profile_pb2.LegalBasis
    reason: SuppressionReason
    def __init__(self, legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., reason: _Optional[_Union[SuppressionReason, str]] = ...) -> None: ...

class MarketingObjected(_message.Message):
    __slots__ = ("purpose", "by_link")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    BY_LINK_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    by_link: bool
    def __init__(self, purpose: _Optional[str] = ..., by_link: _Optional[bool] = ...) -> None: ...

class GuardianLinked(_message.Message):
    __slots__ = ("guardian_id", "relation", "method", "level")
    GUARDIAN_ID_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    guardian_id: bytes
    relation: _guardian_pb2.GuardianRelation
    method: _rights_pb2.IdentificationMethod
    level: _rights_pb2.AssuranceLevel
    def __init__(self, guardian_id: _Optional[bytes] = ..., relation: _Optional[_Union[_guardian_pb2.GuardianRelation, str]] = ..., method: _Optional[_Union[_rights_pb2.IdentificationMethod, str]] = ..., level: _Optional[_Union[_rights_pb2.AssuranceLevel, str]] = ...) -> None: ...

class GuardianshipEnded(_message.Message):
    __slots__ = ("guardian_id",)
    GUARDIAN_ID_FIELD_NUMBER: _ClassVar[int]
    guardian_id: bytes
    def __init__(self, guardian_id: _Optional[bytes] = ...) -> None: ...

class CampaignOpened(_message.Message):
    __slots__ = ("campaign",)
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ...) -> None: ...

class CampaignClosed(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SignedUp(_message.Message):
    __slots__ = ("campaign_id", "answers")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    campaign_id: bytes
    answers: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Answer]
    def __init__(self, campaign_id: _Optional[bytes] = ..., answers: _Optional[_Iterable[_Union[_campaign_pb2.Answer, _Mapping]]] = ...) -> None: ...

class SignUpWithdrawn(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: bytes
    def __init__(self, campaign_id: _Optional[bytes] = ...) -> None: ...

class RightsRequestOpened(_message.Message):
    __slots__ = ("rights_request_id", "right", "requested_by", "receive_date", "due_date")
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: bytes
    right: _rights_pb2.Right
    requested_by: ErasureRequester
    receive_date: _date_pb2.Date
    due_date: _date_pb2.Date
    def __init__(self, rights_request_id: _Optional[bytes] = ..., right: _Optional[_Union[_rights_pb2.Right, str]] = ..., requested_by: _Optional[_Union[ErasureRequester, str]] = ..., receive_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class RequesterIdentified(_message.Message):
    __slots__ = ("rights_request_id", "method", "level")
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: bytes
    method: _rights_pb2.IdentificationMethod
    level: _rights_pb2.AssuranceLevel
    def __init__(self, rights_request_id: _Optional[bytes] = ..., method: _Optional[_Union[_rights_pb2.IdentificationMethod, str]] = ..., level: _Optional[_Union[_rights_pb2.AssuranceLevel, str]] = ...) -> None: ...

class RightsRequestExtended(_message.Message):
    __slots__ = ("rights_request_id", "reason", "due_date")
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: bytes
    reason: _rights_pb2.ExtensionReason
    due_date: _date_pb2.Date
    def __init__(self, rights_request_id: _Optional[bytes] = ..., reason: _Optional[_Union[_rights_pb2.ExtensionReason, str]] = ..., due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class RightsRequestRefused(_message.Message):
    __slots__ = ("rights_request_id", "ground", "complaint_routes")
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_ROUTES_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: bytes
    ground: _rights_pb2.RefusalGround
    complaint_routes: _containers.RepeatedScalarFieldContainer[_rights_pb2.ComplaintRoute]
    def __init__(self, rights_request_id: _Optional[bytes] = ..., ground: _Optional[_Union[_rights_pb2.RefusalGround, str]] = ..., complaint_routes: _Optional[_Iterable[_Union[_rights_pb2.ComplaintRoute, str]]] = ...) -> None: ...

class RightsRequestFulfilled(_message.Message):
    __slots__ = ("rights_request_id",)
    RIGHTS_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    rights_request_id: bytes
    def __init__(self, rights_request_id: _Optional[bytes] = ...) -> None: ...

class LegalHoldPlaced(_message.Message):
    __slots__ = ("hold_id", "ground", "reference", "review_date")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    REVIEW_DATE_FIELD_NUMBER: _ClassVar[int]
    hold_id: bytes
    ground: _rights_pb2.HoldGround
    reference: str
    review_date: _date_pb2.Date
    def __init__(self, hold_id: _Optional[bytes] = ..., ground: _Optional[_Union[_rights_pb2.HoldGround, str]] = ..., reference: _Optional[str] = ..., review_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class LegalHoldReleased(_message.Message):
    __slots__ = ("hold_id",)
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    hold_id: bytes
    def __init__(self, hold_id: _Optional[bytes] = ...) -> None: ...

class ProcessingRestricted(_message.Message):
    __slots__ = ("ground",)
    GROUND_FIELD_NUMBER: _ClassVar[int]
    ground: _rights_pb2.RestrictionGround
    def __init__(self, ground: _Optional[_Union[_rights_pb2.RestrictionGround, str]] = ...) -> None: ...

class RestrictionLifted(_message.Message):
    __slots__ = ("ground", "inform_date")
    GROUND_FIELD_NUMBER: _ClassVar[int]
    INFORM_DATE_FIELD_NUMBER: _ClassVar[int]
    ground: _rights_pb2.RestrictionGround
    inform_date: _date_pb2.Date
    def __init__(self, ground: _Optional[_Union[_rights_pb2.RestrictionGround, str]] = ..., inform_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class KeyEpochClosed(_message.Message):
    __slots__ = ("epoch", "root_digest", "root_provider", "open_time", "switch_time", "root_destroy_time", "erasures", "backup_digest")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    ROOT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    ROOT_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    SWITCH_TIME_FIELD_NUMBER: _ClassVar[int]
    ROOT_DESTROY_TIME_FIELD_NUMBER: _ClassVar[int]
    ERASURES_FIELD_NUMBER: _ClassVar[int]
    BACKUP_DIGEST_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    root_digest: bytes
    root_provider: str
    open_time: _timestamp_pb2.Timestamp
    switch_time: _timestamp_pb2.Timestamp
    root_destroy_time: _timestamp_pb2.Timestamp
    erasures: int
    backup_digest: bytes
    def __init__(self, epoch: _Optional[int] = ..., root_digest: _Optional[bytes] = ..., root_provider: _Optional[str] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., switch_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., root_destroy_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., erasures: _Optional[int] = ..., backup_digest: _Optional[bytes] = ...) -> None: ...

class ProjectionFactSkipped(_message.Message):
    __slots__ = ("view", "position", "reason")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    view: str
    position: int
    reason: SkipReason
    def __init__(self, view: _Optional[str] = ..., position: _Optional[int] = ..., reason: _Optional[_Union[SkipReason, str]] = ...) -> None: ...

class RecipientRegistered(_message.Message):
    __slots__ = ("recipient",)
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    recipient: _recipient_pb2.Recipient
    def __init__(self, recipient: _Optional[_Union[_recipient_pb2.Recipient, _Mapping]] = ...) -> None: ...

class RecipientUpdated(_message.Message):
    __slots__ = ("recipient",)
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    recipient: _recipient_pb2.Recipient
    def __init__(self, recipient: _Optional[_Union[_recipient_pb2.Recipient, _Mapping]] = ...) -> None: ...

class RecipientEnded(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DisclosureMade(_message.Message):
    __slots__ = ("recipient_id", "fields", "purpose", "legal_basis", "legal_reference")
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    LEGAL_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    recipient_id: bytes
    fields: _containers.RepeatedScalarFieldContainer[str]
    purpose: str
    legal_basis: _profile_pb2.LegalBasis
    legal_reference: str
    def __init__(self, recipient_id: _Optional[bytes] = ..., fields: _Optional[_Iterable[str]] = ..., purpose: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., legal_reference: _Optional[str] = ...) -> None: ...

class ObligationOpened(_message.Message):
    __slots__ = ("profile_id", "recipient_id", "kind", "fields", "disclosure_position")
    PROFILE_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_POSITION_FIELD_NUMBER: _ClassVar[int]
    profile_id: bytes
    recipient_id: bytes
    kind: ObligationKind
    fields: _containers.RepeatedScalarFieldContainer[str]
    disclosure_position: int
    def __init__(self, profile_id: _Optional[bytes] = ..., recipient_id: _Optional[bytes] = ..., kind: _Optional[_Union[ObligationKind, str]] = ..., fields: _Optional[_Iterable[str]] = ..., disclosure_position: _Optional[int] = ...) -> None: ...

class ObligationAcknowledged(_message.Message):
    __slots__ = ("attempts",)
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    attempts: int
    def __init__(self, attempts: _Optional[int] = ...) -> None: ...

class PolicyPublished(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: _policy_pb2.Policy
    def __init__(self, policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ...) -> None: ...

class PolicyShown(_message.Message):
    __slots__ = ("policy_version", "language")
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    policy_version: str
    language: str
    def __init__(self, policy_version: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class ProfileSupplemented(_message.Message):
    __slots__ = ("supplement_id", "source", "source_name", "legal_basis", "consent_purpose", "collection_reference", "receive_date", "notice_due_date", "gender", "phone", "address", "interests", "preferred_channel")
    SUPPLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_NAME_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_PURPOSE_FIELD_NUMBER: _ClassVar[int]
    COLLECTION_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_DATE_FIELD_NUMBER: _ClassVar[int]
    NOTICE_DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    GENDER_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    INTERESTS_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    supplement_id: bytes
    source: str
    source_name: str
    legal_basis: _profile_pb2.LegalBasis
    consent_purpose: str
    collection_reference: str
    receive_date: _date_pb2.Date
    notice_due_date: _date_pb2.Date
    gender: _profile_pb2.Gender
    phone: str
    address: _profile_pb2.Address
    interests: _profile_pb2.Interests
    preferred_channel: _profile_pb2.ContactChannel
    def __init__(self, supplement_id: _Optional[bytes] = ..., source: _Optional[str] = ..., source_name: _Optional[str] = ..., legal_basis: _Optional[_Union[_profile_pb2.LegalBasis, str]] = ..., consent_purpose: _Optional[str] = ..., collection_reference: _Optional[str] = ..., receive_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., notice_due_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., gender: _Optional[_Union[_profile_pb2.Gender, str]] = ..., phone: _Optional[str] = ..., address: _Optional[_Union[_profile_pb2.Address, _Mapping]] = ..., interests: _Optional[_Union[_profile_pb2.Interests, _Mapping]] = ..., preferred_channel: _Optional[_Union[_profile_pb2.ContactChannel, str]] = ...) -> None: ...

class SourceNoticeGiven(_message.Message):
    __slots__ = ("supplement_id", "inform_date")
    SUPPLEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    INFORM_DATE_FIELD_NUMBER: _ClassVar[int]
    supplement_id: bytes
    inform_date: _date_pb2.Date
    def __init__(self, supplement_id: _Optional[bytes] = ..., inform_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...
