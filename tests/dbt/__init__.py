"""Tests of the dbt project on a small synthetic build database."""
