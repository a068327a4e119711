"""How many files this process may have open: each live connection takes one. Opens none."""

import logging
import resource
from contextlib import suppress
from typing import Final

logger = logging.getLogger(__name__)

_FEW: Final = 4096


def allow_connections() -> None:
    """Take all open files that this process may have, and say so where these are few. Children inherit it.

    The usual soft limit, 1024, is there for programs that use `select` (systemd.exec(5)). When it is reached the event
    loop closes whoever connects, without a word in the log.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems name a limit that they then don't grant.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    if soft != resource.RLIM_INFINITY and soft < _FEW:
        logger.warning("%d files may be open, and each live connection takes one: raise LimitNOFILE or ulimit -n", soft)
