"""Every view, in the order in which their tables are written."""

from projections.view import View
from projections.views.audience import AUDIENCE_VIEW
from projections.views.consents import CONSENTS_VIEW
from projections.views.consents_per_day import CONSENTS_PER_DAY_VIEW
from projections.views.disclosures import DISCLOSURES_VIEW
from projections.views.erasures_per_day import ERASURES_PER_DAY_VIEW
from projections.views.informed import INFORMED_VIEW
from projections.views.notices_due import NOTICES_DUE_VIEW
from projections.views.obligations import OBLIGATIONS_VIEW
from projections.views.open_requests import OPEN_REQUESTS_VIEW
from projections.views.profiles import PROFILES_VIEW
from projections.views.registrations_per_day import REGISTRATIONS_PER_DAY_VIEW
from projections.views.sign_ups import SIGN_UPS_VIEW
from projections.views.sign_ups_per_day import SIGN_UPS_PER_DAY_VIEW

VIEWS: tuple[View, ...] = (
    PROFILES_VIEW,
    CONSENTS_VIEW,
    SIGN_UPS_VIEW,
    AUDIENCE_VIEW,
    OPEN_REQUESTS_VIEW,
    NOTICES_DUE_VIEW,
    DISCLOSURES_VIEW,
    OBLIGATIONS_VIEW,
    INFORMED_VIEW,
    REGISTRATIONS_PER_DAY_VIEW,
    CONSENTS_PER_DAY_VIEW,
    SIGN_UPS_PER_DAY_VIEW,
    ERASURES_PER_DAY_VIEW,
)
