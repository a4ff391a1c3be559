"""Dated rate cards, and which of them prices an event."""

from datetime import UTC, datetime
from time import sleep
from typing import Any

from metering.aws.clients import make_dynamodb
from metering.aws.config import read_config
from metering.aws.rate_book import RateBook
from metering.aws.telemetry import count
from metering.domain.periods import stored
from metering.domain.rates import DEFAULT_SCOPE, Subject
from metering.flows.manage_rates import Memory, Place, Rates, Wanted, create_card, list_cards
from metering.http.answers import card_answer, resolution_answer
from metering.http.auditing import trail_of
from metering.http.cards import card_of, owner_of
from metering.http.dispatch import Handlers, Request, Response, serve
from metering.http.pages import page_of, read_cursor

CLIENT = make_dynamodb()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Lambda's own
    return serve(HANDLERS, event, context)


def _rates(request: Request) -> Rates:
    config = read_config()
    trail = trail_of(request, config.accounts_table, stored(datetime.now(UTC)))
    return Rates(CLIENT, config.rates_table, request.deadline, trail)


def _scopes(request: Request) -> tuple[str, ...]:
    project = request.caller.project
    return (project, DEFAULT_SCOPE) if project else (DEFAULT_SCOPE,)


def create(request: Request) -> Response:
    card = card_of(request.body, _scopes(request)[0])
    memory = Memory(read_config().rate_cache_seconds, sleep)
    created = create_card(_rates(request), card, datetime.now(UTC), memory)
    if created:
        count("RateCardCreated")
    return Response(201 if created else 200, card_answer(card))


def list_all(request: Request) -> Response:
    query = request.query
    wanted = Wanted(_scopes(request), owner_of(query.service, query.provider), query.model_id, query.at)
    places = read_cursor("rates", query.cursor, 3)
    found = list_cards(_rates(request), wanted, Place(*places) if places else None)
    page = page_of("rates", found, query.limit, answer=lambda row: card_answer(row[1]), places=lambda row: row[0])
    return Response(200, page)


def resolve(request: Request) -> Response:
    query = request.query
    book = RateBook(CLIENT, read_config().rates_table, seconds=0)
    subject = Subject(_scopes(request)[0], query.service, query.provider, query.model_id)
    found = book.resolve(subject, query.at or stored(datetime.now(UTC)), request.deadline)
    return Response(200, resolution_answer(found))


HANDLERS: Handlers = {
    "POST /v1/rates": create,
    "GET /v1/rates": list_all,
    "GET /v1/rates/resolve": resolve,
}
