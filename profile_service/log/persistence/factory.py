"""The infrastructure factory that `PERSISTENCE_MODULE=profile_service.log` leads to.

Settings, each also with the application's name and `_` before it:

- `EVENTS_URL`: SQLAlchemy URL of the database, `sqlite:///…` with a path or `postgresql+psycopg://…`;
- `ORIGINATOR_ID_TYPE`: `uuid` (default) or `text`;
- `CREATE_TABLE`: whether recorders create what they need in the database (default `y`);
- `MAPPER_TOPIC=profile_service.log.persistence.mapper:FactMapper`: the database is the service's,
  and its facts are read instead of tables of the application's own;
- `KEYS_URL` and `ROOT_KEYS`: with that mapper, where the keys to the personal halves are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    NotSupportedError,
    ProcessRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from profile_service.log.persistence.datastore import OriginatorIDType, SQLDatastore
from profile_service.log.persistence.recorders import (
    SQLAggregateRecorder,
    SQLApplicationRecorder,
    SQLProcessRecorder,
    SQLRecorder,
    SQLTrackingRecorder,
)

if TYPE_CHECKING:
    from profile_service.log.persistence.service import ServiceLog

SomeRecorder = TypeVar("SomeRecorder", bound=SQLRecorder)


class SQLFactory(InfrastructureFactory[SQLTrackingRecorder]):
    """Makes recorders on SQLite and PostgreSQL. Raises `OSError` for a setting that is missing or wrong."""

    EVENTS_URL = "EVENTS_URL"
    ORIGINATOR_ID_TYPE = "ORIGINATOR_ID_TYPE"
    CREATE_TABLE = "CREATE_TABLE"

    aggregate_recorder_class = SQLAggregateRecorder
    application_recorder_class = SQLApplicationRecorder
    tracking_recorder_class = SQLTrackingRecorder
    process_recorder_class = SQLProcessRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        self.datastore = SQLDatastore(self._url(), originator_id_type=self._originator_id_type())
        self._service: ServiceLog | None = None

    def mapper(
        self, transcoder: Transcoder | None = None, mapper_class: type[Mapper[Any]] | None = None
    ) -> Mapper[Any]:
        mapper: Mapper[Any] = super().mapper(transcoder, mapper_class)
        if mapper_class is None and self._reads_service():
            self._service_log().give_keys(mapper)
        return mapper

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        self._refuse_to_add_to_service()
        return self._created(
            self.aggregate_recorder_class(
                self.datastore, events_table_name=self._table_name("stored", purpose)
            )
        )

    def application_recorder(self) -> ApplicationRecorder:
        if self._reads_service():
            return self._service_log().recorder()
        recorder_class = self._recorder_class(
            self.APPLICATION_RECORDER_TOPIC, self.application_recorder_class
        )
        return self._created(
            recorder_class(self.datastore, events_table_name=self._table_name("stored", "events"))
        )

    def tracking_recorder(
        self, tracking_recorder_class: type[SQLTrackingRecorder] | None = None
    ) -> SQLTrackingRecorder:
        self._refuse_to_add_to_service()
        recorder_class = tracking_recorder_class or self._recorder_class(
            self.TRACKING_RECORDER_TOPIC, self.tracking_recorder_class
        )
        return self._created(
            recorder_class(self.datastore, tracking_table_name=self._table_name("notification", "tracking"))
        )

    def process_recorder(self) -> ProcessRecorder:
        self._refuse_to_add_to_service()
        recorder_class = self._recorder_class(self.PROCESS_RECORDER_TOPIC, self.process_recorder_class)
        return self._created(
            recorder_class(
                self.datastore,
                events_table_name=self._table_name("stored", "events"),
                tracking_table_name=self._table_name("notification", "tracking"),
            )
        )

    def close(self) -> None:
        """Store what is queued, and close all connections."""
        self.datastore.close()

    def _reads_service(self) -> bool:
        topic = self.env.get(self.MAPPER_TOPIC)
        if not topic:
            return False
        from profile_service.log.persistence.service import (
            is_fact_mapper,  # keys and generated code: not for all
        )

        return is_fact_mapper(resolve_topic(topic))

    def _service_log(self) -> ServiceLog:
        from profile_service.log.persistence.service import ServiceLog  # as above

        if self._service is None:
            self._service = ServiceLog(self.datastore, self.env)
        return self._service

    def _refuse_to_add_to_service(self) -> None:
        if self._reads_service() and self._service_log().is_here():
            name = f"{self.env.name.upper()}_" if self.env.name else ""
            raise NotSupportedError(
                f"nothing is added to the service's database: set {name}{self.EVENTS_URL} to another one"
            )

    def _table_name(self, nameless: str, purpose: str) -> str:
        return f"{self.env.name.lower() or nameless}_{purpose}"

    def _recorder_class(self, setting: str, default: type[SomeRecorder]) -> type[SomeRecorder]:
        topic = self.env.get(setting)
        if not topic:
            return default
        recorder_class = resolve_topic(topic)
        if not issubclass(recorder_class, default):
            raise OSError(f"{setting} is not a {default.__name__}")
        return cast(type[SomeRecorder], recorder_class)

    def _created(self, recorder: SomeRecorder) -> SomeRecorder:
        if strtobool(self.env.get(self.CREATE_TABLE) or "yes"):
            recorder.create_table()
        return recorder

    def _url(self) -> str:
        url = self.env.get(self.EVENTS_URL)
        if not url:
            keys = ", ".join(self.env.create_keys(self.EVENTS_URL))
            raise OSError(f"the URL of the database is not in the environment, under any of: {keys}")
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise OSError(f"{self.EVENTS_URL} is not a SQLAlchemy URL") from None
        if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
            raise OSError(f"{self.EVENTS_URL} must begin with sqlite:/// or postgresql+psycopg://")
        if parsed.drivername == "sqlite" and (parsed.database or ":memory:") == ":memory:":
            # Every connection to a database in memory sees one of its own.
            raise OSError(f"{self.EVENTS_URL} must name a file")
        return url

    def _originator_id_type(self) -> OriginatorIDType:
        name = self.env.get(self.ORIGINATOR_ID_TYPE, "uuid").lower()
        if name not in ("uuid", "text"):
            raise OSError(f"{self.ORIGINATOR_ID_TYPE} must be uuid or text")
        return cast(OriginatorIDType, name)
