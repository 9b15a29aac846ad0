"""`python -m tests.disclosures`: see `killing`."""

from __future__ import annotations

from tests.disclosures.killing import main

if __name__ == "__main__":
    main()
