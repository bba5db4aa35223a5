"""What an application does through Cisco's own Python client, against the sandbox. One line for each step; the last says how many."""

import sys

from webexpythonsdk import WebexAPI
from webexpythonsdk.exceptions import ApiError

base, token = sys.argv[1:]
api = WebexAPI(access_token=token, base_url=base, wait_on_rate_limit=False)
steps = []


def step(name, holds=True):
    assert holds, name
    steps.append(name)
    print("step:", name)


def refused(status, call):
    try:
        call()
    except ApiError as error:
        return error.status_code == status
    return False


step("people.me", api.people.me().emails == ["organizer@contoso.example"])

times = {"start": "2026-09-07T09:00:00+02:00", "end": "2026-09-07T09:45:00+02:00", "timezone": "Europe/Paris"}
window = {"from_": "2026-09-01T00:00:00Z", "to": "2026-10-01T00:00:00Z", "current": False}
made = api.meetings.create(title="Maths", sendEmail=False, integrationTags=["lesson-1"], **times)
step("meetings.create", made.title == "Maths" and made.start == times["start"])
step("meetings.get", api.meetings.get(made.id).webLink == made.webLink)
found = list(api.meetings.list(integrationTag="lesson-1", **window))
step("meetings.list by tag", [one.id for one in found] == [made.id])
for number in range(2, 14):
    api.meetings.create(title=f"Lesson {number}", sendEmail=False, **times)
pages = list(api.meetings.list(max=5, **window))
step("meetings.list over three pages", len({one.id for one in pages}) == 13)
step("meetings.create without an end", refused(400, lambda: api.meetings.create(title="x", start="2026-09-07T09:00:00Z", end="")))
wrong = {"start": "2026-09-07T09:00:00Z", "end": "2026-09-07T09:45:00Z", "timezone": "Asia/Calcutta"}
step("meetings.create with another zone's offset", refused(404, lambda: api.meetings.create(title="x", **wrong)))
changed = api.meetings.update(made.id, title="Physics", password="Aa1234@z", sendEmail=False, **times)
step("meetings.update", (changed.title, changed.start) == ("Physics", times["start"]))

ada = api.meeting_invitees.create(made.id, "ada@contoso.example", displayName="Ada", sendEmail=False)
step("meeting_invitees.create", ada.email == "ada@contoso.example")
again = lambda: api.meeting_invitees.create(made.id, "ada@contoso.example", sendEmail=False)
step("meeting_invitees.create again", refused(409, again))
for number in range(11):
    api.meeting_invitees.create(made.id, f"guest{number}@fabrikam.example", sendEmail=False)
step("meeting_invitees.list over pages", len(list(api.meeting_invitees.list(made.id, max=5))) == 12)
step("meeting_invitees.get", api.meeting_invitees.get(ada.id).displayName == "Ada")
changed = api.meeting_invitees.update(ada.id, "ada@contoso.example", coHost=True, sendEmail=False)
step("meeting_invitees.update", changed.coHost is True)
api.meeting_invitees.delete(ada.id)
step("meeting_invitees.delete", refused(404, lambda: api.meeting_invitees.get(ada.id)))

hook = api.webhooks.create(name="Ours", targetUrl="https://app.example/a", resource="meetings", event="ended", secret="0123456789abcdef")
step("webhooks.create", (hook.status, hook.event) == ("active", "ended"))
step("webhooks.get", api.webhooks.get(hook.id).targetUrl == "https://app.example/a")
step("webhooks.list", [one.id for one in api.webhooks.list()] == [hook.id])
changed = api.webhooks.update(hook.id, name="New", targetUrl="https://app.example/b", status="active")
step("webhooks.update", (changed.name, changed.targetUrl) == ("New", "https://app.example/b"))
refusal = lambda: api.webhooks.create(name="x", targetUrl="https://app.example/a", resource="meetings", event="joined")
step("webhooks.create with another resource's event", refused(400, refusal))
api.webhooks.delete(hook.id)
step("webhooks.delete", refused(404, lambda: api.webhooks.get(hook.id)))

api.meetings.delete(made.id)
step("meetings.delete", refused(404, lambda: api.meetings.get(made.id)))
step("meetings.delete again", refused(404, lambda: api.meetings.delete(made.id)))
step("an ended token", refused(401, lambda: WebexAPI(access_token="ended", base_url=base).people.me()))
print("steps:", len(steps))
