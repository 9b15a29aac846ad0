"""The commands as the server composes them, over real databases, spoken to with requests of the API."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine

from profile_service.api.request_reading import check
from profile_service.commands.addresses import Addresses
from profile_service.commands.campaigns import CampaignDesk
from profile_service.commands.consents import ConsentKeeper
from profile_service.commands.erasure import Eraser
from profile_service.commands.guardians import GuardianDesk
from profile_service.commands.imports import Imported, Importer
from profile_service.commands.loading import Loader
from profile_service.commands.objections import Objector
from profile_service.commands.policies import PublishedPolicies
from profile_service.commands.profiles import ProfileEditor, Started
from profile_service.commands.reconciling import Reconciled, Reconciler
from profile_service.commands.registration import Registrar
from profile_service.commands.registration_queue import RegistrationQueue
from profile_service.commands.requests import WriteRequest
from profile_service.commands.suppression import Suppressor
from profile_service.commands.unsubscribe_tokens import UnsubscribeTokens
from profile_service.commands.writing import Writer
from profile_service.database import open_engine
from profile_service.domain.guardianship import DEFAULT_LIMITS
from profile_service.keys.erasure_list import ErasureList
from profile_service.keys.inventory import KeyInventory
from profile_service.keys.roots import FileRootProvider
from profile_service.keys.store import KeyStore
from profile_service.log.append import Appended, EventLog
from profile_service.log.reader import LogReader
from profile_service.v1.profile_pb2 import CHANNEL_EMAIL
from profile_service.v1.profile_service_pb2 import ImportItem, ImportProfilesRequest, VerifyEmailRequest
from tests.log.logs import Store, open_store
from tests.support import people, policies
from tests.support.templates import EVENT_DATABASE, FIRST_EPOCH

CALLER = "tests"
DEADLINE = 20.0


@dataclass(frozen=True)
class Places:
    """Where the databases and the root keys are."""

    events: str
    keys: str
    roots: str

    def fill(self) -> None:
        """Make of empty databases a log with a policy, and keys that were started once."""
        EVENT_DATABASE.fill(self.events)
        policies.put_into_log(self.events)
        FIRST_EPOCH.fill_with_root(self.keys, Path(self.roots))


def asked(request: Any, method: str) -> WriteRequest:
    """A request as the API passes it on."""
    channel = request.registration.channel if method == "RegisterProfile" else request.channel
    body = request.SerializeToString(deterministic=True)
    return WriteRequest(CALLER, method, UUID(request.request_id), channel, body)


@dataclass
class Commands:
    """One process' worth of commands; `now` may be set."""

    places: Places
    events: Engine
    keys_engine: Engine
    keys: KeyStore
    reader: LogReader
    log: EventLog
    loader: Loader
    addresses: Addresses
    queue: RegistrationQueue
    now: datetime | None = None

    def __post_init__(self) -> None:
        self.writer = Writer(self.log, self.loader)
        self.published = PublishedPolicies(self.reader)
        self.published.read()  # as a server does at its start
        self.registrar = Registrar(
            self.keys,
            self.queue,
            self.addresses,
            self.writer,
            self.reader,
            self.published,
            self._today,
        )
        self.editor = ProfileEditor(
            self.keys, self.addresses, self.writer, self.reader, self._today, self._now
        )
        self.suppressor = Suppressor(self.keys, self.reader, self.writer, self.addresses)
        self.guardians = GuardianDesk(self.writer, self.reader, DEFAULT_LIMITS, self._today)
        self.keeper = ConsentKeeper(self.writer, self.suppressor, self.published, self.guardians)
        tokens = UnsubscribeTokens(lambda: self.keys.service_cipher)
        self.objector = Objector(self.keys, self.reader, self.writer, tokens)
        self.desk = CampaignDesk(self.writer, self._now)
        self.erasures = ErasureList(Path(self.places.roots).parent / "erasures")
        self.eraser = Eraser(self.keys, self.reader, self.log, self.erasures)
        self.importer = Importer(self.queue, self.registrar, self.published, self._today, check)

    async def register(self, request: Any, seconds: float = DEADLINE) -> Appended:
        deadline = time.monotonic() + seconds
        wanted = await self.registrar.wanted(asked(request, "RegisterProfile"), request.registration)
        appended = await self.registrar.register_with_others(wanted)
        return appended or await self.registrar.register_alone(wanted, deadline)

    async def new_person(self) -> tuple[people.Person, str]:
        """Somebody who has just registered, and the profile id."""
        person = people.new_person()
        return person, str((await self.register(people.register(person))).subject)

    async def update(self, request: Any, seconds: float = DEADLINE) -> Appended:
        write, deadline = asked(request, "UpdateProfile"), time.monotonic() + seconds
        return await self.editor.update(write, UUID(request.profile_id), request, deadline)

    async def start_verification(self, request: Any) -> Started:
        write = asked(request, "StartEmailVerification")
        return await self.editor.start_verification(write, UUID(request.profile_id))

    async def verify(self, request: VerifyEmailRequest) -> Appended:
        return await self.editor.verify_email(asked(request, "VerifyEmail"), request.token)

    async def set_consent(self, request: Any) -> Appended:
        return await self.keeper.set_consent(asked(request, "SetConsent"), UUID(request.profile_id), request)

    async def unsubscribe(self, token: str) -> None:
        body = token.encode()
        await self.objector.unsubscribe(
            WriteRequest(CALLER, "Unsubscribe", uuid4(), CHANNEL_EMAIL, body), token
        )

    async def open_campaign(self, request: Any) -> Appended:
        return await self.desk.open(asked(request, "OpenCampaign"), request.campaign)

    async def close_campaign(self, request: Any) -> Appended:
        return await self.desk.close(asked(request, "CloseCampaign"), UUID(request.campaign_id))

    async def sign_up(self, request: Any) -> Appended:
        write = asked(request, "SignUp")
        return await self.desk.sign_up(
            write, UUID(request.profile_id), UUID(request.campaign_id), request.answers
        )

    async def withdraw(self, request: Any) -> Appended:
        write = asked(request, "WithdrawSignUp")
        return await self.desk.withdraw(write, UUID(request.profile_id), UUID(request.campaign_id))

    async def erase(self, request: Any) -> int:
        erased = await self.eraser.erase(asked(request, "EraseProfile"), UUID(request.profile_id), request)
        return erased.position

    async def import_all(self, import_id: str, *messages: Sequence[ImportItem]) -> list[Imported]:
        async def sent() -> AsyncIterator[ImportProfilesRequest]:
            for items in messages:
                yield ImportProfilesRequest(import_id=import_id, items=items)

        return [done async for done in self.importer.run(sent(), CALLER, "ImportProfiles")]

    def reconcile(self) -> Reconciled:
        """What every start does before it serves."""
        inventory = KeyInventory(self.keys_engine)
        return Reconciler(self.keys, inventory, self.reader, self.log, self.eraser, self.erasures).run()

    def _today(self) -> date:
        return self._now().date()

    def _now(self) -> datetime:
        return self.now or datetime.now(UTC)


Prepare = Callable[[KeyStore, Store], None]


@contextmanager
def open_commands(places: Places, prepare: Prepare = lambda keys, store: None) -> Iterator[Commands]:
    """Open everything over migrated databases. `prepare` may change keys and store before they are used."""
    with ExitStack() as stack:
        events, keys_engine = open_engine(places.events), open_engine(places.keys)
        stack.callback(events.dispose)
        stack.callback(keys_engine.dispose)
        keys = KeyStore(keys_engine, FileRootProvider(Path(places.roots)))
        keys.start()
        stack.callback(keys.stop)
        store = open_store(events)
        prepare(keys, store)
        log = EventLog(store)
        stack.callback(log.close)
        reader = LogReader(events)
        loader = Loader(reader, keys)
        stack.callback(loader.close)
        addresses = Addresses(keys, reader, log)
        stack.callback(addresses.close)
        queue = RegistrationQueue(keys, log)
        stack.callback(queue.close)
        yield Commands(places, events, keys_engine, keys, reader, log, loader, addresses, queue)
