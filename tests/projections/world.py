"""A log, its keys and its views in real databases, and a hand that writes histories into the log.

A history is a list of `Step`s. A step that makes no sense where it stands (a consent of
someone who is erased) is passed over, so any list of steps is a history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from hypothesis import strategies as st
from sqlalchemy import text

from profile_service.database import open_engine
from profile_service.domain import registry
from profile_service.keys.reservations import Reservation
from profile_service.keys.store import KeyStore
from profile_service.log.append import Append, Appended, NewFact
from profile_service.log.facts import write_record
from profile_service.log.postgres import PostgresAppendStore
from profile_service.log.reader import LogReader
from profile_service.log.sqlite import SQLiteAppendStore
from profile_service.log.streams import (
    CAMPAIGN,
    CONSENTS,
    DISCLOSURES,
    GUARDIANS,
    OBLIGATIONS,
    POLICIES_SHOWN,
    PROFILE,
    RECIPIENT,
    RIGHTS,
    SIGN_UPS,
    SKIPS,
    stream_name,
)
from profile_service.log.wakeup import Wakeup
from profile_service.v1 import events_pb2 as events
from profile_service.v1.campaign_pb2 import CAMPAIGN_KIND_CAMPAIGN, Answer, Campaign
from profile_service.v1.profile_pb2 import CHANNEL_WEB, Address, Interests
from profile_service.v1.recipient_pb2 import Recipient
from profile_service.v1.rights_pb2 import RECTIFICATION_BASIS_DOCUMENT, RIGHT_ACCESS
from projections import catalogue
from projections.dropped import remove_dropped
from projections.follow import Follower
from projections.reading import ViewReader
from projections.sources import Sources
from projections.view import View
from projections.views import VIEWS
from tests.support.service import Databases
from tests.support.sources import open_sources
from tests.support.templates import EVENT_DATABASE, FIRST_EPOCH, VIEW_DATABASE

PEOPLE = 5
CAMPAIGNS = 2
RECIPIENTS = 3
PURPOSES = ("newsletter", "events")
# When those are born who are children in 2026.
CHILD_BORN = 2013
VALUES = ("phone", "address", "interests", "given_name", "clear", "post_code", "date_of_birth", "language")


@dataclass(frozen=True)
class Step:
    """One thing that happens. `who` and `what` choose among a handful, so that steps meet."""

    kind: str
    who: int = 0
    what: int = 0


def steps() -> st.SearchStrategy[Step]:
    """Generate single steps."""
    kinds = ["register", "update", "email", "verify", "consent", "withdraw", "open", "close"]
    kinds += ["sign_up", "sign_off", "suppress", "object", "show", "ask", "answer", "hold", "erase"]
    kinds += ["recipient", "disclose", "oblige", "guarded", "link", "supplement", "tell", "rectify"]
    weights = [kind for kind in kinds for _ in range(1 if kind in ("erase", "close") else 2)]
    what = st.integers(0, len(VALUES) - 1)
    return st.builds(Step, st.sampled_from(weights), st.integers(0, PEOPLE - 1), what)


def every_version(_version: str) -> bool:
    """Say that a consent counts, whatever version of the policy it refers to."""
    return True


def histories(limit: int = 40) -> st.SearchStrategy[list[Step]]:
    """Generate histories with erasures, that begin with people and a campaign."""
    beginning = [Step("open"), *(Step("register", who) for who in range(PEOPLE))]
    return st.lists(steps(), max_size=limit).map(lambda later: beginning + later)


@dataclass
class Person:
    """A living person of a history. `mark` is in every personal value."""

    profile_id: UUID
    mark: str
    consents: set[str] = field(default_factory=set)
    # What a guardian gave last.
    guarded: set[str] = field(default_factory=set)
    campaigns: set[UUID] = field(default_factory=set)
    # Requests by right that are open.
    requests: list[bytes] = field(default_factory=list)
    # Supplements that nobody told of.
    supplements: list[bytes] = field(default_factory=list)


@dataclass
class World:
    """Everything there is. `people` and `campaigns` are the living ones by number."""

    databases: Databases
    sources: Sources
    store: SQLiteAppendStore | PostgresAppendStore
    views: Sequence[View] = VIEWS
    people: dict[int, Person] = field(default_factory=dict)
    campaigns: dict[int, UUID] = field(default_factory=dict)
    recipients: dict[int, UUID] = field(default_factory=dict)
    # Of whoever was disclosed, and not acknowledged yet.
    obligations: list[UUID] = field(default_factory=list)
    erased: list[Person] = field(default_factory=list)
    # Erased people whose key is not destroyed yet: the process ended in between.
    with_keys: list[Person] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    wakeup: Wakeup = field(default_factory=Wakeup)
    unsent: list[Append] = field(default_factory=list)

    @property
    def log(self) -> LogReader:
        return self.sources.log

    @property
    def keys(self) -> KeyStore:
        return self.sources.keys

    def begin_anew(self) -> None:
        """Forget everything but keys: an empty log, and views without a fact."""
        with self.log._engine.execution_options(immediate=True).begin() as connection:
            for table in ("facts", "requests", "closed_profiles"):
                connection.execute(text(f"DELETE FROM {table}"))
        with catalogue.write_transaction(self.sources.views).begin() as connection:
            for one in catalogue.read_generations(connection):
                catalogue.drop(connection, one.view, one.number)
            connection.execute(text("DELETE FROM generation_numbers"))
        remove_dropped(self.sources.views)
        catalogue.prepare(self.sources.views, self.views, self.log.log_id)
        for memory in (
            self.people,
            self.campaigns,
            self.recipients,
            self.obligations,
            self.erased,
            self.with_keys,
            self.versions,
            self.unsent,
        ):
            memory.clear()

    def follower(self, views: Sequence[View] | None = None, **options: Any) -> Follower:
        return Follower(self.sources, views or self.views, self.wakeup, **options)

    def reader(self) -> ViewReader:
        return ViewReader(self.sources.views)

    def follow(self, views: Sequence[View] | None = None) -> int:
        """Bring the views to the head of the log, and give the lease back."""
        follower = self.follower(views)
        try:
            return follower.catch_up()
        finally:
            follower._let_go()

    def happen(self, history: Iterable[Step], *, keys_stay: bool = False) -> None:
        """Let steps happen; they are durable on return, and unless `keys_stay`, the keys of the erased
        destroyed."""
        for step in history:
            getattr(self, f"_{step.kind}")(step.who, step.what)
        self.append_many(self.unsent)
        self.unsent = []
        if not keys_stay:
            self.destroy_keys()

    def destroy_keys(self) -> None:
        """Destroy the keys of all who are erased."""
        for person in self.with_keys:
            self.keys.destroy(person.profile_id)
        self.with_keys = []

    def damage(self, position: int, *, wholly: bool) -> None:
        """Change the last byte of a stored fact, or leave nothing of it that can be read."""
        fact = self.log.fact_at(position)
        assert fact is not None
        record = b"\xff" if wholly else fact.record[:-1] + bytes([fact.record[-1] ^ 1])
        statement = text("UPDATE facts SET record = :record WHERE position = :position")
        with self.log._engine.execution_options(immediate=True).begin() as connection:
            connection.execute(statement, {"record": record, "position": position})

    def new_person(self, mark: str) -> Person:
        """Reserve an address and a key for someone."""
        tag = self.keys.address_tag(f"{mark}@example.be")
        key = self.keys.new_profile_key()
        self.keys.reserve([Reservation(tag, sha256(mark.encode()).digest(), key.profile_id, key)])
        return Person(key.profile_id, mark)

    def registration(self, person: Person) -> Message:
        return events.ProfileRegistered(
            email=f"{person.mark}@example.be",
            given_name=f"Given {person.mark}",
            family_name=f"Family {person.mark}",
            date_of_birth=Date(year=1980, month=2, day=29),
            post_code="2000",
            language="nl",
            policy_version="2026-1",
        )

    def skip(self, view: View, subject: UUID, position: int) -> None:
        """Decide that a view passes over a fact."""
        skipped = self.log.fact_at(position)
        assert skipped is not None
        message = events.ProjectionFactSkipped(
            view=view.name, position=position, reason=events.SKIP_REASON_DEFECT
        )
        self.append(stream_name(SKIPS, subject), skipped.profile_id, message)

    def append(self, stream: str, profile_id: UUID | None, *messages: Message) -> int:
        """Append facts to one stream; return the position of the last."""
        return self.append_many([self.request(stream, profile_id, *messages)])[-1]

    def _say(
        self,
        stream: str,
        profile_id: UUID | None,
        *messages: Message,
        closes: bool = False,
        schema: int | None = None,
    ) -> None:
        self.unsent.append(self.request(stream, profile_id, *messages, closes=closes, schema=schema))

    def append_many(self, requests: Sequence[Append]) -> list[int]:
        outcomes = self.store.append(requests)
        self.wakeup.notify()
        for outcome in outcomes:
            assert isinstance(outcome, Appended), outcome
        return [outcome.position for outcome in outcomes]  # type: ignore[union-attr]  # asserted above

    def request(
        self,
        stream: str,
        profile_id: UUID | None,
        *messages: Message,
        closes: bool = False,
        schema: int | None = None,
    ) -> Append:
        """Make an append of facts that follow each other in one stream; of an earlier `schema`, if one is
        given."""
        cipher = self.keys.ciphers([profile_id]).get(profile_id) if profile_id else None
        facts = []
        for message in messages:
            version = self.versions[stream] = self.versions.get(stream, 0) + 1
            name = message.DESCRIPTOR.full_name
            header = events.EventHeader(
                stream=stream,
                version=version,
                type=name,
                profile_id=profile_id.bytes if profile_id else b"",
                actor="tests",
                channel=CHANNEL_WEB,
                request_id=uuid4().bytes,
                schema=schema or registry.fact_type(name).schema,
            )
            facts.append(NewFact(stream, version, profile_id, name, write_record(header, message, cipher)))
        subject = profile_id or UUID(stream[-36:])
        return Append(uuid4().bytes * 2, b"digest", subject, profile_id, tuple(facts), closes=closes)

    def _register(self, who: int, _what: int) -> None:
        if who in self.people:
            return
        person = self.people[who] = self.new_person(f"canary{uuid4().hex}")
        self._say(stream_name(PROFILE, person.profile_id), person.profile_id, self.registration(person))

    def _update(self, who: int, what: int) -> None:
        if person := self.people.get(who):
            message = events.ProfileUpdated(reason=events.UPDATE_REASON_COMPLETION)
            match VALUES[what]:
                case "phone":
                    message.phone = "+3231234567"
                case "address":
                    message.address.CopyFrom(Address(street=person.mark, house_number="1", country="BE"))
                case "interests":
                    message.interests.CopyFrom(Interests(topics=["culture", person.mark]))
                case "given_name":
                    message.given_name = f"Other {person.mark}"
                case "post_code":
                    message.post_code = ("2018", "2060")[who % 2]
                case "date_of_birth":
                    year = 2000 - who if who % 3 else CHILD_BORN
                    message.date_of_birth.CopyFrom(Date(year=year, month=1 + who % 12, day=15))
                case "language":
                    message.language = ("fr", "nl-BE")[who % 2]
                case _:
                    message.cleared.extend(["phone", "interests"])
            self._say(stream_name(PROFILE, person.profile_id), person.profile_id, message)

    def _supplement(self, who: int, what: int) -> None:
        if person := self.people.get(who):
            person.supplements.append(uuid4().bytes)
            day = Date(year=2026, month=1 + what, day=10)
            message = events.ProfileSupplemented(
                supplement_id=person.supplements[-1],
                source=f"register-{what % 2}",
                collection_reference=f"agreement {person.mark}",
                receive_date=day,
                notice_due_date=day,
            )
            if what % 3:
                message.phone = "+3239999999"
            else:
                message.interests.CopyFrom(Interests(topics=[person.mark]))
            self._say(stream_name(PROFILE, person.profile_id), person.profile_id, message)

    def _tell(self, who: int, what: int) -> None:
        person = self.people.get(who)
        if person and person.supplements:
            told = person.supplements.pop(what % len(person.supplements))
            message = events.SourceNoticeGiven(supplement_id=told)
            self._say(stream_name(PROFILE, person.profile_id), person.profile_id, message)

    def _rectify(self, who: int, what: int) -> None:
        """Verify a value as it is."""
        if person := self.people.get(who):
            message = events.ProfileRectified(
                basis=RECTIFICATION_BASIS_DOCUMENT, fields=[("phone", "interests", "email")[what % 3]]
            )
            self._say(stream_name(PROFILE, person.profile_id), person.profile_id, message)

    def _email(self, who: int, what: int) -> None:
        if person := self.people.get(who):
            message = events.EmailChanged(email=f"{what}.{person.mark}@example.be")
            self._say(stream_name(PROFILE, person.profile_id), person.profile_id, message)

    def _verify(self, who: int, _what: int) -> None:
        if person := self.people.get(who):
            verification = uuid4().bytes
            self._say(
                stream_name(PROFILE, person.profile_id),
                person.profile_id,
                events.EmailVerificationStarted(verification_id=verification),
                events.EmailVerified(verification_id=verification),
            )

    def _consent(self, who: int, what: int) -> None:
        purpose = PURPOSES[what % len(PURPOSES)]
        person = self.people.get(who)
        if person and purpose not in person.consents:
            person.consents.add(purpose)
            person.guarded.discard(purpose)
            self._decide(
                person, events.ConsentGiven(purpose=purpose, policy_version="1", text_hash=bytes(32))
            )

    def _guarded(self, who: int, what: int) -> None:
        """A guardian gives what the person did not."""
        purpose = PURPOSES[what % len(PURPOSES)]
        person = self.people.get(who)
        if person and purpose not in person.consents:
            person.guarded.add(purpose)
            given = events.ConsentGiven(purpose=purpose, policy_version="1", by_guardian=True)
            self._decide(person, given)

    def _link(self, who: int, what: int) -> None:
        """To somebody who may be erased since; or the end of that."""
        if person := self.people.get(who):
            guardian_id = UUID(int=1 + what // 2).bytes
            message: Message = events.GuardianLinked(guardian_id=guardian_id, relation=1 + what % 2)  # type: ignore[arg-type]
            if what % 2:
                message = events.GuardianshipEnded(guardian_id=guardian_id)
            self._say(stream_name(GUARDIANS, person.profile_id), person.profile_id, message)

    def _withdraw(self, who: int, what: int) -> None:
        purpose = PURPOSES[what % len(PURPOSES)]
        person = self.people.get(who)
        if person and purpose in person.consents | person.guarded:
            person.consents.discard(purpose)
            person.guarded.discard(purpose)
            self._decide(person, events.ConsentWithdrawn(purpose=purpose, policy_version="1"))

    def _suppress(self, who: int, _what: int) -> None:
        if person := self.people.get(who):
            person.consents.clear()
            self._decide(person, events.ContactSuppressed(reason=events.SUPPRESSION_REASON_REQUEST))

    def _object(self, who: int, what: int) -> None:
        """To one of the purposes, or to all of them."""
        person = self.people.get(who)
        purpose = [*PURPOSES, None][what % (len(PURPOSES) + 1)]
        if person:
            person.consents -= set(person.consents) if purpose is None else {purpose}
            self._decide(person, events.MarketingObjected(purpose=purpose))

    def _decide(self, person: Person, message: Message) -> None:
        self._say(stream_name(CONSENTS, person.profile_id), person.profile_id, message)

    def _show(self, who: int, what: int) -> None:
        if person := self.people.get(who):
            message = events.PolicyShown(policy_version=f"2026-{1 + what % 3}", language="nl")
            self._say(stream_name(POLICIES_SHOWN, person.profile_id), person.profile_id, message)

    def _ask(self, who: int, what: int) -> None:
        if person := self.people.get(who):
            request_id = uuid4().bytes
            person.requests.append(request_id)
            day = Date(year=2026, month=1 + what, day=10)
            opened = events.RightsRequestOpened(
                rights_request_id=request_id, right=RIGHT_ACCESS, receive_date=day, due_date=day
            )
            self._exercise(person, opened, events.RequesterIdentified(rights_request_id=request_id))

    def _answer(self, who: int, what: int) -> None:
        person = self.people.get(who)
        if person and person.requests:
            request_id = person.requests[what % len(person.requests)]
            if what % 3 == 0:
                day = Date(year=2027, month=1 + what, day=10)
                extended = events.RightsRequestExtended(rights_request_id=request_id, due_date=day)
                self._exercise(person, extended)
                return
            person.requests.remove(request_id)
            answer = (events.RightsRequestFulfilled, events.RightsRequestRefused)[what % 3 - 1]
            self._exercise(person, answer(rights_request_id=request_id))

    def _hold(self, who: int, _what: int) -> None:
        if person := self.people.get(who):
            hold_id = uuid4().bytes
            placed = events.LegalHoldPlaced(hold_id=hold_id, reference=f"case {person.mark}")
            self._exercise(person, placed, events.LegalHoldReleased(hold_id=hold_id))

    def _exercise(self, person: Person, *messages: Message) -> None:
        self._say(stream_name(RIGHTS, person.profile_id), person.profile_id, *messages)

    def _open(self, _who: int, what: int) -> None:
        number = what % CAMPAIGNS
        if number not in self.campaigns:
            campaign_id = self.campaigns[number] = uuid4()
            campaign = Campaign(title=f"Campaign {number}", kind=CAMPAIGN_KIND_CAMPAIGN)
            self._say(stream_name(CAMPAIGN, campaign_id), None, events.CampaignOpened(campaign=campaign))

    def _close(self, _who: int, what: int) -> None:
        campaign_id = self.campaigns.pop(what % CAMPAIGNS, None)
        if campaign_id:
            self._say(stream_name(CAMPAIGN, campaign_id), None, events.CampaignClosed())

    def _sign_up(self, who: int, what: int) -> None:
        person, campaign_id = self.people.get(who), self.campaigns.get(what % CAMPAIGNS)
        if person and campaign_id and campaign_id not in person.campaigns:
            person.campaigns.add(campaign_id)
            answers = [Answer(question_id="why", text=f"Because {person.mark}")]
            message = events.SignedUp(campaign_id=campaign_id.bytes, answers=answers)
            self._say(stream_name(SIGN_UPS, person.profile_id), person.profile_id, message)

    def _sign_off(self, who: int, what: int) -> None:
        person, campaign_id = self.people.get(who), self.campaigns.get(what % CAMPAIGNS)
        if person and campaign_id is not None and campaign_id in person.campaigns:
            person.campaigns.remove(campaign_id)
            message = events.SignUpWithdrawn(campaign_id=campaign_id.bytes)
            self._say(stream_name(SIGN_UPS, person.profile_id), person.profile_id, message)

    def _recipient(self, _who: int, what: int) -> None:
        """One is registered, changed, and ended in the end."""
        number = what % RECIPIENTS
        recipient = Recipient(name=f"Recipient {what}", purposes=["newsletter"])
        message: Message = events.RecipientRegistered(recipient=recipient)
        if number in self.recipients:
            message = events.RecipientUpdated(recipient=recipient) if what % 2 else events.RecipientEnded()
        recipient_id = self.recipients.setdefault(number, uuid4())
        self._say(stream_name(RECIPIENT, recipient_id), None, message)

    def _disclose(self, who: int, what: int) -> None:
        person, recipient_id = self.people.get(who), self.recipients.get(what % RECIPIENTS)
        if person and recipient_id:
            message = events.DisclosureMade(recipient_id=recipient_id.bytes, fields=["email", "phone"])
            if what % 2:
                message.legal_reference = f"order/{person.mark}"
            self._say(stream_name(DISCLOSURES, person.profile_id), person.profile_id, message)

    def _oblige(self, who: int, what: int) -> None:
        """Open one, of whoever that is by now; or acknowledge the oldest."""
        person, recipient_id = self.people.get(who), self.recipients.get(what % RECIPIENTS)
        if what % 2 and self.obligations:
            acknowledged = stream_name(OBLIGATIONS, self.obligations.pop(0))
            self._say(acknowledged, None, events.ObligationAcknowledged(attempts=what))
        elif person and recipient_id:
            self.obligations.append(uuid4())
            message = events.ObligationOpened(
                profile_id=person.profile_id.bytes,
                recipient_id=recipient_id.bytes,
                kind=events.OBLIGATION_KIND_RECTIFICATION,
                fields=["email"],
            )
            self._say(stream_name(OBLIGATIONS, self.obligations[-1]), None, message)

    def _erase(self, who: int, what: int) -> None:
        if person := self.people.pop(who, None):
            erased = events.ProfileErased(requested_by=events.ERASURE_REQUESTER_PERSON)
            schema = 1 + what % 2
            if schema > 1:  # what an earlier version could not say
                erased.never_contact_again = what > 2
            stream = stream_name(PROFILE, person.profile_id)
            self._say(stream, person.profile_id, erased, closes=True, schema=schema)
            self.erased.append(person)
            self.with_keys.append(person)


@contextmanager
def new_world(databases: Databases, root_keys: Path, views: Sequence[View] = VIEWS) -> Iterator[World]:
    """Make everything in empty databases."""
    EVENT_DATABASE.fill(databases.events)
    FIRST_EPOCH.fill_with_root(databases.keys, root_keys)
    VIEW_DATABASE.fill(databases.views)
    log_engine = open_engine(databases.events)
    store_of = SQLiteAppendStore if log_engine.dialect.name == "sqlite" else PostgresAppendStore
    with open_sources(databases, root_keys) as sources:
        catalogue.prepare(sources.views, views, sources.log.log_id)
        yield World(databases, sources, store_of(log_engine, lambda: time_ns() // 1000), views)
    log_engine.dispose()
