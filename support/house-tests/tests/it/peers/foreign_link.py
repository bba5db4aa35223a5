"""Lists meetings through Cisco's own Python client, to the last page."""

import sys

from webexpythonsdk import WebexAPI

base, token = sys.argv[1:]
api = WebexAPI(access_token=token, base_url=base, wait_on_rate_limit=False)
print("items:", len(list(api.meetings.list(max=10))))
