"""Keys: one random key a person, wrapped in a tree under a root. Destroying it is the erasure."""
