"""Tests of the public release: its protection, its attacks, its formats."""
