"""Deliveries of every kind, and what intake makes of them."""
