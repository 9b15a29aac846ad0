"""Why an export can't go on."""


class ExportError(Exception):
    """The text is one line for the person at the keyboard."""
