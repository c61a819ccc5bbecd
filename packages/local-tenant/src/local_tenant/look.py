"""What the tenant's page and its login pages look like: addresses of the style sheet and the icon."""

PREFIX = "/_page"
STYLE = f"{PREFIX}/assets/page.css"
ICON = f"{PREFIX}/assets/icon.svg"
