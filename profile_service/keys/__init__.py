"""Keys: one random key a person, wrapped in a tree under a root; what destroying it makes unreadable is erased."""
