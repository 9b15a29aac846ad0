"""Verifying takes as long as the log; who reads meanwhile does not wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from profile_service.database import open_engine
from profile_service.v1.operations_service_pb2 import VerifyProjectionRequest
from tests.api import calls
from tests.api.calls import SECONDS
from tests.support import people
from tests.support.postgres import PostgresServer
from tests.support.service import Databases, running_service

pytestmark = pytest.mark.service

# More than a server has threads for reads.
MANY = 9
# For all of them together on a busy machine.
PATIENCE = 240.0


@pytest.mark.timeout(300)
def test_verifications_take_no_thread_from_those_who_read(tmp_path: Path, postgres_server: PostgresServer):
    databases = Databases(*(postgres_server.new_database() for _ in range(3)))
    views = open_engine(databases.views)
    with running_service(tmp_path, databases) as service, service.stubs() as stubs:
        profile_id = calls.register(stubs).profile_id
        stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
        verify = stubs.operations.VerifyProjection
        name = VerifyProjectionRequest(name="sign_ups")
        assert verify(name, timeout=SECONDS).equal
        with views.begin() as connection:
            # Whoever verifies stands before this table until the block ends.
            connection.execute(text("LOCK TABLE sign_ups_g1 IN ACCESS EXCLUSIVE MODE"))
            waiting = [verify.future(name, timeout=PATIENCE) for _ in range(MANY)]
            assert list(stubs.consents.CheckConsents(people.check(profile_id), timeout=SECONDS).given) == [
                True
            ]
            assert not any(call.done() for call in waiting)
        assert all(call.result().equal for call in waiting)
    views.dispose()
    postgres_server.give_back(databases.events, databases.keys, databases.views)
