"""The search on the real store: what is found, by whom, in which order, and at what price."""

from collections.abc import Sequence

import pytest

from nlp.labels import Label
from nlp.spans import Span
from server.forum.model import post_id
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.errors import InvalidInput, RateLimited, RedactionUnavailable
from server.kernel.text import RawText
from server.limits import LIMITS, SlidingLimiter
from server.search.finding import BLOCK, Pass, Place, Walker, Wanted
from server.search.frequencies import Frequencies
from server.search.indexing import Indexer
from server.search.model import Entry
from server.search.service import Findings, SearchService
from server.search.store import SEARCH_COLLECTIONS, MongoSearchStore
from server.search.titles import Titles
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.library import AGENT, READER, Library

_GENEROUS = dict.fromkeys(LIMITS, "100000/minute")
_KEY = bytes(32)


class Bracketed:
    """Finds what stands between `<` and `>`."""

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        start = text.find("<")
        return [Span(start, text.index(">") + 1, Label.PHONE)] if start >= 0 else []


class Down:
    """A redactor that does not answer."""

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        raise RedactionUnavailable


class Counting(MongoSearchStore):
    """The real store, which also counts what it reads."""

    read = 0

    async def with_key(self, key: str, above: int, up_to: int) -> list[Entry]:
        found = await super().with_key(key, above, up_to)
        self.read += len(found)
        return found


class Desk:
    """A search with its index, and a forum to fill it."""

    def __init__(self, database: Database) -> None:
        self.store = Counting(database)
        self.frequencies = Frequencies(self.store)
        self.titles = Titles()
        self.indexer = Indexer(self.store, self.frequencies, self.titles)
        self.library = Library(self.indexer)
        self.service = self.serving(SlidingLimiter(_GENEROUS), Intake(Bracketed(), _KEY))

    def serving(self, limiter: SlidingLimiter, intake: Intake) -> SearchService:
        walker = Walker(self.store, self.frequencies)
        return SearchService(walker, self.library, intake, self.frequencies, self.titles, limiter)

    async def ask(self, words: str, actor: Actor | None = READER, **options: object) -> Findings:
        return await self.service.search(actor, "192.0.2.1", RawText(words), **options)  # type: ignore[arg-type]  # cursor and limit

    async def titles_of(self, words: str, actor: Actor | None = READER) -> list[str]:
        found = await self.ask(words, actor)
        return [item.shown.topic.title.value for item in found.items if not found.partial]


@pytest.fixture
async def desk(database: Database) -> Desk:
    await apply(database, SEARCH_COLLECTIONS)
    return Desk(database)


async def test_words_are_found_by_their_stems_and_marked(desk: Desk) -> None:
    topic = await desk.library.begin("Printer kasir macet", "Sejak kemarin **cetakan** struknya tidak keluar.")
    await desk.library.begin("Stok opname", "Jumlah barang tidak cocok.")
    found = await desk.ask("mencetak struk")
    assert [item.shown.topic.id for item in found.items] == [topic.id]
    excerpt = found.items[0].excerpt
    assert [excerpt.text[start:end] for start, end in excerpt.ranges] == ["cetakan", "struknya"]
    assert found.next_cursor is None
    assert not found.partial
    [finding] = (await desk.ask("printernya")).items
    assert [finding.shown.topic.title.value[start:end] for start, end in finding.title_marks] == ["Printer"]


async def test_titles_come_before_bodies(desk: Desk) -> None:
    await desk.library.begin("Tagihan bulan lalu", "Sudah dibayar.")
    await desk.library.begin("Lain-lain", "Ini tentang tagihan dan tagihan.")
    assert await desk.titles_of("tagihan") == ["Tagihan bulan lalu", "Lain-lain"]


async def test_operators_choose(desk: Desk) -> None:
    solved = await desk.library.begin("Cara impor data", "Dari lembar kerja.", tags=["impor", "data"])
    await desk.library.answer(solved, "Pakai menu impor lembar.", author="kancil-lincah")
    await desk.library.change(solved, accepted_seq=2)
    await desk.library.begin("Impor gagal", "Lembar kerja ditolak.", tags=["impor"])
    await desk.library.begin("Rapat impor", "Lembar kerja.", where="tim")
    assert await desk.titles_of("tag:data") == ["Cara impor data"]
    assert await desk.titles_of("tag:impor status:selesai") == ["Cara impor data"]
    assert await desk.titles_of("lembar @kancil-lincah") == ["Cara impor data"]
    assert await desk.titles_of("@kancil-lincah") == ["Cara impor data"]
    assert await desk.titles_of("kategori:umum impor gagal") == ["Impor gagal"]
    assert sorted(await desk.titles_of("category:umum")) == ["Cara impor data", "Impor gagal"]
    for nothing in ("tag:tidak-ada", "@tidak-ada", "category:tidak-ada", "tag:data @kancil-lincah impor gagal", ""):
        assert await desk.titles_of(nothing) == []


