"""What a server holds when it is ready is not walked by the collector again."""

import gc

from server.app import keep_what_is_there


def test_what_is_there_is_spared_and_what_comes_later_is_not() -> None:
    there = [[number] for number in range(1_000)]
    try:
        keep_what_is_there()
        later = [there]
        walked = {id(item) for item in gc.get_objects()}
        assert not walked.intersection(map(id, [there, *there]))
        assert id(later) in walked
    finally:
        gc.unfreeze()
