from tests.month import *  # noqa: F403
