"""This workspace as a contender."""