async def test_quoted_words_must_follow_each_other(desk: Desk) -> None:
    await desk.library.begin("Satu", "Gagal mencetak struk belanja.")
    await desk.library.begin("Dua", "Struk sudah benar tetapi cetak label gagal.")
    assert sorted(await desk.titles_of("gagal cetak")) == ["Dua", "Satu"]
    assert await desk.titles_of('"gagal cetak"') == ["Satu"]


async def test_an_answer_is_found_together_with_its_title(desk: Desk) -> None:
    topic = await desk.library.begin("Printer Zebra", "Bagaimana memasangnya?")
    answer = await desk.library.answer(topic, "Pasang drivernya dahulu.")
    [finding] = (await desk.ask("driver zebra")).items
    assert finding.shown.post.id == answer.id


async def test_nobody_finds_what_they_may_not_read(desk: Desk) -> None:
    topic = await desk.library.begin("Gaji petugas", "Rahasia tim.", where="tim")
    assert await desk.titles_of("gaji", None) == []
    assert await desk.titles_of("gaji", READER) == []
    assert await desk.titles_of("category:tim") == []
    assert await desk.titles_of("gaji", AGENT) == ["Gaji petugas"]
    assert (await desk.service.suggest(READER, "n", RawText("gaj"))).topics == []
    assert await desk.service.similar(READER, "n", RawText("Gaji petugas")) == []
    assert [shown.topic.id for shown in await desk.service.similar(AGENT, "n", RawText("Gaji petugas"))] == [topic.id]


async def test_what_was_hidden_is_not_shown_even_where_the_index_lags(desk: Desk) -> None:
    topic = await desk.library.begin("Promo palsu", "Transfer sekarang.")
    desk.library.hide(desk.library.post(topic, 1))
    assert await desk.titles_of("promo") == []
    assert (await desk.service.suggest(READER, "n", RawText("prom"))).topics == []
    assert await desk.store.find([post_id(topic.id, 1)])
    await desk.indexer.drop(topic.id, 1)
    assert not await desk.store.find([post_id(topic.id, 1)])
    assert len(desk.titles) == 0


async def test_changes_reach_the_index(desk: Desk) -> None:
    topic = await desk.library.begin("Kamera buram", "Foto tidak jelas.", tags=["foto"])
    answer = await desk.library.answer(topic, "Bersihkan lensanya.")
    number = (await desk.store.find([answer.id]))[answer.id].number
    await desk.library.change(topic, title=answer.text, tags=("kamera",), category_id="c-tim")
    assert await desk.titles_of("buram", AGENT) == []
    assert await desk.titles_of("tag:foto", AGENT) == []
    entry = (await desk.store.find([answer.id]))[answer.id]
    assert (entry.number, entry.category_id) == (number, "c-tim")
    assert {"#kamera", "lensa"} <= entry.head
    assert await desk.titles_of("lensa") == []
    assert await desk.titles_of("lensa", AGENT) == ["Bersihkan lensanya."]


async def test_pages_hold_everything_once_and_read_only_windows(desk: Desk) -> None:
    """A common word costs a page some blocks, however many posts have it."""
    count = 600
    for number in range(count):
        await desk.library.begin(f"Topik{number}", "Laporan penjualan harian.")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        desk.store.read = 0
        found = await desk.ask("laporan penjualan", cursor=cursor, limit=50)
        assert desk.store.read <= 5 * BLOCK
        assert len(found.items) <= 50
        seen += [item.shown.topic.id for item in found.items]
        cursor = found.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == count


async def test_the_best_come_first_and_then_the_newest(desk: Desk) -> None:
    await desk.library.begin("Pertama", "Faktur pajak.")
    await desk.library.begin("Kedua", "Faktur pajak.")
    await desk.library.begin("Pajak", "Faktur.")
    assert await desk.titles_of("faktur pajak") == ["Pajak", "Kedua", "Pertama"]


async def test_some_of_the_words_where_nothing_has_all(desk: Desk) -> None:
    await desk.library.begin("Mesin kasir", "Layarnya gelap.")
    found = await desk.ask("layar gelap setelah pembaruan firmware")
    assert found.partial
    assert [item.shown.topic.title.value for item in found.items] == ["Mesin kasir"]
    assert not (await desk.ask("firmware")).items


