"""The web application around the running parts: its endpoints, its pages, and the life of the server."""

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import orjson
from aiohttp import web

from server.accounts import api as accounts_api
from server.accounts import security_api, staff_api
from server.accounts.pages import LinkPages
from server.attachments import api as attachments_api
from server.attachments.pages import AttachmentPages
from server.audit import api as audit_api
from server.composition.opening import now
from server.composition.parts import Parts, open_parts, origins_of
from server.composition.publishing import Shown, attach_site
from server.config import Settings
from server.factors import api as factors_api
from server.federation import api as federation_api
from server.federation import pages as federation_pages
from server.files.pages import FilePages
from server.kernel.background import Background
from server.kernel.errors import DomainError
from server.kernel.fresh import FreshWindow
from server.people import api as people_api
from server.people.pages import PicturePages
from server.storage.errors import StorageError
from server.storage.mongo import look
from server.visits import api as visits_api
from server.web import openapi, ops
from server.web.binding import bound
from server.web.dispatch import MAX_BODY, Dispatcher
from server.web.endpoint import Endpoint
from server.web.middleware import make_middleware
from server.web.pages import Assets, Pages
from server.web.renewal import CookieRenewal
from server.web.requests import PATIENCE_S
from server.web.site.visit import Ways
from server.web.untaken import Untaken

_READY_S = 3.0
_MIB = 1024 * 1024


def api_of(parts: Parts, settings: Settings) -> list[Endpoint]:
    """Give every declared endpoint."""
    return [
        *accounts_api.endpoints(parts.accounts),
        *security_api.endpoints(parts.identity.recovery),
        *security_api.session_endpoints(parts.identity.sessions, parts.identity.recovery),
        *factors_api.endpoints(parts.proofs.factors),
        *federation_api.endpoints(
            federation_api.Offered(
                passkey=parts.proofs.factors.passkeys_offered,
                provider=parts.proofs.federation.name if parts.proofs.federation else None,
            )
        ),
        *visits_api.endpoints(parts.identity.visits),
        *staff_api.endpoints(parts.identity.staff, parts.sockets.is_online),
        *parts.talks.endpoints(),
        *parts.consenting.endpoints(),
        *parts.permitting.endpoints(),
        *people_api.endpoints(parts.people),
        *parts.review.endpoints(),
        *attachments_api.endpoints(parts.attachments, settings.attachment_mib * _MIB),
        *parts.filing.endpoints(),
        *parts.community.endpoints(),
        *parts.listening.endpoints(),
        *parts.insights.endpoints(),
        *parts.announcing.endpoints(),
        *parts.surveying.endpoints(),
        *parts.explaining.endpoints(),
        *parts.pledging.endpoints(),
        *parts.sealing.endpoints(),
        *parts.promising.endpoints(),
        *parts.desking.endpoints(),
        *parts.hooks.endpoints(),
        *parts.identifying.endpoints(),
        *parts.righting.endpoints(),
        *parts.erasing.endpoints(),
        *parts.retaining.endpoints(),
        *parts.responding.endpoints(),
        *audit_api.endpoints(parts.audit.checkpoints),
    ]


