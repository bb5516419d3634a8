"""The chain of looks."""
