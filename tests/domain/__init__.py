"""What is decided, as given, when, then. No database, no server, no clock."""
