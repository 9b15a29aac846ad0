from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Right(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RIGHT_UNSPECIFIED: _ClassVar[Right]
    RIGHT_ACCESS: _ClassVar[Right]
    RIGHT_RECTIFICATION: _ClassVar[Right]
    RIGHT_ERASURE: _ClassVar[Right]
    RIGHT_RESTRICTION: _ClassVar[Right]
    RIGHT_PORTABILITY: _ClassVar[Right]
    RIGHT_OBJECTION: _ClassVar[Right]

class IdentificationMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IDENTIFICATION_METHOD_UNSPECIFIED: _ClassVar[IdentificationMethod]
    IDENTIFICATION_METHOD_EID_CARD: _ClassVar[IdentificationMethod]
    IDENTIFICATION_METHOD_MOBILE_ID: _ClassVar[IdentificationMethod]
    IDENTIFICATION_METHOD_EMAIL_TOKEN: _ClassVar[IdentificationMethod]
    IDENTIFICATION_METHOD_DOCUMENT: _ClassVar[IdentificationMethod]
    IDENTIFICATION_METHOD_KNOWLEDGE: _ClassVar[IdentificationMethod]
    IDENTIFICATION_METHOD_MANDATE: _ClassVar[IdentificationMethod]

class AssuranceLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSURANCE_LEVEL_UNSPECIFIED: _ClassVar[AssuranceLevel]
    ASSURANCE_LEVEL_LOW: _ClassVar[AssuranceLevel]
    ASSURANCE_LEVEL_SUBSTANTIAL: _ClassVar[AssuranceLevel]
    ASSURANCE_LEVEL_HIGH: _ClassVar[AssuranceLevel]

class ExtensionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXTENSION_REASON_UNSPECIFIED: _ClassVar[ExtensionReason]
    EXTENSION_REASON_COMPLEXITY: _ClassVar[ExtensionReason]
    EXTENSION_REASON_NUMBER_OF_REQUESTS: _ClassVar[ExtensionReason]

class RefusalGround(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFUSAL_GROUND_UNSPECIFIED: _ClassVar[RefusalGround]
    REFUSAL_GROUND_NOT_IDENTIFIED: _ClassVar[RefusalGround]
    REFUSAL_GROUND_UNFOUNDED: _ClassVar[RefusalGround]
    REFUSAL_GROUND_EXCESSIVE: _ClassVar[RefusalGround]
    REFUSAL_GROUND_RIGHTS_OF_OTHERS: _ClassVar[RefusalGround]
    REFUSAL_GROUND_LEGAL_OBLIGATION: _ClassVar[RefusalGround]
    REFUSAL_GROUND_ARCHIVING: _ClassVar[RefusalGround]
    REFUSAL_GROUND_LEGAL_CLAIMS: _ClassVar[RefusalGround]
    REFUSAL_GROUND_COMPELLING: _ClassVar[RefusalGround]

class ComplaintRoute(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMPLAINT_ROUTE_UNSPECIFIED: _ClassVar[ComplaintRoute]
    COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY: _ClassVar[ComplaintRoute]
    COMPLAINT_ROUTE_COURT: _ClassVar[ComplaintRoute]

class HoldGround(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOLD_GROUND_UNSPECIFIED: _ClassVar[HoldGround]
    HOLD_GROUND_LEGAL_CLAIM: _ClassVar[HoldGround]
    HOLD_GROUND_LEGAL_OBLIGATION: _ClassVar[HoldGround]
    HOLD_GROUND_ORDER: _ClassVar[HoldGround]

class RightsRequestState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RIGHTS_REQUEST_STATE_UNSPECIFIED: _ClassVar[RightsRequestState]
    RIGHTS_REQUEST_STATE_OPEN: _ClassVar[RightsRequestState]
    RIGHTS_REQUEST_STATE_FULFILLED: _ClassVar[RightsRequestState]
    RIGHTS_REQUEST_STATE_REFUSED: _ClassVar[RightsRequestState]
    RIGHTS_REQUEST_STATE_LAPSED: _ClassVar[RightsRequestState]
RIGHT_UNSPECIFIED: Right
RIGHT_ACCESS: Right
RIGHT_RECTIFICATION: Right
RIGHT_ERASURE: Right
RIGHT_RESTRICTION: Right
RIGHT_PORTABILITY: Right
RIGHT_OBJECTION: Right
IDENTIFICATION_METHOD_UNSPECIFIED: IdentificationMethod
IDENTIFICATION_METHOD_EID_CARD: IdentificationMethod
IDENTIFICATION_METHOD_MOBILE_ID: IdentificationMethod
IDENTIFICATION_METHOD_EMAIL_TOKEN: IdentificationMethod
IDENTIFICATION_METHOD_DOCUMENT: IdentificationMethod
IDENTIFICATION_METHOD_KNOWLEDGE: IdentificationMethod
IDENTIFICATION_METHOD_MANDATE: IdentificationMethod
ASSURANCE_LEVEL_UNSPECIFIED: AssuranceLevel
ASSURANCE_LEVEL_LOW: AssuranceLevel
ASSURANCE_LEVEL_SUBSTANTIAL: AssuranceLevel
ASSURANCE_LEVEL_HIGH: AssuranceLevel
EXTENSION_REASON_UNSPECIFIED: ExtensionReason
EXTENSION_REASON_COMPLEXITY: ExtensionReason
EXTENSION_REASON_NUMBER_OF_REQUESTS: ExtensionReason
REFUSAL_GROUND_UNSPECIFIED: RefusalGround
REFUSAL_GROUND_NOT_IDENTIFIED: RefusalGround
REFUSAL_GROUND_UNFOUNDED: RefusalGround
REFUSAL_GROUND_EXCESSIVE: RefusalGround
REFUSAL_GROUND_RIGHTS_OF_OTHERS: RefusalGround
REFUSAL_GROUND_LEGAL_OBLIGATION: RefusalGround
REFUSAL_GROUND_ARCHIVING: RefusalGround
REFUSAL_GROUND_LEGAL_CLAIMS: RefusalGround
REFUSAL_GROUND_COMPELLING: RefusalGround
COMPLAINT_ROUTE_UNSPECIFIED: ComplaintRoute
COMPLAINT_ROUTE_SUPERVISORY_AUTHORITY: ComplaintRoute
COMPLAINT_ROUTE_COURT: ComplaintRoute
HOLD_GROUND_UNSPECIFIED: HoldGround
HOLD_GROUND_LEGAL_CLAIM: HoldGround
HOLD_GROUND_LEGAL_OBLIGATION: HoldGround
HOLD_GROUND_ORDER: HoldGround
RIGHTS_REQUEST_STATE_UNSPECIFIED: RightsRequestState
RIGHTS_REQUEST_STATE_OPEN: RightsRequestState
RIGHTS_REQUEST_STATE_FULFILLED: RightsRequestState
RIGHTS_REQUEST_STATE_REFUSED: RightsRequestState
RIGHTS_REQUEST_STATE_LAPSED: RightsRequestState

class Identification(_message.Message):
    __slots__ = ("method", "level")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    method: IdentificationMethod
    level: AssuranceLevel
    def __init__(self, method: _Optional[_Union[IdentificationMethod, str]] = ..., level: _Optional[_Union[AssuranceLevel, str]] = ...) -> None: ...
