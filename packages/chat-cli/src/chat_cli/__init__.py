"""The command line of chat-core. What programs use is in chat-core; this package has no public names."""
