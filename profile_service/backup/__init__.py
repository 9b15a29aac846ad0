"""Backups of the three databases, restoring them, and what must agree before anything is served."""
