"""Stores: conversations that outlive their process, and the journal of what runs on their behalf."""
