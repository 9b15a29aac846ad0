"""Views: what readers see of the log. Every one can be thrown away and rebuilt from it."""
