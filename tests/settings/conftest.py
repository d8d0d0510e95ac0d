"""Generated tests here give the same examples in every run, and no example fails for being slow on a busy machine."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")