async def test_what_comes_while_it_is_looked_for_is_no_part_of_the_words(desk: Desk) -> None:
    """A post indexed between the walk and the looking for some of the words is found alone, as what holds them all."""
    await desk.library.begin("Kop surat", "Cetakannya miring.")

    class Late(Walker):
        async def nearly(self, wanted: Wanted) -> list[Entry]:
            await desk.library.begin("Printer macet", "Cetakan kosong.")
            return await super().nearly(wanted)

    walker = Late(desk.store, desk.frequencies)
    limiter = SlidingLimiter(_GENEROUS)
    service = SearchService(walker, desk.library, Intake(Bracketed(), _KEY), desk.frequencies, desk.titles, limiter)
    found = await service.search(READER, "192.0.2.1", RawText("mencetak printer"))
    assert [item.shown.topic.title.value for item in found.items] == ["Printer macet"]
    assert not found.partial


@pytest.mark.parametrize("cursor", ["x", "", "czp0LjEuMi4zLjQ", "%%%", "czpxLjEuMS4wLjA", "🙂"])
async def test_a_foreign_cursor_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await desk.ask("apa saja", cursor=cursor)


async def test_a_made_up_cursor_opens_no_wider_window(desk: Desk) -> None:
    for number in range(600):
        await desk.library.begin(f"Topik{number}", "Laporan penjualan harian.")
    desk.store.read = 0
    await desk.ask("laporan", cursor=Place(Pass.POSTS, 10**12, 600, 0).cursor())
    assert 0 < desk.store.read <= 8 * BLOCK


async def test_the_index_is_read_into_memory_at_the_start(desk: Desk, database: Database) -> None:
    await desk.library.begin("Pembayaran gagal", "Kartu ditolak.", tags=["kartu"])
    again = Desk(database)
    again.library = desk.library
    service = again.serving(SlidingLimiter(_GENEROUS), Intake(Bracketed(), _KEY))
    await again.indexer.start()
    await again.indexer.loaded()
    assert again.frequencies.sampled == 1
    found = await service.suggest(None, "n", RawText("pemba"))
    assert [topic.title.value for topic in found.topics] == ["Pembayaran gagal"]
    assert (await service.suggest(None, "n", RawText("kar"))).tags == ["kartu"]
    await again.indexer.close()


async def test_suggestions_complete_half_a_word(desk: Desk) -> None:
    await desk.library.begin("Cara mengatur printer", "Isi.")
    await desk.library.begin("Printer baru", "Isi.")
    found = await desk.service.suggest(READER, "n", RawText("prin"))
    assert [topic.title.value for topic in found.topics] == ["Printer baru", "Cara mengatur printer"]
    assert [t.title.value for t in (await desk.service.suggest(READER, "n", RawText("printer at"))).topics] == []
    assert [t.title.value for t in (await desk.service.suggest(READER, "n", RawText("printer mengatur"))).topics] == [
        "Cara mengatur printer"
    ]
    assert (await desk.service.suggest(READER, "n", RawText("p"))).topics == ()


async def test_similar_topics_while_one_is_written(desk: Desk) -> None:
    close = await desk.library.begin("Printer kasir tidak mencetak", "Struk kosong.")
    await desk.library.begin("Jadwal libur", "Kantor tutup.")
    found = await desk.service.similar(READER, "n", RawText("Kenapa printer kasir gak nyetak?"), RawText("struk putih"))
    assert [shown.topic.id for shown in found] == [close.id]
    assert await desk.service.similar(READER, "n", RawText("yang di dan")) == ()


async def test_what_is_typed_is_redacted_before_it_is_looked_for(desk: Desk) -> None:
    await desk.library.begin("Angka rahasia", "Nomor 4455 di papan.")
    assert await desk.titles_of("4455") == ["Angka rahasia"]
    assert await desk.titles_of("<4455>") == []
    shut = desk.serving(SlidingLimiter(_GENEROUS), Intake(Down(), _KEY))
    with pytest.raises(RedactionUnavailable):
        await shut.search(READER, "n", RawText("angka"))


async def test_searching_is_limited_by_account_and_by_network(desk: Desk) -> None:
    limiter = SlidingLimiter({**_GENEROUS, "search": "1/hour", "search_network": "2/hour"})
    service = desk.serving(limiter, Intake(Bracketed(), _KEY))
    await service.search(READER, "n", RawText("a"))
    with pytest.raises(RateLimited):
        await service.search(READER, "n", RawText("a"))
    await service.search(None, "n", RawText("a"))
    with pytest.raises(RateLimited):
        await service.search(None, "n", RawText("a"))


async def test_putting_again_changes_nothing(desk: Desk) -> None:
    topic = await desk.library.begin("Sekali", "Dua kali.")
    await desk.library.put(desk.library.post(topic, 1))
    assert await desk.store.last_number() == 1
    assert (await desk.store.find([post_id(topic.id, 1)]))[post_id(topic.id, 1)].number == 1
