from tests.servicecrew.scene import *  # noqa: F403
