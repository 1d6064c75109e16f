"""Floors: what the same work costs with nothing but an HTTP client, or a socket, and a JSON parser."""
