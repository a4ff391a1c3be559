"""Every example of the command line, given in order to the running local cloud."""

import json
from string import Template
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from local.cli import app
from local.commands.api.catalogue import CATALOGUE
from local.commands.api.commands import words_of
from tests.local.running_cloud import RunningCloud

pytestmark = pytest.mark.local

GIVES = {
    "createApiKey": {"KEY_ID": "keyId"},
    "recordUsage": {"RECORD_ID": "recordId"},
    "startRerating": {"JOB_ID": "jobId"},
    "createExport": {"EXPORT_ID": "exportId"},
    "createWebhook": {"WEBHOOK_ID": "webhookId"},
    "testWebhook": {"DELIVERY_ID": "deliveryId"},
}
"""What later examples need of an answer."""
REFUSED = {"signIn"}
"""The shared cloud has no identity provider."""


class Shell:
    """Gives commands to one cloud with one project's key; `variables` as in a reader's shell."""

    def __init__(self, cloud: RunningCloud) -> None:
        project = cloud.new_project()
        self.key = project.key
        self.variables = {"ADMIN_KEY": cloud.admin_key, "ID_TOKEN": "a.b.c", "PROJECT_ID": project.project_id}
        self._environment = {"METERING_URL": cloud.url, "METERING_API_KEY": self.key}

    def give(self, line: str, *more: str) -> Result:
        text = Template(line).substitute(self.variables)
        environment = dict(self._environment)
        if text.startswith("METERING_API_KEY="):
            environment["METERING_API_KEY"] = text.partition("=")[2].split()[0]
        return CliRunner().invoke(app, [*words_of(text), *more], env=environment)

    def json(self, line: str) -> Any:
        result = self.give(line, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def shell(cloud: RunningCloud) -> Shell:
    return Shell(cloud)


def test_every_example_does_what_it_says(shell: Shell) -> None:
    for operation, shown in CATALOGUE.items():
        for example in shown.examples:
            wanted = GIVES.get(operation, {})
            result = shell.give(example, *(["--json"] if wanted else []))
            assert result.exit_code == (1 if operation in REFUSED else 0), (example, result.output)
            assert shell.key not in result.output
            if wanted:
                answer = json.loads(result.stdout)
                shell.variables |= {name: answer[field] for name, field in wanted.items()}
            else:
                assert result.output.strip(), example


def test_what_is_printed_as_json_is_the_apis_own_answer(shell: Shell) -> None:
    shell.json("metering sessions create --user-id ada --session-id ses_1 --max-cost 5.00/day --thresholds 80")
    limits = shell.json("metering sessions limits ses_1")
    assert limits["maxCost"]["limitUsd"] == "5"
    assert limits["maxCost"]["period"] == "day"
    assert shell.json("metering sessions set-limits ses_1 --max-cost null")["maxCost"] is None
    assert shell.give("metering agents end ses_1 nobody").exit_code == 1


def test_every_page_of_a_list_is_fetched_where_all_is_wanted(shell: Shell) -> None:
    for number in range(3):
        shell.json(f"metering members set user_{number} --role member")
    page = shell.json("metering members list --limit 2")
    assert len(page["items"]) == 2
    assert page["nextCursor"]
    assert len(shell.json("metering members list --limit 2 --all")["items"]) == 4


def test_a_body_may_be_given_whole_and_changed_by_options(shell: Shell) -> None:
    made = shell.json('metering keys create --body \'{"name": "a", "role": "member"}\' --role ingest')
    assert (made["name"], made["role"]) == ("a", "ingest")


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("metering sessions show nothing", 1, "not_found"),
        ("metering members set owner --role member", 1, "last_owner"),
        ("metering keys create --name ci", 2, "--role"),
        ("metering keys create --name ci --role boss", 2, "boss"),
        ("metering keys create --name ci --role ingest --expires-in-seconds 5", 2, "expiresInSeconds"),
        ("metering keys create --name ci --role ingest --expires-in-seconds soon", 2, "--expires-in-seconds"),
        ("metering keys create --body nonsense", 2, "--body"),
        ("metering sessions create --user-id ada --max-cost 5.001/day", 2, "cents"),
        ("metering usage daily --from 2026-11-30 --to 2026-11-01", 2, "malformed_request"),
        ("metering project show --key wrong", 1, "unauthenticated"),
        ("metering project show --url http://127.0.0.1:1", 3, "cannot be reached"),
    ],
)
def test_the_exit_code_and_a_sentence_say_what_went_wrong(shell: Shell, line: str, code: int, says: str) -> None:
    result = shell.give(line)
    assert result.exit_code == code, result.output
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_limit_without_room_is_told_with_its_figures(shell: Shell) -> None:
    session = shell.json("metering sessions create --user-id broke --max-cost 5.00/day")["sessionId"]
    refused = shell.give(f"metering holds open {session} --cost-usd 100")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[1] == "maxCost: limit 5, used 0, held 0, remaining 5"


def test_a_fault_is_told_once(shell: Shell) -> None:
    one = shell.give("metering usage by-user --limit 0")
    assert one.stderr.count("limit: must be at least 1") == 1
    two = shell.give("metering usage daily --from 2026-13-01 --to 2026-13-02")
    assert [two.stderr.count(f"{name}: must be") for name in ("from", "to")] == [1, 1]
