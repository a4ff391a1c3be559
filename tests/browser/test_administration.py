"""What administrators do by hand: rates for unrated usage, exports, webhooks."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, day, records_in_statistics, views
from tests.local.running_cloud import ProjectClient, RunningCloud
from tests.local.waiting import eventually
from tests.webhook_receiver import answer, receiving

pytestmark = pytest.mark.local


def test_usage_without_a_rate_gets_one_and_is_priced(visit: Visit, cloud: RunningCloud) -> None:
    project = cloud.new_project()
    usage = {"inputTokens": 1000, "widgets": "2.5"}
    for number in range(3):
        project.record(idempotencyKey=f"{number}", service="acme", modelId="acme-1", usage=usage)
    eventually(lambda: records_in_statistics(project) == 3)
    visitor = visit(haste=10).signed_in(project.key, "#/unrated")
    row = visitor.row("acme-1")
    expect(row).to_contain_text("inputTokens 3,000")
    expect(row).to_contain_text("widgets 7.5")
    row.get_by_role("button").click()
    visitor.dialog().get_by_label("Price of inputTokens").fill("2")
    visitor.dialog().get_by_label("Price of widgets").fill("0.10")
    visitor.dialog().get_by_role("button", name="Make the card").click()
    price = visitor.dialog().get_by_role("button", name="Price 3 records")
    expect(price).to_be_visible()
    expect(visitor.dialog()).to_contain_text("from $0.00 to $0.7560")
    assert visitor.violations() == []
    assert views(project, "daily")["total"]["costUsd"] == "0"
    price.click()
    expect(visitor.page.get_by_text("Everything in this range has a rate.")).to_be_visible()
    [card] = project.get("/v1/rates", params={"service": "acme"}).json()["items"]
    assert card["metrics"]["inputTokens"] == {"priceUsd": "2", "per": 1_000_000, "category": "modelTokens"}
    assert card["effectiveFrom"].startswith(str(day(0)))
    records = project.get("/v1/usage/records", params={"service": "acme"}).json()["items"]
    usage_records = [record["recordId"] for record in records if not record["adjusts"]]
    stands = [project.get(f"/v1/usage/records/{record}/explain").json()["costUsd"] for record in usage_records]
    assert stands == ["0.252"] * 3


def test_an_export_is_started_followed_and_downloaded(visit: Visit, project: ProjectClient, tmp_path: Path) -> None:
    visitor = visit(haste=10).signed_in(project.key, "#/exports")
    visitor.button("New export").click()
    visitor.dialog().get_by_label("Rows").select_option("model")
    visitor.dialog().get_by_label("From").fill(str(day(5)))
    visitor.dialog().get_by_label("To", exact=True).fill(str(day(1)))
    visitor.dialog().get_by_role("button", name="Start").click()
    export = visitor.page.get_by_role("region", name="Export exp_").first
    expect(export).to_contain_text("CSV, by model")
    expect(export).to_contain_text("ready")
    [listed] = [one for one in project.get("/v1/exports").json()["items"] if one["groupBy"] == "model"]
    assert visitor.exact(export) == listed["costUsd"]
    [file] = [file for file in listed["files"] if file["kind"] == "data"]
    with visitor.page.expect_download() as download:
        export.get_by_role("link", name=f"Download {file['name']}").click()
    download.value.save_as(tmp_path / "file")
    assert hashlib.sha256((tmp_path / "file").read_bytes()).hexdigest() == file["sha256"]
    expect(export.get_by_title("SHA-256").filter(has_text=file["sha256"])).to_be_visible()


def test_a_webhook_is_made_tested_retried_and_removed(visit: Visit, cloud: RunningCloud) -> None:
    with receiving() as receiver:
        receiver.behave("/hook", answer(200, b"<b>thanks</b>"))
        visitor = visit(haste=10).signed_in(cloud.new_project().key, "#/webhooks")
        visitor.button("New webhook").click()
        visitor.dialog().get_by_label("URL").fill(receiver.url("/hook"))
        visitor.dialog().get_by_label("session.paused").check()
        visitor.dialog().get_by_role("button", name="Create").click()
        secret = visitor.dialog().locator("code").inner_text()
        assert visitor.violations() == []
        receiver.know("/hook", secret)
        visitor.dialog().get_by_role("button", name="Close").click()
        visitor.page.get_by_role("link", name=receiver.url("/hook")).click()
        visitor.button("Send a test").click()
        expect(visitor.row("webhook.test")).to_contain_text("succeeded")
        assert receiver.take().verified_by == [0]

        visitor.page.get_by_role("link", name="webhook.test").click()
        expect(visitor.page.get_by_role("table", name="Attempts")).to_contain_text("<b>thanks</b>")
        visitor.button("Retry webhook.test").click()
        assert receiver.take().verified_by == [0]
        expect(visitor.page.get_by_role("table", name="Attempts").locator("tbody tr")).to_have_count(2)

        visitor.button("New secret").click()
        visitor.dialog().get_by_role("button", name="New secret").click()
        expect(visitor.dialog().locator("code")).not_to_have_text(secret)
        visitor.dialog().get_by_role("button", name="Close").click()
        visitor.button("Remove").click()
        visitor.dialog().get_by_role("button", name="Remove").click()
        expect(visitor.page.get_by_text("There is no webhook yet.")).to_be_visible()
