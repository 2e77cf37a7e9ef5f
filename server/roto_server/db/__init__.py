"""The tables and the sessions on them. Importing any module here makes every table known."""

from . import farm as farm
from . import leader as leader
from . import media as media
from . import models as models
from . import people as people
