"""Every reason has one refusal, and a refusal says nothing about a person."""

from __future__ import annotations

from profile_service.domain import operator_errors, rights_errors
from profile_service.domain.errors import InvalidRequestError, Refusal, Violation
from profile_service.v1.error_reason_pb2 import ErrorReason

# Where refusals are, beside `errors`: whatever is imported is among the subclasses.
MODULES = (operator_errors, rights_errors)


def test_every_reason_has_exactly_one_refusal():
    reasons = [refusal.reason for refusal in Refusal.__subclasses__()]
    assert sorted(reasons) == sorted(number for number in ErrorReason.values() if number)


def test_names_of_refusals_end_in_error():
    assert all(refusal.__name__.endswith("Error") for refusal in Refusal.__subclasses__())


def test_a_refusal_can_be_raised_with_nothing_to_say():
    for refusal in Refusal.__subclasses__():
        assert refusal().violations == ()
        assert str(refusal()) == ErrorReason.Name(refusal.reason)


def test_the_text_of_a_refusal_names_the_fields():
    error = InvalidRequestError([Violation("registration.email", "is not a valid e-mail address")])
    assert "registration.email" in str(error)
    assert error.violations[0].description == "is not a valid e-mail address"
