"""Answers about single persons."""
