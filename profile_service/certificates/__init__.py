"""Certificates of erasure: what they say, how they are signed, and how they are checked offline."""
