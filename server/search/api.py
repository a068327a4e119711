"""The search over HTTP."""

from collections.abc import Sequence

from server.search.schemas import (
    FindingPage,
    SearchQuery,
    SimilarTopics,
    SuggestionQuery,
    SuggestionsOut,
    TopicDraft,
    page_out,
    similar_out,
    suggestions_out,
)
from server.search.service import SearchService
from server.web.endpoint import Access, Call, Endpoint


def endpoints(service: SearchService) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def search(call: Call) -> FindingPage:
        query: SearchQuery = call.query
        found = await service.search(call.signed_in, call.network, query.q, cursor=query.cursor, limit=query.limit)
        return page_out(found)

    async def suggest(call: Call) -> SuggestionsOut:
        return suggestions_out(await service.suggest(call.signed_in, call.network, call.query.q))

    async def similar(call: Call) -> SimilarTopics:
        body: TopicDraft = call.body
        return similar_out(await service.similar(call.actor, call.network, body.title, body.text))

    return (
        Endpoint(
            "GET",
            "/api/v1/search",
            "Posts of the forum and items of the board; the question is redacted first and kept nowhere",
            search,
            FindingPage,
            Access.PUBLIC,
            query=SearchQuery,
            recognise=True,
        ),
        Endpoint(
            "GET",
            "/api/v1/search/suggestions",
            "Topics and tags for what somebody is typing",
            suggest,
            SuggestionsOut,
            Access.PUBLIC,
            query=SuggestionQuery,
            recognise=True,
        ),
        Endpoint(
            "POST",
            "/api/v1/forum/topics/similar",
            "Topics like the one being written, which is redacted first and kept nowhere",
            similar,
            SimilarTopics,
            Access.MEMBER,
            body=TopicDraft,
        ),
    )
