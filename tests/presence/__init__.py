"""The model of presence: what silence means, and how it is found without truth."""
