"""Looking for values that must be nowhere, in the bytes of any file; knows nothing of the service."""
