"""Figures: our time over that of the least work possible, both taken in the same run, so that machines compare.

`python -m benchmarks` prints them. They are no tests: a busy machine may miss a goal, but a wrong answer stops the run.
"""
