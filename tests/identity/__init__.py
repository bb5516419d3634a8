"""One person once."""
