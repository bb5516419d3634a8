"""What Dagster shows and starts."""
