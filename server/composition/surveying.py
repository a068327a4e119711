"""Builds surveys. For `parts` only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from server.accounts.correspondence import Correspondence
from server.composition.identity import Ground, Identity
from server.insight.answers import Answers
from server.intake import Intake
from server.kernel.ports import Clock
from server.notices.model import Kind
from server.notices.service import Notices
from server.privacy.service import ConsentLedger
from server.surveys import api
from server.surveys.model import PURPOSE
from server.surveys.pages import SurveyPages
from server.surveys.service import Surveys
from server.surveys.store import SURVEY_COLLECTIONS as SURVEY_COLLECTIONS
from server.surveys.store import MongoSurveyStore
from server.web.endpoint import Endpoint
from server.web.pages import ACCOUNT_PATHS
from server.web.site.frame import Site

_OBJECT = "survey"


@dataclass(frozen=True, slots=True)
class Surveying:
    """The running service."""

    surveys: Surveys
    clock: Clock

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.surveys, self.clock)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put the pages into the application."""
        SurveyPages(site, self.surveys, self.clock).attach(app)


class SurveyInviter:
    """Fills `surveys.service.Inviter`: a notice, and a letter where mail is set up. Neither says what is asked.

    Whether somebody agrees is asked of each once more right before: others were told meanwhile, and it takes its time.
    """

    def __init__(self, notices: Notices, post: Correspondence | None, consents: ConsentLedger) -> None:
        self._notices = notices
        self._post = post
        self._consents = consents

    async def ask_for_answer(self, account_ids: Sequence[str], survey_id: str) -> None:
        """Ask some accounts to answer.

        Raises:
            Unavailable: the store does not answer; some may have been asked.
        """

        def links(locale: str) -> Mapping[str, str]:
            return {"link": f"/survei/{survey_id}", "account": ACCOUNT_PATHS[locale]}

        for account_id in account_ids:
            if not await self._consents.stands(account_id, PURPOSE):
                continue
            await self._notices.tell([account_id], Kind.SURVEY, _OBJECT, survey_id)
            if self._post is not None:
                await self._post.write(account_id, "survey", links)


async def _place(survey_id: str) -> str | None:
    """Where a survey is to be seen; that the reader was asked is found out there."""
    return f"/survei/{survey_id}"


def build_surveys(
    ground: Ground, identity: Identity, intake: Intake, consents: ConsentLedger, notices: Notices, answers: Answers
) -> Surveying:
    """Build it, and have the mail queue ask for consent when letters of surveys go out."""
    notices.lead(_OBJECT, _place)
    post = identity.correspondence
    if post is not None:
        post.permit(consents.stands)
    store, inviter = MongoSurveyStore(ground.database), SurveyInviter(notices, post, consents)
    surveys = Surveys(store, intake, consents, inviter, answers, ground.audit, ground.clock)
    return Surveying(surveys, ground.clock)
