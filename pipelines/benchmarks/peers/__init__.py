"""What the centre's linkage is measured beside: programs of others, run by an interpreter that has them installed.

The modules here are scripts. They import nothing of the project, and the project imports none of them: they run in
environments of their own (`requirements-peers.lock`, `requirements-name-peers.lock`), read and write Parquet and print
one line of JSON.
"""
