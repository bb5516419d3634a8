"""Capture and recapture: how many no list has named."""
