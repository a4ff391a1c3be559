"""Sign-in: a person whom an identity provider vouches for gets a key of their own that ends by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from metering.domain.accounts import Member
from metering.domain.errors import ForbiddenError, NotFoundError
from metering.flows.manage_members import get_member
from metering.flows.manage_projects import Accounts, NewKey, WantedKey, create_key

EMAIL: Final = "email"
MOST_CHARACTERS: Final = 200


def person_of(claims: Mapping[str, Any], claim: str) -> str:
    """The person that a verified token is about: the value of one of its claims. An address has to be verified too.

    Raises:
        ForbiddenError: the token does not say.
    """
    person = claims.get(claim)
    if not isinstance(person, str) or not person.isprintable() or not 0 < len(person) <= MOST_CHARACTERS:
        raise ForbiddenError(f"the token has no claim {claim} that could be a member's id")
    # The gateway hands claims on as text; a provider that leaves it out has verified nothing.
    if claim == EMAIL and str(claims.get("email_verified")).lower() != "true":
        raise ForbiddenError("the identity provider has not verified the token's email address")
    return person


def find_signer(accounts: Accounts, project_id: str, person: str) -> Member:
    """The member that a person is.

    Raises:
        ForbiddenError: none, or there is no such project; which of both is nobody's business.
    """
    try:
        return get_member(accounts, project_id, person)
    except NotFoundError:
        raise ForbiddenError(f"{person} is no member of the project {project_id}") from None


def sign_in(accounts: Accounts, project_id: str, member: Member, seconds: int, now: datetime) -> NewKey:
    """A key of the member's role that is bound to the member, for `seconds`."""
    return create_key(accounts, project_id, WantedKey("sign-in", member.role, member.user_id, seconds), now)
