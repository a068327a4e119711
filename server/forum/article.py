"""A post as it stands in a page, as HTML. Pure.

Written here and not in a template: a page has twenty of them, and a template takes half a millisecond for each. What
people wrote comes as HTML that `markup` made; everything else that could hold a special character is escaped here. Must
not be given the reader's name, nor any other post: what it makes is shown to all who are shown the same.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from markupsafe import escape

from server.forum.contacts import has_unsigned
from server.forum.fragments import Fragments
from server.forum.marks import REACTIONS
from server.forum.model import Post, PostState, Topic
from server.forum.reading import PostView, TopicPage, page_with
from server.forum.topics import path_of
from server.kernel.actor import Role

REACTION_ICONS = {"like": "heart", "thanks": "star", "helpful": "hand", "insight": "bulb", "celebrate": "spark"}
_FIRST = REACTIONS[0]
_GONE = frozenset({PostState.WITHDRAWN, PostState.MOVED})


class ArticleWriter:
    """Writes posts in one language.

    Args:
        fragments: pieces.
    """

    def __init__(self, fragments: Fragments) -> None:
        self._part = fragments
        self._say = fragments.say
        self._draw = fragments.draw
        self._labels = {kind: str(fragments.say(f"react.{kind}")) for kind in REACTIONS}
        # Most posts have no reactions: what stands under them is made once for all.
        self._untouched = self._reactions({}, frozenset())

    def article(self, view: PostView, page: TopicPage, me: str, poll: str = "") -> str:
        """Give a post.

        Args:
            view: as the reader sees it.
            page: with its topic, what the reader may do there, and which page it is.
            me: empty where nobody is signed in, the author's id where they read it, anything else for others.
            poll: what is asked in it, as HTML.
        """
        post, topic = view.post, page.row.topic
        base = f"/forum/t/{topic.number}/p/{post.seq}"
        if not view.readable:
            gone = post.state.value if post.state in _GONE else "hidden"
            said = self._say(f"topic.gone.{gone}", seq=post.seq)
            article = (
                f'<article class="post post-gone" id="p{post.seq}" data-seq="{post.seq}"><p>{said}</p></article>\n'
            )
        else:
            own = bool(me) and post.author_id == me
            classes = f"post{' post-accepted' if view.accepted else ''}{' post-own' if own else ''}"
            held = f'<p class="seal-note">{self._say("topic.held")}</p>\n' if post.state is PostState.HELD else ""
            article = (
                f'<article class="{classes}" id="p{post.seq}" data-seq="{post.seq}" aria-labelledby="w{post.seq}">\n'
                f"{self._head(view, topic, base)}{held}"
                f'<div class="prose">{self._part.show.body(post.html, view.contacts)}</div>\n'
                f"{self._contacts(view, page, base, own=own)}"
                f'{poll}<div class="acts">{self._acts(view, page, base, me)}</div>\n</article>\n'
            )
        return f"\n{article}{self._answer(post, topic)}"

    # --- inside ----------------------------------------------------------------------------------------------------

    def _head(self, view: PostView, topic: Topic, base: str) -> str:
        """Who, when and where."""
        post, author, seq = view.post, view.author, view.post.seq
        when = self._part.when(post.created_at)
        edited = f'<a href="{base}/riwayat" rel="nofollow">{self._say("topic.edited")}</a>' if post.edited_at else ""
        answered = ""
        if post.reply_to and post.reply_to != seq - 1:
            said = self._say("topic.replying", seq=f"#{post.reply_to}")
            answered = f'<a href="{_place(topic, post.reply_to)}">{said}</a>'
        return (
            f'<div class="post-head">{self._part.avatar(author)}\n'
            f'<p class="post-who" id="w{seq}">{self._part.name(author)}{self._badges(view)}</p>\n'
            f'<p class="post-when"><a href="#p{seq}">{when}</a>{edited}{answered}</p>\n'
            f'<a class="post-place" href="{_place(topic, seq)}" aria-label="{self._say("topic.place", seq=seq)}">'
            f"#{seq}</a></div>\n"
        )

    def _badges(self, view: PostView) -> str:
        found: list[str] = []
        post, badge = view.post, view.author.badge if view.author else None
        if badge is not None:
            said = self._say("forum.moderator" if badge is Role.MODERATOR else "forum.staff")
            found.append(f'<span class="badge">{self._draw("shield", 12)}{said}</span>')
        if view.accepted:
            said = self._say("topic.answer")
            found.append(f'<span class="badge badge-solved">{self._draw("check", 14)}{said}</span>')
        if post.state is not PostState.PUBLISHED:
            said = self._say("forum.held" if post.state is PostState.HELD else "forum.hidden")
            found.append(f'<span class="badge badge-held">{said}</span>')
        if post.wiki:
            icon = self._draw("edit", 12)
            found.append(f'<span class="badge" title="{self._say("wiki.hint")}">{icon}{self._say("wiki.badge")}</span>')
        return "".join(f" {item}" for item in found)

    def _contacts(self, view: PostView, page: TopicPage, base: str, *, own: bool) -> str:
        """Whose the contacts are that stand in it, and what its writer and moderators may do about them."""
        post, category = view.post, page.row.category
        if not category.contact_allowed:
            return ""
        found: list[str] = []
        if view.contacts:
            links = ", ".join(
                f'<a href="{escape(one.address)}" rel="nofollow ugc">{escape(one.value)}</a>' for one in view.contacts
            )
            found.append(f"<span>{self._draw('lock', 14)} {self._say('contact.by_writer')} {links}</span>")
        if own and post.contacts_closed:
            found.append(f"<span>{self._say('contact.closed')}</span>")
        elif own and view.contacts:
            found.append(f'<a href="/privasi/izin">{self._say("contact.withdraw")}</a>')
        elif own and has_unsigned(post):
            back = quote(f"{base}/ubah", safe="")
            sign = f"/privasi/izin/kontak?kategori={category.slug}&amp;kembali={back}"
            found.append(
                f'<span>{self._say("contact.unsigned")} <a href="{sign}">{self._say("contact.sign")}</a></span>'
            )
        if page.rights.curate and post.contacts:
            label = self._say("contact.open" if post.contacts_closed else "contact.close")
            fields = {"on": "1" if post.contacts_closed else ""}
            found.append(self._press(f"{base}/kontak", "eye", label, fields, css="button button-small button-quiet"))
        return f'<div class="contact-note">{" ".join(found)}</div>\n' if found else ""

    def _acts(self, view: PostView, page: TopicPage, base: str, me: str) -> str:
        """What can be done with it."""
        post, topic, rights = view.post, page.row.topic, page.rights
        acts = [f"{self._reacting(view, base)}\n"]
        if rights.accept and post.seq > 1 and post.state is PostState.PUBLISHED:
            label = self._say("topic.unaccept" if view.accepted else "topic.accept")
            chosen = "" if view.accepted else str(post.seq)
            action = f"/forum/t/{topic.number}/terima"
            acts.append(self._press(action, "check", label, {"seq": chosen}, css="act", pressed=view.accepted) + "\n")
        if rights.reply:
            quoting = f"{'&amp;' if page.page > 1 else '?'}kutip={post.seq}#balas"
            acts.append(
                f'<a class="act act-end" href="{_on(topic, page.page)}{quoting}" rel="nofollow" '
                f'data-quote="{post.seq}">{self._draw("reply")}{self._say("topic.reply")}</a>\n'
            )
        if me:
            end = "" if rights.reply else " act-end"
            acts.append(
                f'<details class="menu{end}"><summary class="act" aria-label="{self._say("topic.more")}">'
                f'{self._draw("more")}</summary><div class="menu-list">\n'
                f"{''.join(self._menu(view, page, base, me))}</div></details>\n"
            )
        return "".join(acts)

    def _menu(self, view: PostView, page: TopicPage, base: str, me: str) -> Iterable[str]:
        post, rights = view.post, view.rights
        label = self._say("topic.kept" if view.bookmarked else "topic.keep")
        yield self._press(f"{base}/penanda", "bookmark", label, {"on": "" if view.bookmarked else "1"}) + "\n"
        if rights.edit:
            said = self._say("wiki.edit" if post.wiki else "topic.edit")
            yield f'<a href="{base}/ubah">{self._draw("edit")}{said}</a>\n'
            if post.author_id == me or page.rights.curate:
                label = self._say("wiki.close" if post.wiki else "wiki.open")
                yield self._press(f"{base}/wiki", "hand", label, {"on": "" if post.wiki else "1"}) + "\n"
        if rights.withdraw:
            yield self._press(f"{base}/tarik", "left", self._say("topic.withdraw"), {}) + "\n"
        if rights.flag:
            yield f'<a href="{base}/lapor">{self._draw("flag")}{self._say("topic.flag")}</a>\n'
        if post.edited_at:
            yield f'<a href="{base}/riwayat">{self._draw("history")}{self._say("topic.history")}</a>\n'

    def _reacting(self, view: PostView, base: str) -> str:
        counts, mine = view.post.reactions, view.mine
        if view.rights.react:
            inner = self._reactions(counts, mine) if counts or mine else self._untouched
            return f'<form class="reactions" method="post" action="{base}/reaksi" data-react>{inner}</form>'
        return "".join(
            f'<span class="act act-count" title="{self._labels[kind]}">{self._draw(REACTION_ICONS[kind])}'
            f'<span class="sr-only">{self._labels[kind]}: </span>{counts[kind]}</span>'
            for kind in REACTIONS
            if counts.get(kind)
        )

    def _reactions(self, counts: Mapping[str, int], mine: frozenset[str]) -> str:
        """A press for each reaction that was given, and for the first; the others in a menu."""
        shown = "".join(self._reaction(kind, counts, mine) for kind in REACTIONS if kind == _FIRST or counts.get(kind))
        more = "".join(
            f'<button name="give" value="{kind}" type="submit">{self._draw(REACTION_ICONS[kind])}'
            f"{self._labels[kind]}</button>"
            for kind in REACTIONS
            if kind != _FIRST and not counts.get(kind)
        )
        label = self._say("react.more")
        return (
            f'{shown}<details class="menu menu-start"><summary class="act" aria-label="{label}" title="{label}">'
            f'{self._draw("smile")}</summary><div class="menu-list">{more}</div></details>'
        )

    def _reaction(self, kind: str, counts: Mapping[str, int], mine: frozenset[str]) -> str:
        label, given = self._labels[kind], kind in mine
        return (
            f'<button class="act" name="{"take" if given else "give"}" value="{kind}" type="submit" '
            f'aria-pressed="{"true" if given else "false"}" title="{label}">{self._draw(REACTION_ICONS[kind])}'
            f'<span class="sr-only">{label}</span><span data-count>{counts.get(kind) or ""}</span></button>'
        )

    def _press(
        self,
        action: str,
        icon: str,
        label: str,
        fields: Mapping[str, str],
        *,
        css: str = "",
        pressed: bool | None = None,
    ) -> str:
        """A form of one button."""
        hidden = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
        state = "" if pressed is None else f' aria-pressed="{"true" if pressed else "false"}"'
        return (
            f'<form method="post" action="{action}">{hidden}<button class="{css}" type="submit"{state}>'
            f"{self._draw(icon)}{label}</button></form>"
        )

    def _answer(self, post: Post, topic: Topic) -> str:
        """Under the question, where its answer stands."""
        if post.seq != 1 or not topic.accepted_seq:
            return ""
        said = self._say("topic.answer_at", seq=f"#{topic.accepted_seq}")
        return f'<p class="answer">{self._draw("check")} <a href="{_place(topic, topic.accepted_seq)}">{said}</a></p>\n'


def _on(topic: Topic, page: int) -> str:
    """The address of one of its pages. Slugs hold nothing that needs escaping."""
    return f"{path_of(topic)}?p={page}" if page > 1 else path_of(topic)


def _place(topic: Topic, seq: int) -> str:
    return f"{_on(topic, page_with(seq))}#p{seq}"
