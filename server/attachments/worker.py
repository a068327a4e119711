"""One image, in a process of its own: a file on standard input, its two forms on standard output.

Started by `workshop` for each image and ended by it when it takes too long. It has no secrets: its environment is
empty, it opens no file, and what it may use is limited.
"""

import json
import resource
import sys
from typing import Final

from PIL import Image

from server.attachments.remaking import NotAnImage, remake

_MEMORY: Final = 1536 * 1024 * 1024
_SECONDS: Final = 30


def main() -> None:
    """Read, remake, write: a line of JSON, then the bytes of both forms."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # `remaking` has a limit of its own, which refuses where this one warns.
    Image.MAX_IMAGE_PIXELS = None
    try:
        forms = remake(sys.stdin.buffer.read())
    except NotAnImage as refusal:
        _write({"reason": refusal.reason})
        return
    except MemoryError:
        _write({"reason": "too_large"})
        return
    _write({"forms": [[form.width, form.height, len(form.data)] for form in forms]})
    for form in forms:
        sys.stdout.buffer.write(form.data)


def _write(line: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    main()
