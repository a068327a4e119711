"""Who may do what in the forum, over all that may come together: the pure rules, what pages offer, what is declared."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from server.forum.model import (
    Action,
    Audience,
    Category,
    Post,
    PostState,
    Topic,
    TopicState,
    can_accept,
    can_curate,
    can_edit,
    can_post,
    can_react,
    can_read,
    can_see,
    rule,
)
from server.forum.reading import post_view, topic_rights
from server.kernel.actor import Actor, Role
from server.kernel.text import Numbering, template_of
from server.markup.html import SafeHtml
from server.people.model import Standing

_AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
_LAW = settings(deadline=None, max_examples=200)
_WORDS = template_of(("kata",)).fill(Numbering()).text
_SHOWN = SafeHtml("<p>kata</p>")
_PEOPLE = ("rani", "budi", "sari")
_LEVELS = st.integers(0, 4)


def _actors() -> st.SearchStrategy[Actor]:
    return st.builds(Actor, st.sampled_from(_PEOPLE), st.sampled_from(Role), st.just("s"), st.just("Uji"))


def _categories() -> st.SearchStrategy[Category]:
    audiences = st.sampled_from(Audience)
    return st.builds(
        Category,
        st.just("c"),
        st.just("kasir"),
        st.just(_WORDS),
        st.just(_WORDS),
        readers=audiences,
        writers=audiences,
        archived=st.booleans(),
    )


def _topics() -> st.SearchStrategy[Topic]:
    author, state = st.sampled_from(_PEOPLE), st.sampled_from(TopicState)
    return st.builds(
        lambda author, state, locked, archived: Topic(
            "t", 1, "c", "x", _WORDS, (), author, _AT, state, 1, _AT, author, 1, locked=locked, archived=archived
        ),
        author,
        state,
        st.booleans(),
        st.booleans(),
    )


def _posts() -> st.SearchStrategy[Post]:
    return st.builds(
        lambda author, state, wiki: Post("t", 1, author, _WORDS, (), (), _SHOWN, _AT, state, wiki=wiki),
        st.sampled_from(_PEOPLE),
        st.sampled_from(PostState),
        st.booleans(),
    )


@_LAW
@given(st.none() | _actors(), _actors(), _categories(), _topics(), _posts())
def test_what_anybody_may_read_everybody_may(
    reader: Actor | None, other: Actor, category: Category, topic: Topic, post: Post
) -> None:
    """Signing in takes nothing away; and what is out of sight is for its author and moderators."""
    if can_read(None, category, topic):
        assert can_read(other, category, topic)
    if can_see(None, post):
        assert can_see(other, post)
    if reader is not None and reader.role is Role.MODERATOR:
        return
    if can_read(reader, category, topic) and topic.state not in {TopicState.PUBLISHED, TopicState.MOVED}:
        assert reader is not None
        assert reader.account_id == topic.author_id
    if can_see(reader, post) and post.state is not PostState.PUBLISHED:
        assert reader is not None
        assert reader.account_id == post.author_id


@_LAW
@given(st.none() | _actors(), _categories(), _topics(), _posts(), st.booleans())
def test_whoever_does_something_may_read_and_is_of_a_role_that_may(
    actor: Actor | None, category: Category, topic: Topic, post: Post, wiki_editor: bool
) -> None:
    """The rules of single cases never allow what the table that is declared refuses to a role."""
    done = {
        Action.POST: (can_post(actor, category, topic), topic.author_id),
        Action.REACT: (can_react(actor, category, topic, post), post.author_id),
        Action.ACCEPT: (can_accept(actor, topic), topic.author_id),
        Action.CURATE: (can_curate(actor), topic.author_id),
    }
    if not (post.wiki and wiki_editor):
        done[Action.EDIT] = can_edit(actor, topic, post), post.author_id
    for action, (allowed, owner) in done.items():
        if allowed:
            assert actor is not None
            declared = rule(action)
            assert actor.role in (declared.own if actor.account_id == owner else declared.others)
    for action in (Action.POST, Action.REACT):
        assert can_read(actor, category, topic) or not done[action][0]


@_LAW
@given(_actors(), _categories(), _topics(), _posts(), st.booleans())
def test_what_is_archived_or_locked_stays_as_it_is(
    actor: Actor, category: Category, topic: Topic, post: Post, wiki_editor: bool
) -> None:
    """Archived for everybody; locked for all but moderators."""
    archived = replace(topic, archived=True)
    assert not can_post(actor, category, archived)
    assert not can_react(actor, category, archived, post)
    assert not can_edit(actor, archived, post, wiki_editor=wiki_editor)
    assert not can_accept(actor, archived)
    locked = replace(topic, locked=True)
    if actor.role is not Role.MODERATOR:
        assert not can_post(actor, category, locked)
        assert not can_edit(actor, locked, post, wiki_editor=wiki_editor)


@_LAW
@given(st.none() | _actors(), _categories(), _topics(), _posts(), _LEVELS)
def test_pages_offer_what_may_be_done_and_nothing_else(
    actor: Actor | None, category: Category, topic: Topic, post: Post, level: int
) -> None:
    """Of what somebody may read; visitors are offered nothing that needs an account."""
    if not can_read(actor, category, topic):
        return
    rights = topic_rights(actor, category, topic)
    assert rights.reply == can_post(actor, category, topic)
    assert rights.accept == can_accept(actor, topic)
    if actor is None or actor.role is Role.VISITOR:
        assert not any((rights.reply, rights.edit, rights.accept, rights.curate, rights.mark))
    view = post_view(actor, Standing(level) if actor else None, category, topic, post, {})
    if view is None:
        assert not can_see(actor, post)
        return
    assert view.readable == can_see(actor, post)
    own = actor is not None and actor.account_id == post.author_id
    assert not (own and (view.rights.flag or view.rights.react))
    if actor is None or actor.role is Role.VISITOR:
        assert not any((view.rights.edit, view.rights.withdraw, view.rights.react, view.rights.flag))
    if not view.readable:
        assert view.author is None
        assert not any((view.rights.edit, view.rights.withdraw, view.rights.react, view.rights.flag))
