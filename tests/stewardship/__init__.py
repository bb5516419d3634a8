"""What stewards see, decide and deliver."""
