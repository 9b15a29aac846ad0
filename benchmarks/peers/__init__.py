"""What the service is compared with: small honest programs, each started as its own process."""
