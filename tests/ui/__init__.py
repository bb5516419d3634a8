"""What a person sees in Dagster's UI."""
