from tests.month import *  # noqa: F403
from tests.notices.scene import *  # noqa: F403
