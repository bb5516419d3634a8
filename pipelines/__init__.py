"""The migration information centre: how deliveries move from landing to release.

Rooms: `contracts` (what was promised), `storage` (files, keys, locks, the database), `intake`
(deliveries to accounted rows), `quality` (batches against their promises), `identity` (one person
once), `publication` (generations and releases), `simulation` (a synthetic state) and `defs` (the
Dagster skin). Dagster is imported in `defs` and `definitions` alone.
"""
