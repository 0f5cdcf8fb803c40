select
    domain,
    reason,
    rows_rejected
from core.rejection_reasons
order by rows_rejected desc, domain, reason
