"""Tests of where things lie and how they are written."""
