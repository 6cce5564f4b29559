"""What holds for every test."""

from hypothesis import settings

# The machine may be busy converting, and the first request reads the fonts: time is no measure in a test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
