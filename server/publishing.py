"""Builds the public pages: the frame, the ways in, and what capabilities show in it. For `app` only."""

from aiohttp import web

from server.accounts.service import AccountService
from server.factors.service import FactorService
from server.kernel.ports import Clock
from server.web.catalogue import Catalogues
from server.web.middleware import PROBLEM_PAGE
from server.web.pages import Assets
from server.web.site.entry import EntryPages
from server.web.site.frame import Site
from server.web.site.visit import Ways


def attach_site(
    app: web.Application,
    ways: Ways,
    assets: Assets,
    catalogues: Catalogues,
    clock: Clock,
    *,
    accounts: AccountService,
    factors: FactorService,
    default_locale: str,
    company: str,
) -> Site:
    """Put the pages that every visitor needs into the application.

    Args:
        app: the application; its templates are set up.
        ways: who looks.
        assets: the built client.
        catalogues: texts.
        clock: the time.
        accounts: passwords and sessions.
        factors: second factors.
        default_locale: language for those who have not chosen one.
        company: name of the company that runs this server.

    Returns:
        The frame for what else is shown.
    """
    site = Site(ways, assets, catalogues, clock, default_locale=default_locale, company=company)
    EntryPages(site, accounts, factors).attach(app)
    app[PROBLEM_PAGE] = site.problem
    return site
