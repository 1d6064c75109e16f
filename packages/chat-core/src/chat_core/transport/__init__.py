"""The transport layer: bytes in, bytes out, no vendor. Each transport is loaded when it is first asked for."""
