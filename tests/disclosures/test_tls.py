"""Recipients are told by mutual TLS: who calls shows a certificate, and nothing is said to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import grpc
import pytest

from profile_service.commands.obligations import Owed
from profile_service.notices.calling import Callbacks, NotReachedError
from profile_service.v1.disclosure_service_pb2 import (
    OBLIGATION_STATE_ACKNOWLEDGED,
    OBLIGATION_STATE_OPEN,
    ListObligationsRequest,
    Obligation,
    ObligationState,
)
from profile_service.v1.events_pb2 import OBLIGATION_KIND_ERASURE, ObligationOpened
from tests.api import calls
from tests.api.calls import SECONDS
from tests.api.certificates import Authority, Issued
from tests.disclosures.killing import wait_until
from tests.support import people, recipients
from tests.support.recipients import Callback, callbacks
from tests.support.service import Databases, Stubs, running_service

THIS_YEAR, NEXT_YEAR = (f"spiffe://city.example/notifier/{year}" for year in (2026, 2027))
CITY, RECIPIENTS, STRANGER = Authority("city"), Authority("recipients"), Authority("stranger")
# Of a network that is kept for documentation: nobody is there.
ELSEWHERE = "192.0.2.1:443"


def owed() -> Owed:
    return Owed(
        uuid4(),
        ObligationOpened(
            profile_id=uuid4().bytes,
            recipient_id=uuid4().bytes,
            kind=OBLIGATION_KIND_ERASURE,
            fields=["email"],
        ),
    )


@contextmanager
def recipient(authority: Authority = RECIPIENTS) -> Iterator[Callback]:
    """One that shows a certificate of an authority, and answers to those of the City alone."""
    shown = authority.server()
    credentials = grpc.ssl_server_credentials(
        [(shown.key, shown.certificate)], root_certificates=CITY.certificate, require_client_auth=True
    )
    with callbacks(1, credentials=credentials) as (made,):
        yield made


def calling_as(caller: Issued) -> Callbacks:
    credentials = grpc.ssl_channel_credentials(RECIPIENTS.certificate, caller.key, caller.certificate)
    return Callbacks(lambda: credentials)


def tell(by: Callbacks, address: str, what: Owed) -> None:
    with by.to(address) as callback:
        callback.notify(what)


def test_a_recipient_hears_from_the_certificate_of_the_city():
    what = owed()
    with recipient() as there:
        tell(calling_as(CITY.caller(THIS_YEAR)), there.address, what)
    (told,) = there.told
    assert (UUID(told.obligation_id), UUID(told.profile_id).bytes) == (
        what.obligation_id,
        what.opened.profile_id,
    )
    assert there.callers == [[THIS_YEAR.encode()]]


def test_who_is_not_known_to_the_other_side_is_neither_told_nor_tells():
    city, impostor = (calling_as(authority.caller(THIS_YEAR)) for authority in (CITY, STRANGER))
    with recipient() as right, recipient(STRANGER) as wrong, callbacks(1) as (in_clear,):
        for by, to in ((impostor, right), (city, wrong), (city, in_clear)):
            with pytest.raises(NotReachedError):
                tell(by, to.address, owed())
        assert [right.told, wrong.told, in_clear.told] == [[], [], []]


def test_without_a_certificate_nothing_leaves_this_machine():
    nobody = Callbacks(lambda: None)
    with pytest.raises(NotReachedError, match="not on this machine"), nobody.to(ELSEWHERE):
        pass
    with calling_as(CITY.caller(THIS_YEAR)).to(ELSEWHERE):
        pass


@pytest.mark.service
def test_the_notifier_shows_the_certificate_of_its_settings_also_when_it_is_renewed(tmp_path: Path):
    authority = tmp_path / "recipients.pem"
    authority.write_bytes(RECIPIENTS.certificate)
    certificate, key = CITY.caller(THIS_YEAR).write(tmp_path, "notifier")
    environment = {
        "APROFILE_CLIENT_CERTIFICATE": str(certificate),
        "APROFILE_CLIENT_KEY": str(key),
        "APROFILE_SERVER_CA": str(authority),
    }
    with (
        running_service(tmp_path, Databases.sqlite(tmp_path), environment=environment) as service,
        service.stubs() as stubs,
        recipient() as right,
        recipient(STRANGER) as wrong,
    ):
        ids = [registered(stubs, one.address) for one in (right, wrong)]
        for caller in (THIS_YEAR, NEXT_YEAR):
            CITY.caller(caller).write(tmp_path, "notifier")
            erase_somebody_known_to(stubs, ids)
            wait_until(lambda: right.callers[-1:] == [[caller.encode()]], SECONDS)  # noqa: B023 - waited for
        wait_until(lambda: len(obligations(stubs, OBLIGATION_STATE_ACKNOWLEDGED)) == 2, SECONDS)
        wait_until(lambda: all(one.attempts for one in obligations(stubs, OBLIGATION_STATE_OPEN)), SECONDS)
        still_open = obligations(stubs, OBLIGATION_STATE_OPEN)
        assert [one.recipient_id for one in still_open] == [ids[1]] * 2
        assert not wrong.told


def registered(stubs: Stubs, address: str) -> str:
    registration = recipients.registration(recipients.supplier("email", callback=address))
    recipient_id: str = stubs.disclosures.RegisterRecipient(registration, timeout=SECONDS).recipient_id
    return recipient_id


def erase_somebody_known_to(stubs: Stubs, ids: list[str]) -> None:
    profile_id = calls.register(stubs).profile_id
    stubs.consents.SetConsent(people.consent(profile_id), timeout=SECONDS)
    for one in ids:
        asked = recipients.disclosure(profile_id, one, "email")
        stubs.disclosures.DiscloseProfile(asked, timeout=SECONDS)
    stubs.rights.EraseProfile(people.erase(profile_id), timeout=SECONDS)


def obligations(stubs: Stubs, state: ObligationState) -> list[Obligation]:
    wanted = ListObligationsRequest(reason=people.REASON, state=state)
    return list(stubs.disclosures.ListObligations(wanted, timeout=SECONDS).obligations)
