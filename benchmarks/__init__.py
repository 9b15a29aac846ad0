"""What the service does in a second, beside peers that are measured in the same run."""
