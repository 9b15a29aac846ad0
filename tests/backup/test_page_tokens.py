"""A page token of a log that was restored since begins nowhere in this one."""

from __future__ import annotations

import pytest

from profile_service.api.paging import PageTokens
from profile_service.domain.errors import PageTokenInvalidError
from profile_service.keys.cipher import ProfileCipher
from profile_service.keys.lease import Lease, now
from profile_service.v1.campaign_service_pb2 import ListCampaignsRequest


def test_a_token_of_another_log_is_refused():
    lease = Lease()
    lease.extend(now())
    cipher = ProfileCipher(bytearray(32), lease)
    before, after = (PageTokens(lambda: cipher, log_id) for log_id in ("before", "after"))
    request = ListCampaignsRequest(page_token=before.write(ListCampaignsRequest(), 7))
    assert before.read(request) == 7
    with pytest.raises(PageTokenInvalidError):
        after.read(request)
