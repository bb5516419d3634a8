"""The attacks that a release has to withstand before anybody sees it.

Each is a function over tables or arrays that tells what it found, so that tests can turn it against data that nobody
protected. `suite` runs all of them over the tables of a release. The limits are in `suite.LIMITS`.
"""
