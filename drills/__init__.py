"""Drills: backups are restored in every wrong and right way, and what was promised is looked at."""
