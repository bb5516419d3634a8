"""Communities: what is found of what was planted, and what a load does to their lives."""
