"""Conversations with tools, on every wire: scripted ones, and recorded ones played again."""
