"""The pages around the chat: language, theme, and what a page may not do."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import NewPage
from tests.e2e.screens import Widget

pytestmark = pytest.mark.xdist_group("e2e")


def test_the_public_page_speaks_two_languages(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator("[data-redacted] .chip")).to_have_text(
        ["nama 1 disembunyikan", "nomor telepon 1 disembunyikan"]
    )
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[data-redacted] .chip")).to_have_text(["name 1 hidden", "phone number 1 hidden"])
    page.get_by_role("link", name="Staff sign-in").click()
    expect(page.get_by_role("heading", name="Sign in to the support desk")).to_be_visible()


def test_the_chosen_theme_holds_for_the_chat_too(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.get_by_role("button", name="Tampilan: ikuti perangkat").click()
    expect(page.get_by_role("button", name="Tampilan: gelap")).to_be_visible()
    expect(page.locator("html")).to_have_css("background-color", "rgb(15, 21, 19)")
    page.goto("/widget")
    expect(page.locator("html")).to_have_css("background-color", "rgb(15, 21, 19)")


def test_the_button_of_the_page_opens_the_embedded_chat(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    page.locator("[data-open-chat]").click()
    frame = page.frame_locator("iframe").owner.element_handle().content_frame()
    assert frame is not None
    Widget(page, frame).agree()


def test_a_page_runs_no_script_of_its_own_text(new_page: NewPage) -> None:
    page = new_page()
    response = page.goto("/desk")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.locator("script:not([src]), [style], [onclick]").count() == 0
