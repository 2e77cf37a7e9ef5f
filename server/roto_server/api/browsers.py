"""What a browser is called in a list of sign-ins."""

from __future__ import annotations

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
             ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iOS"), ("Mac OS", "macOS"),
            ("Android", "Android"), ("Linux", "Linux"))  # fmt: skip


def browser_name(user_agent: str) -> str:
    """For instance "Firefox on Linux"; "A browser" when it does not say."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser
