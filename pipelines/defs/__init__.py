"""What Dagster shows and starts: assets, checks, jobs, the schedule, sensors.

Bodies call the steps of `pipelines.nightly` and report numbers; whatever can be said without Dagster stands elsewhere.
`assembly.build` puts all of it together from the contracts and the dbt manifest; no list of feeds or models is kept.
"""
