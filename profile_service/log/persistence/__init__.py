"""The `eventsourcing` library on this log: recorders with group commit and gapless order for an
application's own tables, and a mapper and recorder that read the service's facts."""