def build(settings: Settings, parts: Parts, *, demo: bool = False) -> web.Application:
    """Build the web application around running services."""
    origins = origins_of(settings)
    app = web.Application(
        client_max_size=MAX_BODY,
        middlewares=[
            make_middleware(
                parts.catalogues,
                parts.metrics,
                parts.observing,
                default_locale=settings.default_locale,
                embed_origins=settings.embed_origins,
                secure=settings.public_url.startswith("https:"),
            )
        ],
    )
    endpoints = api_of(parts, settings)
    freshness = FreshWindow(timedelta(minutes=settings.fresh_minutes), now)
    identity = parts.identity
    dispatcher = Dispatcher(
        identity.sessions,
        origins,
        settings.default_locale,
        freshness,
        identity.visits,
        parts.devices,
        identity.limiter,
    )
    app.router.add_routes(dispatcher.routes(endpoints))
    if parts.proofs.federation is not None:
        ways = federation_pages.routes(parts.proofs.federation, origins, parts.devices, dispatcher.set_cookies)
        app.router.add_routes(ways)

    async def is_store_ready() -> bool:
        try:
            await asyncio.wait_for(look(parts.client[settings.mongo_database]), _READY_S)
        except (DomainError, StorageError, TimeoutError):
            return False
        return True

    def refresh() -> None:
        for name, value in asdict(parts.pool.stats).items():
            parts.metrics.redactor(name, value)
        if identity.mail is not None:
            for name, value in asdict(identity.mail.stats).items():
                parts.metrics.mail(name, value)
        parts.observing.refresh()

    app.router.add_routes(
        ops.routes(
            is_store_ready=is_store_ready,
            is_redactor_ready=lambda: parts.pool.ready,
            metrics=parts.metrics,
            refresh=refresh,
            may_read_metrics=ops.MetricsDoor(settings.metrics_networks, settings.metrics_token, origins),
            api=orjson.dumps(openapi.document(endpoints, version("amanah"), parts.sockets.events)),
        )
    )
    assets = Assets()
    Pages(
        assets,
        parts.catalogues,
        default_locale=settings.default_locale,
        company_name=settings.company_name,
        visit_days=settings.visit_days,
        demo=demo,
    ).attach(app)
    LinkPages(
        identity.recovery, assets, parts.catalogues, origins, parts.devices, company=settings.company_name
    ).attach(app)
    PicturePages(parts.people).attach(app)
    AttachmentPages(parts.attachments, identity.sessions, origins).attach(app)
    FilePages(parts.filing.views, origins, identity.limiter).attach(app)
    attach_site(
        app,
        Ways(identity.sessions, origins, parts.devices, identity.visits, identity.limiter, dispatcher.set_cookies),
        assets,
        parts.catalogues,
        now,
        Shown(
            identity.accounts,
            parts.proofs.factors,
            parts.people,
            parts.community,
            parts.talks.notices,
            identity.limiter,
            parts.review,
            parts.listening,
            parts.insights,
            parts.announcing,
            parts.surveying,
            parts.promising,
            parts.hooks,
            freshness,
            parts.explaining,
            parts.pledging,
            parts.consenting,
            parts.permitting,
            parts.righting,
            parts.erasing,
            parts.retaining,
            parts.responding,
            parts.attachments,
            settings.attachment_mib * _MIB,
            parts.filing,
            parts.observing,
        ),
        default_locale=settings.default_locale,
        company=settings.company_name,
        alone=not settings.mongo_url,
    )
    parts.sockets.attach(app)
    CookieRenewal(origins, identity.sessions.lifetime, now).attach(app)
    return app


def keep_what_is_there() -> None:
    """Spare the collector the objects of now: code, tables and what was read at the start, which stay.

    There are some 300,000. To walk them again every few thousand messages took an eighth of the server's time, and a
    fifth of a second each time in which nobody was answered.
    """
    gc.collect()
    gc.freeze()


async def serve(
    settings: Settings, stopped: asyncio.Event, *, demo: Callable[[Parts, Path], Awaitable[None]] | None = None
) -> None:
    """Run the server until `stopped` is set, then finish what is in flight.

    Args:
        settings: all settings.
        stopped: set by the signal handlers.
        demo: fills an empty store before the doors open.

    Raises:
        AddressUnusable: it can't listen where it should. Nothing else was touched.
    """
    with bound(settings.host, settings.port) as sockets:
        await _serve(settings, stopped, sockets, demo)


async def _serve(
    settings: Settings,
    stopped: asyncio.Event,
    sockets: Sequence[socket.socket],
    demo: Callable[[Parts, Path], Awaitable[None]] | None,
) -> None:
    async with open_parts(settings) as parts:
        if demo is not None:
            await demo(parts, settings.data_dir)
        runner = web.AppRunner(
            build(settings, parts, demo=demo is not None),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=2.0,
            # Counts from the first moment of a connection too: who sends half of a request's head is not waited for.
            keepalive_timeout=PATIENCE_S,
        )
        await runner.setup()
        untaken = Background()
        untaken.start(Untaken(lambda: runner.server.connections if runner.server else ()).go_on(), name="untaken")
        try:
            sites = [web.SockSite(runner, each, backlog=1024) for each in sockets]
            for site in sites:
                await site.start()
            keep_what_is_there()
            port = runner.addresses[0][1]
            print(f"listening on http://{settings.host}:{port}", flush=True)  # noqa: T201 (the contract's ready line)
            await stopped.wait()
            for site in sites:
                await site.stop()
            await parts.sockets.close()
        finally:
            await untaken.stop()
            await runner.cleanup()
