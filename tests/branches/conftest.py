from tests.branches.scene import *  # noqa: F403
from tests.month import *  # noqa: F403
