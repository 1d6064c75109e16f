"""A provider for a service that does not exist."""
