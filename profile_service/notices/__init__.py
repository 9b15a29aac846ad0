"""Telling recipients what became of data they had (GDPR Art. 19): who is called, and when again."""
