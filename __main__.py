"""trailwarden: alarms on audit trails, and guardians that put a stopped trail back.

Not here on purpose: waiting for the mail subscriptions. A person has to confirm them, and a deployment would hang.
"""

import pulumi

from components import (
    Channels,
    Dashboard,
    GuardedTrail,
    Home,
    check_account,
    check_concurrency,
    exports,
    find_organization,
)
from settings import Settings, SettingsError

try:
    settings = Settings.from_pulumi()
    check_account(settings)
    check_concurrency(settings)
    organization_id = find_organization(settings)
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None  # it lists every problem; a traceback would bury the list

home = Home.look_up(
    stack=settings.stack,
    region=settings.home_region,
    own_tags=settings.trail.tags,
    organization_id=organization_id,
    runbooks=settings.alerts.runbook_base,
)
channels = {region: Channels(home.at(region), settings=settings) for region in settings.home_regions}
guarded = [GuardedTrail(site, settings=settings, channels=channels[site.region]) for site in settings.trails]

# No trail starts before all is ready: what is called earlier is not recorded, and rings no alarm of ours.
ready = [part for each in (*channels.values(), *guarded) for part in each.is_ready]
for each in guarded:
    each.guard(after=ready, beside=guarded)

for name, value in exports(settings, channels=channels, guarded=guarded).items():
    pulumi.export(name, value)
if settings.dashboard:
    pulumi.export("dashboardUrl", Dashboard("dashboard", home=home, settings=settings, guarded=guarded).url)
