"""The service with its root keys in a token: it starts, closes an epoch, and refuses what is not safe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute

from profile_service.v1.operations_service_pb2 import CloseEpochRequest, GetKeyStatusRequest
from tests.support import people
from tests.support.service import Databases, Service, ServiceNotServingError, running_service
from tests.support.tokens import PIN, Token

pytestmark = pytest.mark.service

SECONDS = 20.0


def settings(token: Token) -> dict[str, str]:
    return {**token.environment, "APROFILE_ROOT_KEYS": token.uri}


@pytest.fixture
def service(token: Token, databases: Databases, tmp_path: Path) -> Iterator[Service]:
    with running_service(tmp_path, databases, environment=settings(token)) as running:
        yield running


def roots(token: Token) -> list[str]:
    module = pkcs11.lib(str(token.module))
    module.reinitialize()
    with module.get_token(token_label=token.label).open(user_pin=PIN) as look:
        return sorted(key[Attribute.LABEL] for key in look.get_objects())


def test_an_epoch_closes_and_its_root_key_is_gone_from_the_token(service: Service, token: Token):
    person = people.new_person()
    with service.stubs() as stubs:
        registered = stubs.profiles.RegisterProfile(people.register(person), timeout=SECONDS)
        assert stubs.operations.GetKeyStatus(GetKeyStatusRequest(), timeout=SECONDS).root_provider == "pkcs11"
        (first,) = roots(token)
        assert list(stubs.operations.CloseEpoch(CloseEpochRequest(), timeout=60))
    (second,) = roots(token)
    assert second != first
    assert service.stop() == 0
    service.start()
    with service.stubs() as stubs:
        request = people.get(registered.profile_id, registered.position.value)
        read = stubs.profiles.GetProfile(request, timeout=SECONDS).profile
    assert person.mark in read.family_name
    assert not (service.directory / "root-keys").exists()
    assert PIN not in service.log.read_text()


def test_a_service_does_not_start_with_a_pin_that_others_can_read(token: Token, tmp_path: Path):
    token.pin_file.chmod(0o644)
    service = Service(tmp_path, Databases.sqlite(tmp_path), environment=settings(token))
    with pytest.raises(ServiceNotServingError, match="others have access"):
        service.start()
    assert service.process is not None
    assert service.process.returncode == 2
    assert "Traceback" not in service.log.read_text()
