"""The forum over HTTP: categories, topics, posts. Reading needs no session where a category is for everybody."""

from collections.abc import Sequence

from server.forum.categories import Categories, CategoryChange
from server.forum.commands import (
    CategoryChangeIn,
    NewCategory,
    NewPost,
    NewTopicIn,
    PostsQuery,
    TopicChange,
    TopicsQuery,
    moment_in,
    poll_in,
)
from server.forum.lists import TopicLists
from server.forum.model import Action, rule
from server.forum.posts import Posts
from server.forum.reading import topic_rights
from server.forum.schemas import (
    CategoryList,
    CategoryReply,
    PostReply,
    PostsPage,
    TopicPosted,
    TopicReply,
    TopicsPage,
    category_out,
    page_out,
    post_out,
    rights_out,
    topic_out,
)
from server.forum.topics import NewTopic, Topics
from server.kernel.cursors import number_cursor, number_place
from server.web.endpoint import Access, Call, Endpoint, Reply

_ROOT = "/api/v1/forum"
READING = "forum_reading_network"


def endpoints(categories: Categories, topics: Topics, lists: TopicLists, posts: Posts) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def list_categories(call: Call) -> CategoryList:
        return CategoryList(items=[category_out(item) for item in await categories.list(call.signed_in)])

    async def create_category(call: Call) -> CategoryReply:
        return CategoryReply(category=category_out(await categories.create(call.actor, _change(call.body))))

    async def change_category(call: Call) -> CategoryReply:
        changed = await categories.change(call.actor, call.path["id"], _change(call.body))
        return CategoryReply(category=category_out(changed))

    async def list_topics(call: Call) -> TopicsPage:
        query: TopicsQuery = call.query
        before = number_place(query.cursor)
        if query.tag is not None:
            found = await lists.tagged(call.signed_in, query.tag, before=before, limit=query.limit)
        elif query.category_id is not None:
            category = await categories.get(query.category_id)
            found = await lists.in_category(call.signed_in, category, before=before, limit=query.limit)
        else:
            found = await lists.latest(call.signed_in, before=before, limit=query.limit)
        return TopicsPage(items=[topic_out(row) for row in found.items], next_cursor=number_cursor(found.next_bump))

    async def begin(call: Call) -> Reply:
        body: NewTopicIn = call.body
        new = NewTopic(
            category_id=body.category_id,
            title=body.title,
            text=body.text,
            tags=body.tags,
            client_post_id=body.client_post_id,
            publish_at=moment_in(body.publish_at),
            poll=poll_in(body.poll),
        )
        written = await topics.begin(call.actor, new)
        row, view = await posts.get(call.actor, written.post.id)
        return Reply(TopicPosted(topic=topic_out(row), post=post_out(view)), status=201 if written.is_new else 200)

    async def get_topic(call: Call) -> TopicReply:
        row = await topics.get(call.signed_in, call.path["id"])
        rights = topic_rights(call.signed_in, row.category, row.topic)
        return TopicReply(topic=topic_out(row), rights=rights_out(rights))

    async def edit_topic(call: Call) -> TopicReply:
        body: TopicChange = call.body
        row = await topics.edit(call.actor, call.path["id"], title=body.title, tags=body.tags)
        return TopicReply(topic=topic_out(row), rights=rights_out(topic_rights(call.actor, row.category, row.topic)))

    async def list_posts(call: Call) -> PostsPage:
        query: PostsQuery = call.query
        return page_out(await posts.after(call.signed_in, call.path["id"], query.after_seq, query.limit))

    async def reply(call: Call) -> Reply:
        body: NewPost = call.body
        written = await posts.reply(
            call.actor, call.path["id"], body.text, reply_to=body.reply_to, client_post_id=body.client_post_id
        )
        _, view = await posts.get(call.actor, written.post.id)
        return Reply(PostReply(post=post_out(view)), status=201 if written.is_new else 200)

    return (
        Endpoint(
            "GET",
            f"{_ROOT}/categories",
            "The categories that the caller may read",
            list_categories,
            CategoryList,
            Access.PUBLIC,
            recognise=True,
            network_limit=READING,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/categories",
            "Make a category",
            create_category,
            CategoryReply,
            Access.CURATOR,
            body=NewCategory,
            status=201,
        ),
        Endpoint(
            "PATCH",
            f"{_ROOT}/categories/{{id}}",
            "Change a category",
            change_category,
            CategoryReply,
            Access.CURATOR,
            body=CategoryChangeIn,
            rule=rule(Action.MANAGE),
        ),
        Endpoint(
            "GET",
            f"{_ROOT}/topics",
            "Topics that the caller may read, those last written in first",
            list_topics,
            TopicsPage,
            Access.PUBLIC,
            query=TopicsQuery,
            recognise=True,
            network_limit=READING,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/topics",
            "Begin a topic; the same client_post_id again gives the first",
            begin,
            TopicPosted,
            Access.MEMBER,
            body=NewTopicIn,
            status=201,
            other_status=200,
            network_limit="forum_topic_network",
        ),
        Endpoint(
            "GET",
            f"{_ROOT}/topics/{{id}}",
            "One topic, without its posts",
            get_topic,
            TopicReply,
            Access.PUBLIC,
            rule=rule(Action.READ),
            recognise=True,
            network_limit=READING,
        ),
        Endpoint(
            "PATCH",
            f"{_ROOT}/topics/{{id}}",
            "Change a topic's title or tags",
            edit_topic,
            TopicReply,
            Access.MEMBER,
            body=TopicChange,
            rule=rule(Action.RETITLE),
        ),
        Endpoint(
            "GET",
            f"{_ROOT}/topics/{{id}}/posts",
            "Posts of a topic, ascending by seq",
            list_posts,
            PostsPage,
            Access.PUBLIC,
            query=PostsQuery,
            rule=rule(Action.READ),
            recognise=True,
            network_limit=READING,
        ),
        Endpoint(
            "POST",
            f"{_ROOT}/topics/{{id}}/posts",
            "Answer in a topic; the same client_post_id again gives the first",
            reply,
            PostReply,
            Access.MEMBER,
            body=NewPost,
            status=201,
            other_status=200,
            rule=rule(Action.POST),
            network_limit="forum_post_network",
        ),
    )


def _change(body: CategoryChangeIn) -> CategoryChange:
    return CategoryChange(
        name=body.name,
        description=body.description,
        slug=body.slug,
        readers=body.readers,
        writers=body.writers,
        contact_allowed=body.contact_allowed,
        position=body.position,
        archived=body.archived,
    )
