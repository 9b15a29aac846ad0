"""The keys: ciphers, roots, reservations, erasure and leases, on both databases."""
