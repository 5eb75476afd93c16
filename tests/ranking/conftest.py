from tests.month import *  # noqa: F403
from tests.ranking.worked import *  # noqa: F403
