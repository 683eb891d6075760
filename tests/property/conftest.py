"""Hypothesis for the whole folder: a small random search here, the same examples every time in CI."""

import os

from hypothesis import HealthCheck, settings

COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("kimera-dev", max_examples=30, **COMMON)  # type: ignore[arg-type]
settings.register_profile("kimera-ci", max_examples=30, derandomize=True, **COMMON)  # type: ignore[arg-type]
settings.register_profile("kimera-long", max_examples=1000, **COMMON)  # type: ignore[arg-type]
settings.load_profile(os.environ.get("KIMERA_HYPOTHESIS") or ("kimera-ci" if os.environ.get("CI") else "kimera-dev"))
