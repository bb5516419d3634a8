"""Measuring the centre beside floors and peers, in the same minute on the same machine.

`loads` measures intake and nights, `promises` the judging of a delivery, `identity` who is who, `names` the comparison
of names; `processes` gives each way a process of its own, and `peers` holds what runs in the environments of others.
"""
